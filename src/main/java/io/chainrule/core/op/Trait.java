package io.chainrule.core.op;

/** What holds for an op whatever its attributes are, where those who rewrite, explain or combine graphs need to know. */
public enum Trait {
    /** The value is finite wherever the operands are, as long as these are not so large that sums and products overflow. */
    FINITE,
    /** As {@link #FINITE}, but operands of a few hundred overflow already. */
    OVERFLOWS,
    /** The value is zero at isolated points only, or where an operand is zero; so it does not choose between branches. */
    ISOLATED_ZEROS,
    /** The value is zero at isolated points only, and none of them is where an operand is zero. */
    NONZERO_AT_ZERO,
    NONNEGATIVE,
    POSITIVE,
    /** A polynomial of the operands, so that neither a kink nor a singularity makes rounding errors matter more. */
    POLYNOMIAL,
    /** Two operands may change places. */
    COMMUTATIVE,
    /** May stand behind a layer of a network. */
    ACTIVATION,
    /** Compares the first two operands element by element, so that one which is stretched to the other is hardly meant. */
    COMPARES,
    /** The second operand may hold class labels, in which case attribute {@code axis} of the first is the axis of the classes. */
    CLASS_LABELS
}
