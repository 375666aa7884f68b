package io.chainrule.load;

import java.util.Arrays;

/** What became of the requests of one kind. */
final class Tally {
    private double[] milliseconds = new double[1_024];
    private int answered;
    private int refused;
    private int late;
    private int others;
    private int skipped;

    synchronized void add(int status, double took) {
        switch (status) {
            case 200 -> {
                if (answered == milliseconds.length) {
                    milliseconds = Arrays.copyOf(milliseconds, 2 * answered);
                }
                milliseconds[answered++] = took;
            }
            case 503 -> refused++;
            case 504 -> late++;
            default -> others++;
        }
    }

    /** A request was not sent, since too many were under way. */
    synchronized void skip() {
        skipped++;
    }

    synchronized int skipped() {
        return skipped;
    }

    /** The milliseconds of the answers, sorted. */
    synchronized double[] sorted() {
        double[] all = Arrays.copyOf(milliseconds, answered);
        Arrays.sort(all);
        return all;
    }

    synchronized int answered() {
        return answered;
    }

    synchronized int refused() {
        return refused;
    }

    synchronized int late() {
        return late;
    }

    /** Answers of other statuses, and connections that ended. */
    synchronized int others() {
        return others;
    }

    static double quantile(double[] sorted, double q) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
    }
}
