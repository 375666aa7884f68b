package io.chainrule.core.autodiff;

import io.chainrule.core.elementary.Power;

/**
 * An estimate of a derivative from values of the function on both sides of a point, compared with a claimed derivative. Central differences
 * over a sequence of shrinking steps are extrapolated to a step of zero (Ridders 1982). Second differences over the smallest step show the
 * function's rounding noise (after Moré and Wild 2011). One-sided differences that stay apart as the step shrinks show a kink.
 *
 * @param numeric the estimate
 * @param noise how much of the estimate may be due to rounding in the function, or to steps that do not converge
 */
public record Difference(double numeric, double noise, Kind kind) {

    /** What the values look like around the point. */
    public enum Kind {
        /** The differences converge. */
        SMOOTH,
        /**
         * The one-sided derivatives differ, with the claimed one between them; or values are on one side only; or the tangent is vertical.
         */
        KINK,
        /** The values on the two sides do not come together. */
        JUMP,
        /** Rounding hides the derivative, or the differences do not converge. */
        NOISE,
        /** The value, or the claimed derivative, is not finite: there is nothing to compare. */
        UNDEFINED
    }

    /** The ratio of successive steps: with a quarter of the step, the error of a central difference shrinks to a sixteenth. */
    public static final double RATIO = 4;
    /** The largest relative error with which an estimate agrees with a claim. */
    private static final double AGREEMENT = 1e-7;
    /** How many consecutive levels must agree before a kink or a jump is reported. */
    private static final int PATTERN = 3;

    /**
     * Estimates a derivative from steps {@code h, h/4, h/16, …}, followed by one far smaller step that only serves to measure the noise.
     *
     * @param roundoff how far rounding may have moved the value; NaN if only the values themselves can show it
     * @param plus values at the point plus each step
     * @param minus values at the point minus each step
     */
    public static Difference of(double claimed, double value, double roundoff, double firstStep, double[] plus, double[] minus) {
        int levels = plus.length - 1;
        double noiseOfValue = Double.isNaN(roundoff) ? noise(value, plus[levels], minus[levels]) : Math.max(roundoff, Math.ulp(value));
        double[] right = new double[levels];
        double[] left = new double[levels];
        double[] step = new double[levels];
        for (int k = 0; k < levels; k++) {
            step[k] = firstStep * Power.pow(RATIO, -k);
            right[k] = (plus[k] - value) / step[k];
            left[k] = (value - minus[k]) / step[k];
        }
        Difference extrapolated = extrapolated(right, left, step, noiseOfValue);
        if (!agree(claimed, extrapolated.numeric) && settles(claimed, right, left)) {
            return new Difference(0.5 * (right[levels - 1] + left[levels - 1]), extrapolated.noise, Kind.SMOOTH);
        }
        Kind kind = shape(claimed, right, left, step, noiseOfValue);
        if (kind == Kind.SMOOTH && !agree(claimed, extrapolated.numeric)) {
            kind = !Double.isFinite(value) || !Double.isFinite(claimed)
                    ? Kind.UNDEFINED
                    : Math.abs(claimed - extrapolated.numeric) <= extrapolated.noise ? Kind.NOISE : Kind.SMOOTH;
        }
        return new Difference(extrapolated.numeric, extrapolated.noise, kind);
    }

    /** Whether the values cannot confirm the derivative, so that a disagreement does not mean that it is wrong. */
    public boolean isExcused() {
        return kind != Kind.SMOOTH && kind != Kind.UNDEFINED;
    }

    /**
     * Returns the estimate that agrees better with the claimed derivative. If exactly one of the two is excused and neither agrees closely,
     * returns the one that is excused, since a kink that one sequence of steps shows may escape the other.
     */
    public Difference orBetter(Difference other, double claimed) {
        boolean isBetter = relativeError(claimed, other.numeric) <= relativeError(claimed, numeric);
        boolean isClear = agree(claimed, numeric) || agree(claimed, other.numeric);
        return isExcused() == other.isExcused() || isClear ? isBetter ? other : this : isExcused() ? this : other;
    }

    /**
     * The relative error as Stanford's course CS231n defines it: relative to the larger of the two; 0 if they are equal, infinite if one is
     * not finite.
     */
    public static double relativeError(double a, double b) {
        double error = a == b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }

    private static boolean agree(double claimed, double numeric) {
        return relativeError(claimed, numeric) <= AGREEMENT;
    }

    /**
     * Whether the differences over the smallest steps all agree with the claim. Larger steps may cross a jump, as of a staircase function.
     */
    private static boolean settles(double claimed, double[] right, double[] left) {
        for (int k = Math.max(0, right.length - PATTERN); k < right.length; k++) {
            if (!agree(claimed, 0.5 * (right[k] + left[k]))) {
                return false;
            }
        }
        return true;
    }

    /** The rounding noise of the value: its second difference over a step at which curvature is negligible; at least one ulp. */
    private static double noise(double value, double plus, double minus) {
        double second = Math.abs(plus - 2 * value + minus);
        return Math.max(Double.isFinite(second) ? second : 0, Math.ulp(value));
    }

    /**
     * Extrapolates with Neville's scheme over the squares of the steps. The entry that differs least from its neighbours is taken; rounding
     * counts as a difference.
     */
    private static Difference extrapolated(double[] right, double[] left, double[] step, double noiseOfValue) {
        double[] row = new double[step.length];
        double best = Double.NaN;
        double error = Double.POSITIVE_INFINITY;
        double noise = Double.POSITIVE_INFINITY;
        for (int k = 0; k < step.length; k++) {
            double previous = row[0];
            row[0] = 0.5 * (right[k] + left[k]);
            double factor = 1;
            for (int j = 1; j <= k; j++) {
                factor *= RATIO * RATIO;
                double next = row[j];
                row[j] = row[j - 1] + (row[j - 1] - previous) / (factor - 1);
                double moved = Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - previous));
                double uncertain = moved + 8 * noiseOfValue / step[k];
                if (uncertain < error) {
                    error = uncertain;
                    best = row[j];
                    noise = uncertain + moved;
                }
                previous = next;
            }
        }
        return new Difference(best, noise, Kind.SMOOTH);
    }

    private static Kind shape(double claimed, double[] right, double[] left, double[] step, double noiseOfValue) {
        int apart = 0;
        int running = 0;
        int oneSided = 0;
        int steeper = 0;
        for (int k = 1; k < step.length; k++) {
            double before = Math.abs(right[k - 1] - left[k - 1]);
            double gap = Math.abs(right[k] - left[k]);
            oneSided = Double.isNaN(right[k]) != Double.isNaN(left[k]) ? oneSided + 1 : 0;
            double rounding = 8 * noiseOfValue / step[k];
            boolean isSeen = gap > rounding && gap > 1e-6 * Math.max(Math.abs(right[k]), Math.abs(left[k]));
            double slope = right[k] + left[k];
            steeper = Double.isInfinite(claimed) && Math.signum(claimed) == Math.signum(slope)
                    && Math.abs(slope) > 1.2 * Math.abs(right[k - 1] + left[k - 1])
                            ? steeper + 1
                            : 0;
            // If rounding is as large as the gap at the step before, the gap at this step says nothing about a kink or a jump.
            if (!(rounding >= before)) {
                apart = isSeen && gap > 0.6 * before && gap < 1.7 * before && isBetween(claimed, right[k], left[k]) ? apart + 1 : 0;
                running = isSeen && gap > 1.7 * before ? running + 1 : 0;
            }
        }
        int enough = Math.min(PATTERN, step.length - 1);
        return oneSided >= enough || apart >= enough || steeper >= enough ? Kind.KINK : running >= enough ? Kind.JUMP : Kind.SMOOTH;
    }

    private static boolean isBetween(double claimed, double a, double b) {
        double slack = 1e-4 * Math.abs(a - b);
        return claimed >= Math.min(a, b) - slack && claimed <= Math.max(a, b) + slack;
    }
}
