package io.chainrule.core.linalg;

import io.chainrule.core.elementary.ErrorFunction;
import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Logarithm;

/** The inverse of the error function, to a few units in the last place. */
public final class InverseErrorFunction {
    private static final double TWO_BY_ROOT_PI = 1.1283791670955126;

    private InverseErrorFunction() {}

    /** The inverse of erf by Halley's iteration, each step of which triples the digits; near ±1, where 1 − |x| is exact, on erfc. */
    public static double erfinv(double x) {
        double a = Math.abs(x);
        if (!(a < 1)) {
            return a == 1 ? Math.copySign(Double.POSITIVE_INFINITY, x) : Double.NaN;
        }
        double y = guess(a);
        for (int i = 0; i < 3; i++) {
            double residual = a < 0.5 ? ErrorFunction.erf(y) - a : 1 - a - ErrorFunction.erfc(y);
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
        double log = Logarithm.log1p(-x) + Logarithm.log1p(x);
        double half = 2 / (Math.PI * 0.147) + log / 2;
        return Math.sqrt(Math.sqrt(half * half - log / 0.147) - half);
    }

    /** exp(−factor x²) without the error that rounding x² would cause: x is split into a short and a small part. */
    private static double exponential(double x, double factor) {
        double high = (float) x;
        return Exponential.exp(-factor * high * high) * Exponential.exp(-factor * (x - high) * (x + high));
    }
}
