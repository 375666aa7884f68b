package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.ErrorFunctionConstants.*;

/**
 * The error function, its complement and the normal distribution function. Tails come from exp(x²) erfc(x), which is smooth; x²
 * has twice the digits, since its error is one of the result.
 */
public final class ErrorFunction {
    private ErrorFunction() {}

    public static double erf(double x) {
        double a = Math.abs(x);
        double value;
        if (a < SMALL) {
            double z = a * a;
            double p = Math.fma(Math.fma(Math.fma(Math.fma(P8, z, P7), z, P6), z, P5), z, P4);
            p = Math.fma(Math.fma(Math.fma(Math.fma(p, z, P3), z, P2), z, P1), z, P0);
            value = Math.fma(a, SLOPE, a * Math.fma(z, p, SLOPE_LOW));
        } else {
            double within = Math.min(a, ERF_END);
            double square = within * within;
            value = 1 - tail(within, 0, square, Math.fma(within, within, -square), 1);
        }
        return value == value ? Math.copySign(value, x) : Double.NaN;
    }

    /** 1 - erf x, right in the upper tail down to the smallest doubles. */
    public static double erfc(double x) {
        double a = Math.min(Math.abs(x), ERFC_END);
        double square = a * a;
        double tail = tail(a, 0, square, Math.fma(a, a, -square), 1);
        double value = x < 0 ? 2 - tail : tail;
        return value == value ? value : Double.NaN;
    }

    /** The probability that a standard normal variable is at most x: erfc(-x/√2)/2, right in both tails. */
    public static double phi(double x) {
        double a = Math.min(Math.abs(x), PHI_END);
        double square = a * a;
        double high = a * ROOT_HALF;
        double low = Math.fma(a, ROOT_HALF_LOW, Math.fma(a, ROOT_HALF, -high));
        double tail = tail(high, low, 0.5 * square, 0.5 * Math.fma(a, a, -square), 0.5);
        double value = x > 0 ? 1 - tail : tail;
        return value == value ? value : Double.NaN;
    }

    /** erfc(high + low) · scale for high from 0 to 28, of which the square is given; the scale is a power of 2. */
    private static double tail(double high, double low, double square, double squareLow, double scale) {
        double sum = 1 + high;
        double sumLow = ((1 - sum) + high) + low;
        double three = high + 3;
        // One division serves both quotients.
        double reciprocal = 1 / (sum * three);
        double byThree = sum * reciprocal;
        double bySum = three * reciprocal;
        double u = (high - 3) * byThree;

        double q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(G23, u, G22), u, G21), u, G20), u, G19), u, G18), u, G17);
        q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(q, u, G16), u, G15), u, G14), u, G13), u, G12), u, G11);
        q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(q, u, G10), u, G9), u, G8), u, G7), u, G6);
        q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(q, u, G5), u, G4), u, G3), u, G2), u, G1);
        double g = Math.fma(u, q, G0);
        double gLow = Math.fma(u, q, G0 - g) + G0_LOW;

        double scaled = g * bySum;
        double scaledLow = (Math.fma(-scaled, sum, g) + Math.fma(-scaled, sumLow, gLow)) * bySum;
        return ExponentialOfSum.times(-square, -squareLow, scaled, scaledLow, scale);
    }
}
