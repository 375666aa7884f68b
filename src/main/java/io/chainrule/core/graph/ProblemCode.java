package io.chainrule.core.graph;

import java.util.Locale;

/** What can be wrong with a program or its values. */
public enum ProblemCode {
    SYNTAX_ERROR,
    UNKNOWN_OP,
    UNKNOWN_NODE,
    MISSING_INPUT,
    MISSING_OUTPUT,
    DUPLICATE_ID,
    CYCLE,
    WRONG_ARITY,
    BAD_ATTRIBUTE,
    SHAPE_MISMATCH,
    NOT_SCALAR,
    SINGULAR_MATRIX,
    INVALID_VALUE;

    /** The code in responses, such as {@code shape-mismatch}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
