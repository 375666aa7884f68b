package io.chainrule.core.grade;

import java.util.Locale;

/** What is wrong with a line, from what names it most exactly to what names it least. Codes in answers are the names in lower case. */
public enum Mistake {
    /** The claim is not finite where the gradient is. */
    NOT_FINITE,
    /** At a kink, the claim is none of the subgradients. */
    OUTSIDE_SUBGRADIENTS,
    /** The right numbers in another shape, or a shape that fits nothing. */
    WRONG_SHAPE,
    /** The claim has one value for each sample, or for each entry of an axis, where it should have their sum. */
    MISSING_SUM,
    /** The claim is a sum over entries that each have a gradient of their own. */
    EXTRA_SUM,
    TRANSPOSED,
    /** A sum, or the like, goes along another axis. */
    WRONG_AXIS,
    SIGN,
    /** Of several ways from the node to the output, some are left out. */
    MISSING_PATH,
    /** A way to the output is counted twice. */
    REPEATED_PATH,
    /** The Jacobian of a gate such as softmax is taken for its diagonal, as if each entry depended on one entry alone. */
    DIAGONAL_JACOBIAN,
    /** The gradient goes to the operand that was not chosen. */
    WRONG_BRANCH,
    /** The branch that the user's inputs take is written down, so that others get it too. */
    FIXED_BRANCH,
    /** The local gradient is computed from the input of a gate where it is written in terms of its output. */
    INPUT_FOR_OUTPUT,
    OUTPUT_FOR_INPUT,
    /** Two operands of a gate are exchanged. */
    SWAPPED_OPERANDS,
    /** The line begins with the gradient of another node. */
    WRONG_UPSTREAM,
    MISSING_CONSTANT_FACTOR,
    MISSING_FACTOR,
    EXTRA_FACTOR,
    WRONG_CONSTANT,
    /** Another value is read than the right one. */
    WRONG_VALUE,
    /** A multiplication for a division, or the like. */
    WRONG_OPERATION,
    /** Of a difference or a sum, a term is left out. */
    MISSING_TERM,
    /** The claim is zero, and the gradient is not. */
    ZERO,
    /** The line is right of variances that divide by n, and the program's divide by n − 1. */
    UNBIASED_VARIANCE,
    /** No known mistake fits. */
    OTHER;

    /** The code in answers. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
