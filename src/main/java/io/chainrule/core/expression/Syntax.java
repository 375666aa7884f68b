package io.chainrule.core.expression;

/**
 * The kinds of nodes of a {@link SyntaxTree}. Nodes are in postorder: the operands of an operation come before it. A construct whose
 * parts are not always evaluated as operands, such as a list, a keyword argument or an index, also has a node at its beginning, at
 * which the evaluator decides how to evaluate the parts.
 */
enum Syntax {
    NUMBER,
    /** A name that is read: that of a value, a constant, a loop variable or a parameter. */
    NAME,
    /** A text in quotes. */
    TEXT,
    /** A plus sign before the operand. */
    PLUS,
    /** A minus sign before the operand. */
    MINUS,
    /** Parentheses around the operand. */
    GROUP,
    /** An operator between two operands; the token tells which. */
    INFIX,
    /** A dot and a name after the operand; the token is the dot, {@code extent} the token of the name. */
    MEMBER,
    /** Begins a list; {@code extent} is the node that ends it, or 0 if a syntax error comes first. */
    LIST,
    /** Ends a list of {@code extent} items; the token is the opening bracket. */
    ITEMS,
    /** Begins a call; the tokens from this one to {@code extent} are the name of what is called, perhaps a path as in {@code np.exp}. */
    CALLEE,
    /** Begins a keyword argument; {@code extent} is the node after its value, or 0 if a syntax error comes first. */
    KEYWORD,
    /** Ends a call of {@code extent} arguments; the token is the callee's. */
    CALL,
    /** Begins the index of the operand; {@code extent} is the node that ends it, or 0 if a syntax error comes first. */
    INDEX,
    /** A bound of a slice that is left out. */
    ABSENT,
    /** A slice of {@code extent} bounds: start, stop, and perhaps step; the token is the first one of the slice. */
    SLICE,
    ELLIPSIS,
    /** Ends an index of {@code extent} items; the token is the opening bracket. */
    SUBSCRIPT
}
