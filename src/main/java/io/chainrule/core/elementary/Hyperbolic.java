package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.Exponential.*;
import static io.chainrule.core.elementary.ExponentialConstants.*;

/** sinh, cosh and tanh. An argument that is NaN gives the canonical NaN. */
public final class Hyperbolic {
    private Hyperbolic() {}

    /** At most 0.78 ulp from sinh x. */
    public static double sinh(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        if (Math.abs(x) < 0x1p-28) {
            return x;
        }
        return Math.copySign(halfSum(Math.min(Math.abs(x), 711), -1), x);
    }

    /** At most 0.66 ulp from cosh x. */
    public static double cosh(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        return halfSum(Math.min(Math.abs(x), 711), 1);
    }

    /**
     * Returns ½ (e^a + sign e^−a) for 0 ≤ a ≤ 711. With a = k ln 2 + r this is 2^(k−1) (e^r + sign 4^−k e^−r), and one pair of polynomials
     * gives both e^r and e^−r.
     */
    private static double halfSum(double a, double sign) {
        double shifted = Math.fma(a, LOG2_E, SHIFT_HALF_IN_TWO);
        double k = shifted - SHIFT_HALF_IN_TWO;
        double high = Math.fma(k, -LN2_HIGH, a);
        double low = k * -LN2_LOW;
        double r = high + low;
        double square = r * r;
        double odd = r * odd(square);
        double even = even(square);
        double common = Math.fma(square, 0.5, ((high - r) + low) * r);
        double first = firstPower(shifted);
        double second = secondPower(shifted);
        double inverse = 0.5 * inverse(first) * inverse(second);
        double ratio = sign * inverse * inverse;
        double up = 1 + high;
        double upTail = (high - (up - 1)) + Math.fma(square, even + odd, common + low);
        double down = 1 - high;
        double downTail = ((1 - down) - high) + Math.fma(square, even - odd, common - low);
        double term = ratio * down;
        double sum = up + term;
        return (sum + (((up - sum) + term) + Math.fma(ratio, downTail, upTail))) * first * second;
    }

    private static double inverse(double powerOfTwo) {
        return Double.longBitsToDouble(POWER_AND_INVERSE - Double.doubleToRawLongBits(powerOfTwo));
    }

    /** At most 0.70 ulp from tanh x. With y = e^(−2|x|) − 1, tanh |x| = −½y / (1 + ½y). */
    public static double tanh(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        // From 20 on the result rounds to 1.
        double within = -2 * Math.min(Math.abs(x), 20);
        double shifted = Math.fma(within, LOG2_E, SHIFT_ONE);
        double k = shifted - SHIFT_ONE;
        double high = Math.fma(k, -LN2_HIGH, within);
        double tail = accurateTail(high, k * -LN2_LOW);
        double power = power(shifted);
        double whole = power - 1;
        double part = power * high;
        double sum = whole + part;
        double rest = Math.fma(power, tail, ((whole - sum) + part) + (power - (whole + 1)));
        double y = sum + rest;
        double n = -0.5 * y;
        double nLow = -0.5 * ((sum - y) + rest);
        double d = 1 - n;
        double dLow = ((1 - d) - n) - nLow;
        return Math.copySign(quotient(n, nLow, d, dLow), x);
    }

    /** 1 / cosh² x, the slope of tanh; at most 2.3 ulp from it. It is 4 z / (1 + z)² for z = e^(−2|x|). */
    public static double sechSquared(double x) {
        return Logistic.density(2 * x, 4);
    }

    /** Returns (n + nLow) / (d + dLow) with an error little above ½ ulp. The exact remainder corrects the rounding of 1/d. */
    static double quotient(double n, double nLow, double d, double dLow) {
        double inverse = 1 / d;
        double q = n * inverse;
        return Math.fma(Math.fma(-q, d, n) + Math.fma(-q, dLow, nLow), inverse, q);
    }
}
