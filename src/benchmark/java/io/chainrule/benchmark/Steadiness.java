package io.chainrule.benchmark;

import java.util.concurrent.Callable;

/**
 * Tells when a contender is warm.
 *
 * @param patience how many trials in a row must be no faster than the best before them
 * @param most how many trials there are in all
 */
record Steadiness(int patience, int most) {
    private static final double FASTER = 1.03;

    /** Repeats a trial, which returns how much work it did in a time, until more trials do no more. */
    void await(Callable<Double> trial) throws Exception {
        double best = 0;
        int noFaster = 0;
        for (int i = 0; i < most && noFaster < patience; i++) {
            double rate = trial.call();
            noFaster = rate > FASTER * best ? 0 : noFaster + 1;
            best = Math.max(best, rate);
        }
    }
}
