package io.chainrule.core.linalg;

/**
 * The error function, its complement and inverse, and the normal distribution function, to a few units in the last place.
 * The tails are computed from {@code erfcx(x) = exp(x²) erfc(x)}, which is smooth and does not underflow.
 */
public final class ErrorFunctions {
    private static final double TWO_BY_ROOT_PI = 1.1283791670955126;
    private static final double ROOT_HALF = Math.sqrt(0.5);

    /**
     * (2 + x)/2 · erfcx(x) for x ≥ 0 as a Chebyshev series in (2 − x)/(2 + x), computed with 60 digits; the truncation error is
     * below 1e-18.
     */
    private static final double[] SCALED = {0.5770337386164697, 0.3554369212704985, 0.06509515882878653, 0.003671142395836639,
            -0.0011128447433526325, -0.0001607582991537808, 3.278031574173137e-05, 5.442441645505016e-06, -1.5154665553171482e-06,
            -1.4297608181169865e-07, 8.234608827419493e-08, -1.2962846852306563e-09, -4.154721631015199e-09, 6.347058278362811e-10,
            1.4320822712256225e-10, -6.160390105204585e-11, 2.0612138554721698e-12, 3.5714931488477042e-12, -8.586422843251796e-13,
            -6.14560021379063e-14, 7.418725748596617e-14, -1.2895042755032325e-14, -2.358726385710632e-15, 1.5729349381685912e-15,
            -2.2782966239546465e-16, -6.31233045075643e-17, 3.5916763531814925e-17, -5.049809149847729e-18};

    private ErrorFunctions() {}

    public static double erf(double x) {
        double a = Math.abs(x);
        return a < 0.5 ? series(x) : Math.copySign(1 - tail(a), x);
    }

    public static double erfc(double x) {
        return Math.abs(x) < 0.5 ? 1 - series(x) : x > 0 ? tail(x) : 2 - tail(-x);
    }

    /** The probability that a standard normal variable is at most x. */
    public static double normal(double x) {
        return x > -1 ? 0.5 * erfc(-x * ROOT_HALF) : x < -40 ? 0 : 0.5 * scaled(-x * ROOT_HALF) * exponential(x, 0.5);
    }

    /** The inverse of erf by Halley's iteration, each step of which triples the digits; near ±1, where 1 − |x| is exact, on erfc. */
    public static double erfinv(double x) {
        double a = Math.abs(x);
        if (!(a < 1)) {
            return a == 1 ? Math.copySign(Double.POSITIVE_INFINITY, x) : Double.NaN;
        }
        double y = guess(a);
        for (int i = 0; i < 3; i++) {
            double residual = a < 0.5 ? erf(y) - a : 1 - a - erfc(y);
            double step = residual / (TWO_BY_ROOT_PI * exponential(y, 1));
            y -= step / (1 + y * step);
        }
        return Math.copySign(y, x);
    }

    /** A first approximation: three terms of the power series, from 1/2 on S. Winitzki's formula of 2008, to a few thousandths. */
    private static double guess(double x) {
        if (x < 0.5) {
            double q = Math.PI * x * x;
            return x / TWO_BY_ROOT_PI * (1 + q * (1 / 12.0 + q * 7 / 480));
        }
        double log = Math.log1p(-x) + Math.log1p(x);
        double half = 2 / (Math.PI * 0.147) + log / 2;
        return Math.sqrt(Math.sqrt(half * half - log / 0.147) - half);
    }

    private static double series(double x) {
        double power = 1;
        double sum = 0;
        for (int n = 1; n <= 14; n++) {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return TWO_BY_ROOT_PI * (x + x * sum);
    }

    /** erfc(x) for x ≥ 0. */
    private static double tail(double x) {
        return x > 28 ? 0 : scaled(x) * exponential(x, 1);
    }

    /** erfcx(x) for x ≥ 0, by Clenshaw's recurrence. */
    private static double scaled(double x) {
        double u = (2 - x) / (2 + x);
        double b = 0;
        double c = 0;
        for (int k = SCALED.length - 1; k > 0; k--) {
            double next = SCALED[k] + 2 * u * b - c;
            c = b;
            b = next;
        }
        return (SCALED[0] + u * b - c) * 2 / (2 + x);
    }

    /** exp(−factor x²) without the error that rounding x² would cause: x is split into a short and a small part. */
    private static double exponential(double x, double factor) {
        double high = (float) x;
        return Math.exp(-factor * high * high) * Math.exp(-factor * (x - high) * (x + high));
    }
}
