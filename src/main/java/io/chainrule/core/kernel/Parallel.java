package io.chainrule.core.kernel;

import java.util.function.IntConsumer;

/** Runs independent parts of one computation, on several threads if there are any. Results do not depend on how many there are. */
public interface Parallel {
    /** Runs all parts on the caller's thread. */
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

    /** Runs {@code part} for 0 … parts − 1 and returns when all have ended. An exception that a part throws is thrown here. */
    void run(int parts, IntConsumer part);

    /** Divides 0 … n − 1 among the threads. Each gets consecutive numbers, which begin at a multiple of {@code unit}. */
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

    /** Does the work for the numbers from {@code from} (inclusive) to {@code end} (exclusive). */
    @FunctionalInterface
    interface Run {
        void run(int from, int end);
    }
}
