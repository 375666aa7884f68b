package io.chainrule.core.kernel;

import java.util.function.IntConsumer;

/** Runs parts of a work that do not depend on each other, so that no result depends on how many threads there are. */
public interface Parallel {
    /** All parts on the caller's thread. */
    Parallel NONE = new Parallel() {
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
    };

    /** How many parts can run at the same time. */
    int threads();

    /** Runs {@code part} for 0 … parts − 1, and returns when all have ended. What one of them throws is thrown here. */
    void run(int parts, IntConsumer part);

    /** Shares 0 … n − 1 among the threads, in runs that begin at multiples of {@code unit}. */
    default void share(int n, int unit, Run run) {
        int units = (n + unit - 1) / unit;
        int parts = Math.min(threads(), units);
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
