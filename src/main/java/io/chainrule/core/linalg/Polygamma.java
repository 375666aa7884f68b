package io.chainrule.core.linalg;

/** Derivatives of the digamma function on the whole real line; the time is proportional to the order. */
public final class Polygamma {
    private Polygamma() {}

    /** The n-th derivative of digamma, n ≥ 1, at x; {@code cotangentDerivative} is {@link #cotangentDerivative} of n. */
    public static double value(int n, double[] cotangentDerivative, double x) {
        boolean odd = n % 2 == 1;
        if (x > 0) {
            return odd ? series(n, x) : -series(n, x);
        } else if (x == Math.rint(x)) {
            boolean signed = x == 0 && !odd;
            return signed
                    ? Math.copySign(Double.POSITIVE_INFINITY, -x)
                    : odd && Double.isFinite(x) ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        double cotangent = GammaFunctions.cotangent(x);
        double sum = 0;
        for (int k = cotangentDerivative.length - 1; k >= 0; k--) {
            sum = cotangentDerivative[k] + cotangent * sum;
        }
        double reflected = Pi.power(n + 1) * sum;
        return odd ? reflected - series(n, 1 - x) : -reflected - series(n, 1 - x);
    }

    /** Coefficients of (−1)ⁿ times the n-th derivative of cot as a polynomial in cot, none of them negative. */
    public static double[] cotangentDerivative(int n) {
        double[] p = {0, 1};
        for (int i = 0; i < n; i++) {
            double[] next = new double[p.length + 1];
            for (int k = 1; k < p.length; k++) {
                next[k - 1] += k * p[k];
                next[k + 1] += k * p[k];
            }
            p = next;
        }
        return p;
    }

    /** n! Σ (x + k)^(−n−1) for x > 0: terms are added until x + k is large, and the Euler–Maclaurin formula gives the rest. */
    private static double series(int n, double x) {
        int terms = (int) Math.max(0, Math.ceil(GammaFunctions.ASYMPTOTIC + n + 1 - x));
        double a = x + terms;
        double correction = 0;
        double factor = n * (n + 1.0) / 2 / a / a;
        for (int j = 1; j <= GammaFunctions.BERNOULLI.length; j++) {
            correction += GammaFunctions.BERNOULLI[j - 1] * factor;
            factor *= (n + 2.0 * j) * (n + 2.0 * j + 1) / ((2.0 * j + 1) * (2.0 * j + 2)) / a / a;
        }
        double sum = factorialByPower(n - 1, a) * (1 + (n / (2 * a) + correction));
        for (int k = terms - 1; k >= 0; k--) {
            sum += factorialByPower(n, x + k);
        }
        return sum;
    }

    /** n! / x^(n+1), without intermediate overflow or underflow. */
    private static double factorialByPower(int n, double x) {
        double result = 1 / x;
        for (int i = 1; i <= n; i++) {
            result *= i / x;
        }
        return result;
    }
}
