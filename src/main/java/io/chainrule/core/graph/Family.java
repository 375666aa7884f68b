package io.chainrule.core.graph;

/** How the derivative of an op follows from what its author wrote. */
public enum Family {
    /** Inputs, constants and literals. */
    LEAF,
    /** Each result element is computed from one element of each operand, after broadcasting; derivatives are diagonal. */
    ELEMENTWISE,
    /** Linear, and only moves data: every result element is an element of an operand or 0. */
    MOVEMENT,
    /** Linear in all operands together: the transpose is the VJP, the op itself the JVP. */
    LINEAR,
    /** Linear in each of two operands. */
    BILINEAR,
    /** Has its own derivative rules. */
    CUSTOM,
    /** A circuit of other ops, whose derivative follows from theirs. */
    COMPOSITE;

    /** Whether local Jacobians are worth showing as arrays. */
    public boolean mixesElements() {
        return switch (this) {
            case LINEAR, BILINEAR, CUSTOM, COMPOSITE -> true;
            case LEAF, ELEMENTWISE, MOVEMENT -> false;
        };
    }
}
