package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Circular;

/**
 * The derivatives of sin(πx)/(πx). With u = πx the n-th derivative by u is Sₙ, where
 * u Sₙ + n Sₙ₋₁ = sin(u + nπ/2). Near 0 that recurrence would lose digits, and the power series of sin u / u is
 * differentiated term by term.
 */
public final class Sinc {
    private Sinc() {}

    /** The derivative of this order at x; the time is proportional to the order. */
    public static double value(double x, int order) {
        double u = Math.PI * x;
        double scale = Pi.power(order);
        if (Math.abs(u) < 1 + order) {
            return scale * series(u, order);
        }
        double s = sinPi(x, 0) / u;
        for (int n = 1; n <= order; n++) {
            s = (sinPi(x, n) - n * s) / u;
        }
        return scale * s;
    }

    /** Σ (−1)ᵏ u^(2k−n) (2k)! / ((2k−n)! (2k+1)!), from the first k with 2k ≥ n. */
    private static double series(double u, int n) {
        int k = (n + 1) / 2;
        double term = 2 * k == n ? 1 : u;
        for (int i = 2; i <= 2 * k - n; i++) {
            term /= i;
        }
        term *= (k % 2 == 0 ? 1.0 : -1.0) / (2 * k + 1);
        double sum = 0;
        while (Math.abs(term) > 1e-18 * Math.abs(sum) && term != 0) {
            sum += term;
            int power = 2 * k - n;
            term *= -u * u / ((power + 1.0) * (power + 2.0)) * (2 * k + 1) / (2 * k + 3);
            k++;
        }
        return sum;
    }

    /** sin(πx + nπ/2), exact where x is a whole number or a half. */
    private static double sinPi(double x, int n) {
        // Reduced before the quarters are added, which a large x would swallow.
        double r = Math.IEEEremainder(Math.IEEEremainder(x, 2) + 0.5 * (n % 4), 2);
        return r > 0.5 ? Circular.sin(Math.PI * (1 - r)) : r < -0.5 ? -Circular.sin(Math.PI * (1 + r)) : Circular.sin(Math.PI * r);
    }
}
