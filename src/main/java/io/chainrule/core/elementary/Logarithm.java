package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.LogarithmConstants.*;

/**
 * Logarithms. An argument that is NaN or below the domain gives the canonical NaN. The rounding error of the quotient s (see {@link
 * LogarithmConstants}) is computed and added, so that the error before the last rounding is a few hundredths of an ulp.
 */
public final class Logarithm {
    private Logarithm() {}

    /** At most 0.58 ulp from log x. */
    public static double log(double x) {
        if (!(x > 0 && x < Double.POSITIVE_INFINITY)) {
            return atTheEnds(x, 0);
        }
        boolean subnormal = x < Double.MIN_NORMAL;
        long bits = shiftedBits(subnormal ? x * SUBNORMAL_SCALE : x);
        double k = exponent(bits, subnormal ? SUBNORMAL_EXPONENT : EXPONENT);
        double f = significand(bits) - 1;
        double d = Math.fma(f, 0.5, 1);
        double inverse = 1 / d;
        double s = f * inverse;
        double rest = rest(s, error(s, f, d), inverse);
        return sum(k * LN2_TOP, s, Math.fma(k, LN2_REST, rest));
    }

    /** At most 0.58 ulp from log₂ x, and exact for powers of 2. */
    public static double log2(double x) {
        return toBase(x, LOG2_E_HIGH, LOG2_E_LOW, 1, 0);
    }

    /** At most 0.58 ulp from log₁₀ x, and exact for the powers of 10 that are doubles. */
    public static double log10(double x) {
        return toBase(x, LOG10_E_HIGH, LOG10_E_LOW, LOG10_2_TOP, LOG10_2_REST);
    }

    /**
     * The logarithm to a base b, given log_b e and log_b 2 in two parts each. The first part of log_b 2 is so short that its product with
     * an exponent is exact.
     */
    private static double toBase(double x, double eHigh, double eLow, double twoTop, double twoRest) {
        if (!(x > 0 && x < Double.POSITIVE_INFINITY)) {
            return atTheEnds(x, 0);
        }
        boolean subnormal = x < Double.MIN_NORMAL;
        long bits = shiftedBits(subnormal ? x * SUBNORMAL_SCALE : x);
        double k = exponent(bits, subnormal ? SUBNORMAL_EXPONENT : EXPONENT);
        double f = significand(bits) - 1;
        double d = Math.fma(f, 0.5, 1);
        double inverse = 1 / d;
        double s = f * inverse;
        double rest = rest(s, error(s, f, d), inverse);
        double log = s + rest;
        double low = (s - log) + rest;
        double part = log * eHigh;
        double partLow = Math.fma(low, eHigh, Math.fma(log, eLow, Math.fma(log, eHigh, -part)));
        return sum(k * twoTop, part, Math.fma(k, twoRest, partLow));
    }

    /** At most 0.58 ulp from log(1 + x). */
    public static double log1p(double x) {
        if (!(x > -1 && x < Double.POSITIVE_INFINITY)) {
            return atTheEnds(x, -1);
        }
        if (Math.abs(x) < 0x1p-54) {
            return x;
        }
        double u = 1 + x;
        double shift = u - 1;
        double uLow = (1 - (u - shift)) + (x - shift);
        long bits = shiftedBits(u);
        double k = exponent(bits, EXPONENT);
        double f = significand(bits) - 1;
        // 1 + x = u + uLow = 2ᵏ (1 + f + fLow). The scale has the exponent field 1024 − k, which is in range for every k.
        double fLow = 0.5 * uLow * Double.longBitsToDouble(~bits & EXPONENT_MASK);
        double high = f + fLow;
        double low = (f - high) + fLow;
        double d = Math.fma(high, 0.5, 1);
        double inverse = 1 / d;
        double s = high * inverse;
        double error = Math.fma(-s, Math.fma(low, 0.5, Math.fma(high, 0.5, 1 - d)), Math.fma(-s, d, high) + low);
        double rest = rest(s, error, inverse);
        return sum(k * LN2_TOP, s, Math.fma(k, LN2_REST, rest));
    }

    /** The logarithm of an argument that is the pole, infinite, outside of the domain or NaN. */
    private static double atTheEnds(double x, double pole) {
        return x == pole ? Double.NEGATIVE_INFINITY : x > pole ? x : Double.NaN;
    }

    /** f − s (1 + ½f) for s ≈ f / d, where d is 1 + ½f rounded. */
    private static double error(double s, double f, double d) {
        return Math.fma(-s, Math.fma(f, 0.5, 1 - d), Math.fma(-s, d, f));
    }

    /** error / (1 + ½f) + s³ P(s²). */
    private static double rest(double s, double error, double inverse) {
        double square = s * s;
        double w = square * square;
        double even = Math.fma(Math.fma(Math.fma(P6, w, P4), w, P2), w, P0);
        double odd = Math.fma(Math.fma(P5, w, P3), w, P1);
        return Math.fma(error, inverse, s * square * Math.fma(odd, square, even));
    }

    /** whole + part + rest, where whole is 0 or larger than the part. */
    private static double sum(double whole, double part, double rest) {
        double sum = whole + part;
        return sum + (((whole - sum) + part) + rest);
    }

    private static long shiftedBits(double x) {
        return Double.doubleToRawLongBits(x) + SHIFT;
    }

    private static double exponent(long bits, double offset) {
        return Double.longBitsToDouble((bits >>> SIGNIFICAND_BITS) | WHOLE) - offset;
    }

    private static double significand(long bits) {
        return Double.longBitsToDouble((bits & SIGNIFICAND_MASK) + SQRT_HALF);
    }
}
