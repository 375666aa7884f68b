package io.chainrule.core.expression;

/**
 * What a node of a {@link SyntaxTree} is. Nodes stand in the order in which they are evaluated: operands before what is made
 * of them. What may evaluate its parts in another way than as operands begins with a node that says so.
 */
enum Syntax {
    NUMBER,
    /** A name that is read, be it a value, a constant or a number that is known at once. */
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
    /** A dot and a name behind the operand; the token is the dot, {@code extent} the token of the name. */
    MEMBER,
    /** Begins a list; {@code extent} is the node that ends it, 0 where the text breaks off before. */
    LIST,
    /** Ends a list of {@code extent} items; the token is the opening bracket. */
    ITEMS,
    /** Begins a call by the name of what is called, perhaps a path as in {@code np.exp}, whose last token is {@code extent}. */
    CALLEE,
    /** Begins an argument that has this name; {@code extent} is the node behind it, 0 where the text breaks off before. */
    KEYWORD,
    /** Ends a call of {@code extent} arguments; the token is the callee's. */
    CALL,
    /** Begins the index of the operand; {@code extent} is the node that ends it, 0 where the text breaks off before. */
    INDEX,
    /** Stands for a bound that a slice does not have. */
    ABSENT,
    /** A slice of {@code extent} bounds: start, stop, and perhaps step; the token is its first. */
    SLICE,
    ELLIPSIS,
    /** Ends an index of {@code extent} items; the token is the opening bracket. */
    SUBSCRIPT
}
