package io.chainrule.core.kernel;

/**
 * Measures how long {@link Math#fma} takes on this machine. All products and elementary functions use it. Where the processor has no
 * instruction for it, the JDK computes it with {@link java.math.BigDecimal}, which takes microseconds.
 */
public final class FusedMultiplyAdd {
    /** About how many operations take as long as one fma without an instruction. */
    private static final long SLOW = 1000;
    private static final long SLOW_NANOS = 1000;
    private static final int CALLS = 100;
    private static final int ROUNDS = 5;

    private static final boolean IS_FAST = measure() < SLOW_NANOS;

    private FusedMultiplyAdd() {}

    /** Whether the processor has an instruction for it. */
    public static boolean isFast() {
        return IS_FAST;
    }

    /** How many operations it counts for. */
    public static long cost() {
        return IS_FAST ? 1 : SLOW;
    }

    /** The least time of a call in nanoseconds. The interpreter uses the instruction too, so nothing has to be compiled before. */
    private static long measure() {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            double sum = 1.0 / 3;
            for (int i = 0; i < CALLS; i++) {
                sum = Math.fma(sum, 0.7, 0.1);
            }
            long nanos = System.nanoTime() - start;
            best = sum > 0 ? Math.min(best, nanos / CALLS) : best;
        }
        return best;
    }
}
