package io.chainrule.core.graph;

/** How the derivative of an op follows from what its author wrote. */
public enum Family {
    /** Inputs, constants and literals. */
    LEAF,
    /** One result element from one element of each operand, broadcast; derivatives are diagonal. */
    ELEMENTWISE,
    /** Linear and moving data only: every result element is an operand element or 0. */
    MOVEMENT,
    /** Linear in all operands; the transpose is the VJP, the op itself the JVP. */
    LINEAR,
    /** Linear in each of two operands. */
    BILINEAR,
    /** Has rules of its own. */
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
