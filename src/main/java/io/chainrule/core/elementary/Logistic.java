package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.Exponential.*;
import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.elementary.LogarithmConstants.*;

/**
 * The logistic function and its integral. Both start from z = e^−|x| = 2ᵏ y. They compute with y and multiply by 2ᵏ at the end, so that
 * results that are subnormal are rounded once. An argument that is NaN gives the canonical NaN.
 */
public final class Logistic {
    /** From here on down the sigmoid and its product with x round to 0. */
    private static final double END = -760;
    public static final double LN2 = Logarithm.log(2);

    private Logistic() {}

    /** 1 / (1 + e^−x); at most 0.80 ulp from it, 0.67 where it is normal. */
    public static double sigmoid(double x) {
        return gated(1, x);
    }

    /** x / (1 + e^−x); at most 1.5 ulp from it. */
    public static double silu(double x) {
        return gated(Math.max(x, END), x);
    }

    /**
     * log(e^a + e^b) within 1.5 ulp of the larger of a, b and the value. It does not overflow, and equal infinities give themselves.
     */
    public static double logAddExp(double a, double b) {
        return a == b ? a + LN2 : Math.max(a, b) + softplus(-Math.abs(a - b));
    }

    /** sigmoid(a − b) within 1.5 ulp, even where the difference is rounded; ½ for two equal infinities. */
    public static double share(double a, double b) {
        if (a == b) {
            return 0.5;
        }
        // The rounding error of a difference is a double (Knuth 1998, 4.2.2).
        double difference = a - b;
        double ofB = difference - a;
        return sigmoidOfSum(difference, (a - (difference - ofB)) - (b + ofB));
    }

    /** sigmoid(βx) within 1.5 ulp, even where the product is rounded. */
    public static double sigmoid(double beta, double x) {
        double product = beta * x;
        return sigmoidOfSum(product, Math.fma(beta, x, -product));
    }

    /** sigmoid(high + low) for a low part below an ulp of the high one. A low part that is infinite or NaN is ignored. */
    static double sigmoidOfSum(double high, double low) {
        double y = sigmoid(high);
        return Math.abs(low) < 1 ? Math.fma(y * (1 - y), low, y) : y;
    }

    /** softplus(βx) within 1.5 ulp, even where the product is rounded. */
    public static double softplus(double beta, double x) {
        double product = beta * x;
        double lacking = Math.fma(beta, x, -product);
        return Math.abs(lacking) < 1 ? Math.fma(sigmoid(product), lacking, softplus(product)) : softplus(product);
    }

    /** Returns factor · sigmoid(x). It scales after the product, because a sigmoid that is subnormal has few digits. */
    private static double gated(double factor, double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        double shifted = shifted(x);
        double high = high(x, shifted);
        double tail = tail(high, (shifted - SHIFT_ONE_IN_TWO) * -LN2_LOW);
        double y = onePlus(high, tail);
        double yLow = onePlusLow(high, tail, y);
        double first = firstPower(shifted);
        double second = secondPower(shifted);
        double power = first * second;
        double d = Math.fma(y, power, 1);
        double dLow = Math.fma(yLow, power, Math.fma(y, power, 1 - d));
        return x < 0
                ? factor * Hyperbolic.quotient(y, yLow, d, dLow) * first * second
                : factor * Hyperbolic.quotient(1, 0, d, dLow);
    }

    /** e^x / (1 + e^x)², the slope of the sigmoid and the density of the logistic distribution; at most 2.4 ulp from it. */
    public static double density(double x) {
        return density(x, 1);
    }

    /**
     * factor · z / (1 + z)², where the factor is a power of 2 and counts before the density may become subnormal. The low parts that
     * sigmoid keeps would cost a third of the time: three roundings remain, of y, of the denominator and of the quotient.
     */
    static double density(double x, double factor) {
        return density(x, 0, factor);
    }

    /** The same of x + low, for a low part below an ulp of x. */
    static double density(double x, double low, double factor) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        double shifted = shifted(x);
        double high = high(x, shifted);
        double tail = tail(high, (shifted - SHIFT_ONE_IN_TWO) * -LN2_LOW);
        double y = onePlus(high, tail);
        double first = firstPower(shifted);
        double second = secondPower(shifted);
        double z = y * (first * second);
        double quotient = y / Math.fma(z, z + 2, 1);
        if (low != 0) {
            // The logarithmic derivative is −tanh ½x.
            quotient = Math.fma(quotient, Math.copySign((1 - z) / (1 + z), -x) * low, quotient);
        }
        return factor * quotient * first * second;
    }

    /** log(1 + e^x) = max(x, 0) + log(1 + z); at most 0.80 ulp from it. */
    public static double softplus(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        // Here log(1 + z) is below half an ulp of x.
        if (x > 40) {
            return x;
        }
        double shifted = shifted(x);
        double high = high(x, shifted);
        double tail = tail(high, (shifted - SHIFT_ONE_IN_TWO) * -LN2_LOW);
        double y = onePlus(high, tail);
        double yLow = onePlusLow(high, tail, y);
        double first = firstPower(shifted);
        double second = secondPower(shifted);
        double power = first * second;
        double half = 0.5 * power;
        // s = y / (1 + ½z), and log(1 + z) = 2ᵏ (s + s (2ᵏs)² P((2ᵏs)²)).
        double d = Math.fma(y, half, 1);
        double dLow = Math.fma(yLow, half, Math.fma(y, half, 1 - d));
        double inverse = 1 / d;
        double s = y * inverse;
        double error = Math.fma(-s, d, y) + Math.fma(-s, dLow, yLow);
        double scaled = s * power;
        double square = scaled * scaled;
        double rest = Math.fma(error, inverse, s * square * series(square));
        double log = s + rest;
        double logLow = (s - log) + rest;
        double part = log * first * second;
        double positive = x > 0 ? x : 0;
        double sum = positive + part;
        double shift = sum - positive;
        return sum + Math.fma(logLow, power, (positive - (sum - shift)) + (part - shift));
    }

    /** Returns the logarithm of the sigmoid, −softplus(−x). Its error is that of softplus. */
    public static double logsigmoid(double x) {
        return Double.isNaN(x) ? Double.NaN : -softplus(-x);
    }

    private static double shifted(double x) {
        return Math.fma(minusAbs(x), LOG2_E, SHIFT_ONE_IN_TWO);
    }

    private static double high(double x, double shifted) {
        return Math.fma(shifted - SHIFT_ONE_IN_TWO, -LN2_HIGH, minusAbs(x));
    }

    private static double minusAbs(double x) {
        return Math.max(-Math.abs(x), END);
    }

    /** The rounding error of y = onePlus(high, tail). */
    private static double onePlusLow(double high, double tail, double y) {
        double one = 1 + high;
        return (one - y) + ((high - (one - 1)) + tail);
    }

    private static double series(double square) {
        double w = square * square;
        double even = Math.fma(Math.fma(Math.fma(Math.fma(W8, w, W6), w, W4), w, W2), w, W0);
        double odd = Math.fma(Math.fma(Math.fma(Math.fma(W9, w, W7), w, W5), w, W3), w, W1);
        return Math.fma(odd, square, even);
    }
}
