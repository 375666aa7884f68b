package io.chainrule.core.elementary;

/** The inverse hyperbolic functions, computed as logarithms of sums of two doubles. */
public final class InverseHyperbolic {
    /** Below this argument the first terms of the power series are enough. */
    private static final double SMALL = 0x1p-10;
    /** From here on √(x² ± 1) equals x to all digits. */
    private static final double LARGE = 0x1p30;

    private InverseHyperbolic() {}

    /** Within 0.51 ulp. */
    public static double asinh(double x) {
        double a = Math.abs(x);
        double value;
        if (a < SMALL) {
            double z = a * a;
            value = Math.fma(a * z, Math.fma(z, Math.fma(z, -15.0 / 336, 3.0 / 40), -1.0 / 6), a);
        } else if (a < LARGE) {
            double square = a * a;
            double sum = 1 + square;
            value = ofRoot(a, sum, ((1 - sum) + square) + Math.fma(a, a, -square));
        } else {
            return ofLarge(x);
        }
        return Math.copySign(value, x);
    }

    /** Within 0.52 ulp; NaN below 1. */
    public static double acosh(double x) {
        if (x > 1 && x < LARGE) {
            double square = x * x;
            double difference = square - 1;
            return ofRoot(x, difference, ((square - difference) - 1) + Math.fma(x, x, -square));
        }
        return x == 1 ? 0 : x >= LARGE ? ofLarge(x) : Double.NaN;
    }

    /** Within 0.51 ulp; infinite at ±1, NaN beyond. */
    public static double atanh(double x) {
        double a = Math.abs(x);
        double value;
        if (a < SMALL) {
            double z = a * a;
            value = Math.fma(a * z, Math.fma(z, Math.fma(z, 1.0 / 7, 1.0 / 5), 1.0 / 3), a);
        } else if (a < 1) {
            double above = 1 + a;
            double under = 1 - a;
            double quotient = above / under;
            double rest = Math.fma(-quotient, under, above) + (((1 - above) + a) - quotient * ((1 - under) - a));
            LogarithmOfSum log = LogarithmOfSum.of(quotient, rest / under, 0);
            value = 0.5 * (log.high() + log.low());
        } else {
            return a == 1 ? x / 0 : Double.NaN;
        }
        return Math.copySign(value, x);
    }

    /** ln(a + √(square + squareLow)) */
    private static double ofRoot(double a, double square, double squareLow) {
        double root = Math.sqrt(square);
        double rootLow = (Math.fma(-root, root, square) + squareLow) / (2 * root);
        double first = a + root;
        double rest = ((Math.max(a, root) - first) + Math.min(a, root)) + rootLow;
        // The rest may be many ulp of a sum near 1, so it is added once more before the logarithm is taken.
        double sum = first + rest;
        LogarithmOfSum log = LogarithmOfSum.of(sum, (first - sum) + rest, 0);
        return log.high() + log.low();
    }

    /** ±ln |2x| */
    private static double ofLarge(double x) {
        double a = Math.abs(x);
        if (!(a < Double.POSITIVE_INFINITY)) {
            return Double.isNaN(x) ? Double.NaN : x;
        }
        return Math.copySign(LogarithmOfSum.of(a, 0, 1).high(), x);
    }
}
