package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.ErrorFunctionConstants.*;

/**
 * The error function, its complement and the normal distribution function. Tails are computed from exp(x²) erfc(x), which is smooth. x²
 * is held with twice the digits, because an absolute error of x² is a relative error of the result.
 */
public final class ErrorFunction {
    private ErrorFunction() {}

    /** Within 1.3 ulp. */
    public static double erf(double x) {
        double a = Math.abs(x);
        double value;
        if (a < SMALL) {
            double z = a * a;
            double p = Math.fma(Math.fma(Math.fma(Math.fma(P8, z, P7), z, P6), z, P5), z, P4);
            p = Math.fma(Math.fma(Math.fma(Math.fma(p, z, P3), z, P2), z, P1), z, P0);
            value = Math.fma(a, SLOPE, a * Math.fma(z, p, SLOPE_LOW));
        } else {
            double within = a > ERF_END ? ERF_END : a;
            double square = within * within;
            value = 1 - tail(within, 0, square, Math.fma(within, within, -square), 1, 1);
        }
        return Double.isNaN(value) ? Double.NaN : Math.copySign(value, x);
    }

    /** 1 - erf x within 1.75 ulp, also in the upper tail down to the smallest doubles. */
    public static double erfc(double x) {
        double size = Math.abs(x);
        double a = size > ERFC_END ? ERFC_END : size;
        double square = a * a;
        double tail = tail(a, 0, square, Math.fma(a, a, -square), 1, 1);
        double value = x < 0 ? 2 - tail : tail;
        return Double.isNaN(value) ? Double.NaN : value;
    }

    /** The probability that a standard normal variable is at most x: erfc(-x/√2)/2, within 1.75 ulp in both tails. */
    public static double phi(double x) {
        double size = Math.abs(x);
        double tail = normalTail(size > PHI_END ? PHI_END : size, 1);
        double value = x > 0 ? 1 - tail : tail;
        return Double.isNaN(value) ? Double.NaN : value;
    }

    /** x times the normal distribution function, within 1.65 ulp; 0 at −∞. */
    public static double gelu(double x) {
        double size = Math.abs(x);
        double a = size > PHI_END ? PHI_END : size;
        // The value is relu(x) − |x| · tail. The product is made before the tail is rounded, since the tail may be subnormal.
        double value = (x > 0 ? x : 0) - normalTail(a, a);
        return Double.isNaN(value) ? Double.NaN : value;
    }

    /** The probability that a standard normal variable exceeds a ≥ 0, times a factor. */
    private static double normalTail(double a, double factor) {
        double square = a * a;
        double high = a * ROOT_HALF;
        double low = Math.fma(a, ROOT_HALF_LOW, Math.fma(a, ROOT_HALF, -high));
        return tail(high, low, 0.5 * square, 0.5 * Math.fma(a, a, -square), factor, 0.5);
    }

    /** Returns erfc(high + low) · factor · scale for high from 0 to 28, given its square. The scale is a power of 2. */
    private static double tail(double high, double low, double square, double squareLow, double factor, double scale) {
        double sum = 1 + high;
        double sumLow = ((1 - sum) + high) + low;
        double three = high + 3;
        // Both quotients are computed from a single division, which is slow.
        double reciprocal = 1 / (sum * three);
        double byThree = sum * reciprocal;
        double bySum = three * reciprocal;
        double u = (high - 3) * byThree;

        // Four polynomials in u⁴ are evaluated side by side: the steps of one long polynomial would wait for each other.
        double u2 = u * u;
        double u4 = u2 * u2;
        double q1 = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(G21, u4, G17), u4, G13), u4, G9), u4, G5), u4, G1);
        double q2 = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(G22, u4, G18), u4, G14), u4, G10), u4, G6), u4, G2);
        double q3 = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(G23, u4, G19), u4, G15), u4, G11), u4, G7), u4, G3);
        double q4 = Math.fma(Math.fma(Math.fma(Math.fma(G20, u4, G16), u4, G12), u4, G8), u4, G4);
        double q = Math.fma(Math.fma(q4, u, q3), u2, Math.fma(q2, u, q1));
        double g = Math.fma(u, q, G0);
        double gLow = Math.fma(u, q, G0 - g) + G0_LOW;

        double scaled = g * bySum;
        double scaledLow = (Math.fma(-scaled, sum, g) + Math.fma(-scaled, sumLow, gLow)) * bySum;
        double product = scaled * factor;
        double productLow = Math.fma(scaled, factor, -product) + scaledLow * factor;
        return ExponentialOfSum.times(-square, -squareLow, product, productLow, scale);
    }
}
