package io.chainrule.benchmark;

/** One way of doing a piece of work. */
interface Contender {
    /** Does the work once. Returns something that depends on it, so that no compiler leaves it out. */
    Object run() throws Exception;

    /** The numbers that the last run came to, by which contenders are compared. */
    double[] results();

    /** A contender written in Java: a function that returns its results. */
    static Contender of(Work work) {
        return new Contender() {
            private double[] results = {};

            @Override
            public Object run() throws Exception {
                results = work.run();
                return results;
            }

            @Override
            public double[] results() {
                return results;
            }
        };
    }

    /** Work of another kind that takes as long as ours may take, such as a copy of the same bytes: its results are not compared. */
    static Contender ofTime(Work work) {
        return new Contender() {
            @Override
            public Object run() throws Exception {
                return work.run();
            }

            @Override
            public double[] results() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean isCompared() {
                return false;
            }
        };
    }

    /** Whether the results are those of ours. */
    default boolean isCompared() {
        return true;
    }

    /** Work that returns its results. */
    @FunctionalInterface
    interface Work {
        double[] run() throws Exception;
    }
}
