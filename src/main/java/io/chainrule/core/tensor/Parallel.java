package io.chainrule.core.tensor;

import java.util.function.IntConsumer;

/**
 * Runs parts of a work that do not depend on each other, on one thread or on several. The parts never depend on the number of threads in
 * a way that changes a result. All of the threads ask it whether the work may go on.
 */
public interface Parallel extends Checkpoint {
    /** More parts than threads, so that a thread that comes late, or is slower, takes fewer of them. */
    int PARTS_A_THREAD = 4;

    /** All parts on the caller's thread, which nothing stops. */
    Parallel NONE = onThisThread(Checkpoint.NONE);

    /** All parts on the caller's thread. */
    static Parallel onThisThread(Checkpoint checkpoint) {
        return new Parallel() {
            @Override
            public int threads() {
                return 1;
            }

            @Override
            public void run(int parts, IntConsumer part) {
                for (int i = 0; i < parts; i++) {
                    part.accept(i);
                }
            }

            @Override
            public void check() {
                checkpoint.check();
            }
        };
    }

    /** How many parts can run at the same time. */
    int threads();

    /** The same, but with no more than so many parts at the same time. */
    default Parallel atMost(int threads) {
        return threads >= threads() ? this : new FewerThreads(this, threads);
    }

    /** The number of items that make a part worth another thread, if each item takes so many operations. */
    default int grain(long operationsAnItem) {
        return Math.clamp(operationsAPart() / Math.max(1, operationsAnItem), 1, Integer.MAX_VALUE);
    }

    /** That number, rounded up to a multiple of {@code unit}. */
    default int grain(long operationsAnItem, int unit) {
        return Math.min(Math.ceilDiv(grain(operationsAnItem), unit), Integer.MAX_VALUE / 2 / unit) * unit;
    }

    /**
     * How many operations make a part worth another thread. They take about 0.3 ms. With a quarter of them, two threads took longer for a
     * step of a small convolutional network than one: the second thread often woke up when the loop was at its end.
     */
    default int operationsAPart() {
        return 1 << 20;
    }

    /**
     * Runs {@code part} for 0 … parts − 1, and returns when all have ended. What one of them throws is thrown here. Parts must not run
     * parts of their own.
     */
    void run(int parts, IntConsumer part);

    /**
     * Shares 0 … n − 1 among the threads, in runs that begin at multiples of {@code unit}; each thread has one call of {@code run} for each
     * part that it takes.
     */
    default void share(int n, int unit, Run run) {
        int units = Math.ceilDiv(n, unit);
        int parts = threads() == 1 ? 1 : Math.min(PARTS_A_THREAD * threads(), units);
        if (parts <= 1) {
            run.run(0, n);
        } else {
            run(parts, part -> run.run(start(part, parts, units) * unit, Math.min(n, start(part + 1, parts, units) * unit)));
        }
    }

    private static int start(int part, int parts, int units) {
        return (int) ((long) units * part / parts);
    }

    /** The work for the numbers from {@code from} to before {@code end}. */
    @FunctionalInterface
    interface Run {
        void run(int from, int end);
    }
}
