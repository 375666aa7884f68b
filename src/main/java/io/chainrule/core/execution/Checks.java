package io.chainrule.core.execution;

import java.util.BitSet;

/**
 * What a run checks about the values that it computes.
 *
 * @param finite the nodes whose computed values are checked for infinities and NaNs; inputs and constants are not checked
 * @param zeros the nodes for which the run records whether all elements are zero
 */
public record Checks(BitSet finite, BitSet zeros) {
    public static final Checks NONE = new Checks(new BitSet(), new BitSet());

    public static Checks finite(BitSet nodes) {
        return new Checks(nodes, new BitSet());
    }

    /** The same checks, restricted to {@code nodes}. */
    Checks within(BitSet nodes) {
        Checks copy = new Checks((BitSet) finite.clone(), (BitSet) zeros.clone());
        copy.finite.and(nodes);
        copy.zeros.and(nodes);
        return copy;
    }
}
