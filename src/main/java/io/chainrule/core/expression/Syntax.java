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
    /** Ends parentheses around one operand. */
    GROUP,
    /** An operator between two operands; the token tells which. If {@code extent} is 1, the right operand is compared once more. */
    INFIX,
    /** All of {@code extent} comparisons, as in {@code a < b < c}. */
    CHAIN,
    /** A product of two operands without a sign; the token begins the right one. */
    PRODUCT,
    AND,
    OR,
    NOT,
    /** {@code a if condition else b}, of three operands in this order. */
    CONDITIONAL,
    /** A root sign before the operand; the token tells which root. */
    ROOT,
    /** A superscript behind the operand: a power or the transpose. {@code extent} is 1 behind a call, as in {@code sin²(x)}. */
    SUPERSCRIPT,
    /** Ends bars around an operand. */
    ABS,
    /** Ends double bars around an operand; {@code extent} is the token of the norm's order, or 0. */
    NORM,
    /** A dot and a name after the operand; the token is the dot, {@code extent} the token of the name. */
    MEMBER,
    /** Begins a list or parentheses; {@code extent} is the ITEMS or GROUP that ends it, or 0 if a syntax error comes first. */
    LIST,
    /** Ends a list or tuple of {@code extent} items; the token is the opening bracket. */
    ITEMS,
    /**
     * Begins a comprehension, in which one expression is evaluated for each item; {@code extent} is the FOR node behind that expression.
     */
    EACH,
    /** Begins what an EACH counts over: a constant expression up to {@code extent}, exclusive. The token is the name that counts. */
    FOR,
    /** Begins the condition on what the FOR before it counts, up to {@code extent}, exclusive. */
    FILTER,
    /** Begins a call; the tokens from this one to {@code extent} are the name of what is called, perhaps a path as in {@code np.exp}. */
    CALLEE,
    /** Begins a call of a method of the operand; the token is the method's name. */
    METHOD,
    /**
     * Begins an argument without a name, or an item of an index that may be an array; {@code extent} is the node after its value, or 0 if a
     * syntax error comes first.
     */
    ARGUMENT,
    /** Begins a keyword argument; {@code extent} is the node after its value, or 0 if a syntax error comes first. */
    KEYWORD,
    /** Ends a call of {@code extent} arguments; the token is the callee's. */
    CALL,
    /** Asks for the gradient of the call before it, as {@code jax.grad(f)(x)} does. */
    GRADIENT,
    /** Begins the index of the operand; {@code extent} is the node that ends it, or 0 if a syntax error comes first. */
    INDEX,
    /** Begins the index of the operand, of which elements are assigned; {@code extent} is the node that ends it. */
    TARGET,
    /** Ends an assignment to elements, whose new value is the operand; the token is the sign. */
    ASSIGNMENT,
    /** A bound of a slice that is left out. */
    ABSENT,
    /** A slice of {@code extent} bounds: start, stop, and perhaps step; the token is the first one of the slice. */
    SLICE,
    ELLIPSIS,
    /** Ends an index of {@code extent} items; the token is the opening bracket. */
    SUBSCRIPT
}
