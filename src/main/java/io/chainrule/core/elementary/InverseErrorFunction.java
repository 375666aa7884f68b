package io.chainrule.core.elementary;

/** The inverse of the error function and its slope, both within 4 ulp. */
public final class InverseErrorFunction {
    private static final double TWO_BY_ROOT_PI = 1.1283791670955126;
    /** √π/2 rounded to a double, and its difference from that double. */
    private static final double HALF_ROOT_PI = 0x1.c5bf891b4ef6bp-1;
    private static final double HALF_ROOT_PI_LOW = -0x1.618f13eb7ca89p-55;

    private InverseErrorFunction() {}

    /** The inverse of erf; infinite at ±1, NaN beyond. */
    public static double erfinv(double x) {
        double a = Math.abs(x);
        if (!(a < 1)) {
            return a == 1 ? Math.copySign(Double.POSITIVE_INFINITY, x) : Double.NaN;
        }
        return Math.copySign(inverse(a), x);
    }

    /**
     * The derivative of erfinv, √π/2 e^(y²) for y = erfinv x. Near 1 this magnifies the rounding error of y, so one more residual is
     * computed to correct y.
     */
    public static double slope(double x) {
        double a = Math.abs(x);
        if (!(a < 1)) {
            return a == 1 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        double y = inverse(a);
        double lacking = residual(a, y) / (TWO_BY_ROOT_PI * Gaussian.bell(y));
        double square = y * y;
        return ExponentialOfSum.times(square, Math.fma(y, y, -square) + 2 * y * lacking, HALF_ROOT_PI, HALF_ROOT_PI_LOW, 1);
    }

    /** Finds y by Halley's iteration, each step of which triples the number of right digits. */
    private static double inverse(double a) {
        double y = guess(a);
        for (int i = 0; i < 3; i++) {
            double step = residual(a, y) / (TWO_BY_ROOT_PI * Gaussian.bell(y));
            y += step / (1 - y * step);
        }
        return y;
    }

    /** Returns a − erf y; from ½ on, where 1 − a is exact, it is computed from erfc. */
    private static double residual(double a, double y) {
        return a < 0.5 ? a - ErrorFunction.erf(y) : ErrorFunction.erfc(y) - (1 - a);
    }

    /** A first approximation to a few thousandths: three terms of the power series, and from ½ on S. Winitzki's formula of 2008. */
    private static double guess(double x) {
        if (x < 0.5) {
            double q = Math.PI * x * x;
            return x / TWO_BY_ROOT_PI * (1 + q * (1 / 12.0 + q * 7 / 480));
        }
        double log = Logarithm.log1p(-x) + Logarithm.log1p(x);
        double half = 2 / (Math.PI * 0.147) + log / 2;
        return Math.sqrt(Math.sqrt(half * half - log / 0.147) - half);
    }
}
