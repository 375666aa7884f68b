package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.ExponentialConstants.*;

/** e^x, 2^x and e^x − 1. An argument that is NaN gives the canonical NaN. */
public final class Exponential {
    private Exponential() {}

    /** e^x; at most 0.80 ulp from it, 0.67 where it is normal. */
    public static double exp(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        // Beyond these bounds the result is 0 or infinite, and the steps below would overflow the exponent.
        if (x < -746) {
            return 0;
        }
        if (x > 710) {
            return Double.POSITIVE_INFINITY;
        }
        double shifted = Math.fma(x, LOG2_E, SHIFT_ONE_IN_TWO);
        double k = shifted - SHIFT_ONE_IN_TWO;
        double high = Math.fma(k, -LN2_HIGH, x);
        double y = onePlus(high, tail(high, k * -LN2_LOW));
        return y * firstPower(shifted) * secondPower(shifted);
    }

    /** 2^x; at most 0.80 ulp from it, 0.67 where it is normal, and exact where x is whole. */
    public static double exp2(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        double within = x < -1076 ? -1076 : x > 1024 ? 1024 : x;
        double shifted = within + SHIFT_ONE_IN_TWO;
        double fraction = within - (shifted - SHIFT_ONE_IN_TWO);
        double high = fraction * LN2_HIGH;
        double low = Math.fma(fraction, LN2_LOW, Math.fma(fraction, LN2_HIGH, -high));
        double y = onePlus(high, tail(high, low));
        return y * firstPower(shifted) * secondPower(shifted);
    }

    /** e^x − 1; at most 0.88 ulp from it. */
    public static double expm1(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        if (Math.abs(x) < 0x1p-54) {
            return x;
        }
        double within = x < -40 ? -40 : x > 710 ? 710 : x;
        double shifted = Math.fma(within, LOG2_E, SHIFT_HALF);
        double k = shifted - SHIFT_HALF;
        double high = Math.fma(k, -LN2_HIGH, within);
        double tail = accurateTail(high, k * -LN2_LOW);
        // Half of the result, (power − ½) + power (high + tail), since twice the power may overflow.
        double power = power(shifted);
        double whole = power - 0.5;
        double shift = whole - power;
        double lost = (power - (whole - shift)) - (shift + 0.5);
        double part = power * high;
        double sum = whole + part;
        return 2 * (sum + Math.fma(power, tail, ((whole - sum) + part) + lost));
    }

    /** e^(high + low) − 1 − high, where low is below the last place of high. */
    static double tail(double high, double low) {
        return series(high + low, low);
    }

    /** Returns {@link #tail} without the error of rounding high + low. expm1 and tanh need it, since 1 cancels there. */
    static double accurateTail(double high, double low) {
        double r = high + low;
        return series(r, Math.fma((high - r) + low, r, low));
    }

    /** Returns e^r − 1 − r + low. ½r² is added separately from the smaller terms, whose roundings then hardly count. */
    private static double series(double r, double low) {
        double square = r * r;
        return Math.fma(square, Math.fma(r, odd(square), even(square)), Math.fma(square, 0.5, low));
    }

    /** The terms of (cosh r − 1 − ½r²) / r². */
    static double even(double square) {
        return Math.fma(Math.fma(Math.fma(Math.fma(E12, square, E10), square, E8), square, E6), square, E4) * square;
    }

    /** The terms of (sinh r − r) / r³. */
    static double odd(double square) {
        return Math.fma(Math.fma(Math.fma(Math.fma(E11, square, E9), square, E7), square, E5), square, E3);
    }

    /** Returns 1 + high + tail for |high| ≤ 1. The rounding error of 1 + high is added to the tail. */
    static double onePlus(double high, double tail) {
        double one = 1 + high;
        return one + ((high - (one - 1)) + tail);
    }

    /** The power of two that SHIFT_HALF or SHIFT_ONE put into the last bits. */
    static double power(double shifted) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(shifted) << SIGNIFICAND_BITS);
    }

    /** The first of two powers whose exponents differ by at most 1, from SHIFT_HALF_IN_TWO or SHIFT_ONE_IN_TWO. */
    static double firstPower(double shifted) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(shifted) >>> 1 << SIGNIFICAND_BITS);
    }

    /** The second of these powers. Multiplying by both rounds only if the result is subnormal or overflows. */
    static double secondPower(double shifted) {
        long bits = Double.doubleToRawLongBits(shifted);
        return Double.longBitsToDouble((bits << SIGNIFICAND_BITS) - (bits >>> 1 << SIGNIFICAND_BITS));
    }
}
