package io.chainrule.core.execution;

import java.util.BitSet;

/**
 * What a run finds out about values beside computing them.
 *
 * @param finite nodes whose computed values are checked for infinities and NaNs; inputs and constants are not checked
 * @param zeros nodes of which the run notes whether every element is zero
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
