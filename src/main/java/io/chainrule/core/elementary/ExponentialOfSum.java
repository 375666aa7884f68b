package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.ExponentialOfSumConstants.*;

/** The exponential function where its argument needs more than 53 bits. */
final class ExponentialOfSum {
    private static final int SIGNIFICAND_BITS = 52;

    private ExponentialOfSum() {}

    /**
     * Returns exp(high + low) · (factor + factorLow) · scale. The scale is a power of 2, and the error is about 0.55 ulp before scaling; a
     * subnormal result is rounded once more. |high| is at most 1000, and each low part is at most a few ulp of its high part.
     */
    static double times(double high, double low, double factor, double factorLow, double scale) {
        double n = Math.fma(high, BY_LN2, ROUNDER) - ROUNDER;
        double first = Math.fma(-n, LN2, high);
        double second = Math.fma(-n, LN2_LOW, low);
        double r = first + second;
        double rest = (first - r) + second;

        double square = r * r;
        double even = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Q10, square, Q8), square, Q6), square, Q4), square, Q2), square, Q0);
        double odd = Math.fma(Math.fma(Math.fma(Math.fma(Q9, square, Q7), square, Q5), square, Q3), square, Q1);
        double one = 1 + r;
        double part = ((1 - one) + r) + Math.fma(square, Math.fma(r, odd, even), Math.fma(rest, r, rest));
        double power = one + part;
        double powerLow = (one - power) + part;

        double product = Math.fma(power, factor, Math.fma(power, factorLow, powerLow * factor));
        double step = n < LEAST_STEP ? LEAST_STEP : n > MOST_STEP ? MOST_STEP : n;
        return product * powerOfTwo(step) * (powerOfTwo(n - step) * scale);
    }

    private static double powerOfTwo(double n) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(n + EXPONENT_ROUNDER) << SIGNIFICAND_BITS);
    }
}
