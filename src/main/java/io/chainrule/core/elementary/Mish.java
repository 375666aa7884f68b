package io.chainrule.core.elementary;

/**
 * The gate of mish, tanh log(1 + e^x), and its derivative, each within 4 ulp. Both are fractions of polynomials in e^−|x| with positive
 * coefficients, in which nothing cancels.
 */
public final class Mish {
    private Mish() {}

    public static double gate(double x) {
        double e = Exponential.exp(-Math.abs(x));
        return x > 0 ? (1 + 2 * e) / (1 + 2 * e * (1 + e)) : e * (e + 2) / (e * (e + 2) + 2);
    }

    public static double slope(double x) {
        double e = Exponential.exp(-Math.abs(x));
        double under = x > 0 ? 1 + 2 * e * (1 + e) : e * (e + 2) + 2;
        double above = x > 0 ? e * (e * (1 + e)) : e * (1 + e);
        return 4 * above / (under * under);
    }
}
