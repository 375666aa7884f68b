package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.GaussianConstants.*;

/**
 * Computes bell curves. The square in the exponent has twice the digits of a double, because its absolute error is a relative error of the
 * result.
 */
public final class Gaussian {
    private Gaussian() {}

    /** e^(−x²), within 0.8 ulp. */
    public static double bell(double x) {
        return of(x, BELL_END, 1, 1, 0);
    }

    /** The density of the standard normal distribution, e^(−x²/2) / √(2π), within 0.8 ulp. */
    public static double density(double x) {
        return of(x, DENSITY_END, 0.5, BY_ROOT_TWO_PI, BY_ROOT_TWO_PI_LOW);
    }

    /** factor · e^(−rate x²); the rate is a power of 2. */
    private static double of(double x, double end, double rate, double factor, double factorLow) {
        double size = Math.abs(x);
        double a = size > end ? end : size;
        double square = a * a;
        double value = ExponentialOfSum.times(-rate * square, -rate * Math.fma(a, a, -square), factor, factorLow, 1);
        return Double.isNaN(value) ? Double.NaN : value;
    }
}
