package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.ExponentialOfSumConstants.*;

/** The exponential function where its argument needs more than 53 bits. */
final class ExponentialOfSum {
    private static final int SIGNIFICAND_BITS = 52;

    private ExponentialOfSum() {}

    /**
     * exp(high + low) · (factor + factorLow) · scale, where the scale is a power of 2 and the product of the rest errs by about 0.55
     * ulp; a subnormal result is rounded once more. |high| is at most 1000, and each low part at most some ulp of the high one.
     */
    static double times(double high, double low, double factor, double factorLow, double scale) {
        double n = Math.fma(high, BY_LN2, ROUNDER) - ROUNDER;
        double first = Math.fma(-n, LN2, high);
        double second = Math.fma(-n, LN2_LOW, low);
        double r = first + second;
        double rest = (first - r) + second;

        double q = Math.fma(Math.fma(Math.fma(Math.fma(Q10, r, Q9), r, Q8), r, Q7), r, Q6);
        q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(q, r, Q5), r, Q4), r, Q3), r, Q2), r, Q1), r, Q0);
        double one = 1 + r;
        double part = ((1 - one) + r) + Math.fma(r * r, q, Math.fma(rest, r, rest));
        double power = one + part;
        double powerLow = (one - power) + part;

        double product = Math.fma(power, factor, Math.fma(power, factorLow, powerLow * factor));
        double step = Math.min(Math.max(n, LEAST_STEP), MOST_STEP);
        return product * powerOfTwo(step) * (powerOfTwo(n - step) * scale);
    }

    private static double powerOfTwo(double n) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(n + EXPONENT_ROUNDER) << SIGNIFICAND_BITS);
    }
}
