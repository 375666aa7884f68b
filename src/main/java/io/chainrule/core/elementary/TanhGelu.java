package io.chainrule.core.elementary;

/**
 * The gate of gelu's approximation by tanh, and its slope by u: σ(u) for u = √(8/π) (x + 0.044715 x³). The gate is within 1.5 ulp.
 */
public final class TanhGelu {
    /**
     * √(8/π) and 0.044715 as sums of two doubles. u matters down to −745, where the gate underflows, and an absolute error of u is a
     * relative error of the gate, so u needs more digits than a double has.
     */
    private static final double SLOPE = 0x1.9884533d43651p+0;
    private static final double SLOPE_LOW = -0x1.cbc0d30ebfd15p-54;
    private static final double CUBIC = 0x1.6e4e26d4801f7p-5;
    private static final double CUBIC_LOW = 0x1.441355475a31ap-59;
    /** From here on the gate rounds to 0 or 1. */
    private static final double END = 30;

    private TanhGelu() {}

    /** σ(u) within 1.5 ulp. */
    public static double gate(double x) {
        return of(x, false);
    }

    /** σ(u) σ(−u), the slope of the gate by u, within 3.5 ulp. */
    public static double slope(double x) {
        return of(x, true);
    }

    private static double of(double x, boolean isSlope) {
        if (!(Math.abs(x) < END)) {
            return Double.isNaN(x) ? Double.NaN : x > 0 && !isSlope ? 1 : 0;
        }
        double square = x * x;
        double term = CUBIC * square;
        double termLow = Math.fma(CUBIC, square, -term) + (CUBIC * Math.fma(x, x, -square) + CUBIC_LOW * square);
        double factor = 1 + term;
        double ofTerm = factor - 1;
        double factorLow = ((1 - (factor - ofTerm)) + (term - ofTerm)) + termLow;
        double linear = SLOPE * x;
        double linearLow = Math.fma(SLOPE, x, -linear) + SLOPE_LOW * x;
        double u = linear * factor;
        double low = Math.fma(linear, factor, -u) + (linear * factorLow + linearLow * factor);
        return isSlope ? Logistic.density(u, low, 1) : Logistic.sigmoidOfSum(u, low);
    }
}
