package io.chainrule.core.execution;

import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * What a run finds out about values beside computing them.
 *
 * @param finite nodes whose values are looked at for infinities and NaNs; leaves are looked at by whoever places them
 * @param zeros nodes of which the run notes whether every element is zero
 */
public record Checks(BitSet finite, BitSet zeros) {
    public static final Checks NONE = new Checks(new BitSet(), new BitSet());

    public static Checks finite(BitSet nodes) {
        return new Checks(nodes, new BitSet());
    }

    /** The same of those nodes alone for which {@code wanted} holds. */
    Checks within(IntPredicate wanted) {
        return new Checks(within(finite, wanted), within(zeros, wanted));
    }

    private static BitSet within(BitSet nodes, IntPredicate wanted) {
        BitSet copy = (BitSet) nodes.clone();
        nodes.stream().filter(wanted.negate()).forEach(copy::clear);
        return copy;
    }
}
