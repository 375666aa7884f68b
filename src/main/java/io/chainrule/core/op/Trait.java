package io.chainrule.core.op;

/** A property of an op, whatever its attributes are, that code which rewrites, explains or builds graphs asks for. */
public enum Trait {
    /** The value is finite wherever the operands are, as long as these are not so large that sums and products overflow. */
    FINITE,
    /** As {@link #FINITE}, except that operands of a few hundred overflow. */
    OVERFLOWS,
    /** The value is zero at isolated points only, or where an operand is zero; so it does not choose between branches. */
    ISOLATED_ZEROS,
    /** The value is zero at isolated points only, and none of them is where an operand is zero. */
    NONZERO_AT_ZERO,
    /** An element of the value is zero only where one of an operand is; where none is, it is too small for a double. */
    ZERO_BY_OPERANDS,
    /** The derivative is zero only where it is too small for a double; {@link OpDefinition#vanishing} says so. */
    SATURATES,
    NONNEGATIVE,
    POSITIVE,
    /** A polynomial of the operands: it has no kink or singularity at which a rounding error would decide. */
    POLYNOMIAL,
    /** Where the value is zero, so is the derivative. */
    CLOSED_AT_ZERO,
    /** Where the value is that of one operand, and not of the other, the derivative by the other is zero. */
    CLOSED_AT_OPERAND,
    /** Each element of the value is one of the operands' elements, chosen by their values: the gradient goes to that one alone. */
    ROUTES,
    /** Rounds nothing: the value has the digits of its first operand. */
    EXACT,
    /** Rounds at nearly all operands. */
    ROUNDED,
    /** The plain sum of all elements. */
    TOTAL,
    /** A row of the value is made from the same row of the first operand, if that is a matrix. */
    ROW_BY_ROW,
    /** Solves equations with the matrices of the first operand. */
    SOLVES,
    /** The value may be the elements of the operand themselves in NumPy or PyTorch, as a slice is, so that a change of one changes both. */
    VIEW,
    /** Counts the same elements anew, or repeats them along new axes, which a textbook does not write. */
    STRETCHES,
    /** Adds its operands to zeros, each at its place; a textbook writes the place as an index. */
    PLACES,
    /** The transpose of another op, of which derivatives are made; nobody writes it. */
    ADJOINT,
    /** Adds up terms of one kind, so that the value can be zero where no term is. */
    SUMS,
    /** The two operands can be exchanged. */
    COMMUTATIVE,
    /** Can be the activation of a layer. */
    ACTIVATION,
    /** The value is 0 or 1, a truth value. */
    TRUTH_VALUE,
    /** Compares the first two operands element by element, so that broadcasting one of them is hardly ever intended. */
    COMPARES,
    /** The second operand may hold class labels, in which case attribute {@code axis} of the first is the axis of the classes. */
    CLASS_LABELS
}
