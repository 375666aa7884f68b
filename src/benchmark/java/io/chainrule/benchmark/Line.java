package io.chainrule.benchmark;

import java.util.Arrays;
import java.util.Locale;

/**
 * A line of the table: ours beside one peer.
 *
 * @param ours measurements of ours, each of which was made just before the one of {@code theirs} with its number, unless the peer is a
 *        process of its own; lower is better
 * @param least how many times as good as the peer ours is to be; NaN where the peer is there to look at
 */
record Line(String row, String work, Unit unit, double[] ours, String peer, double[] theirs, double least) {
    /** What is measured. */
    enum Unit {
        /** Nanoseconds. */
        TIME,
        BYTES
    }

    /** Ratios of the peer's measurements to ours, in ascending order: above 1, ours is better. */
    private double[] ratios() {
        double[] ratios = new double[Math.min(ours.length, theirs.length)];
        Arrays.setAll(ratios, i -> theirs[i] / ours[i]);
        Arrays.sort(ratios);
        return ratios;
    }

    double ratio() {
        return median(ratios());
    }

    boolean isMet() {
        return ratio() >= least;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    String toMarkdown() {
        double[] ratios = ratios();
        String spread = ratios.length == 0 ? "" : digits(ratios[0]) + " – " + digits(ratios[ratios.length - 1]);
        boolean hasTarget = !Double.isNaN(least);
        return String.join(" | ", "| " + row, work.replace("|", "\\|"), text(median(ours)), peer, text(median(theirs)),
                "**" + digits(ratio()) + "**", spread, hasTarget ? "≥ " + digits(least) : "", !hasTarget ? "" : isMet() ? "yes" : "no")
                + " |";
    }

    private String text(double value) {
        return switch (unit) {
            case TIME -> value < 1e3
                    ? digits(value) + " ns"
                    : value < 1e6 ? digits(value / 1e3) + " µs" : value < 1e9 ? digits(value / 1e6) + " ms" : digits(value / 1e9) + " s";
            case BYTES -> digits(value) + " bytes";
        };
    }

    /** Three significant digits. */
    private static String digits(double value) {
        int decimals = value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }
}
