package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.InverseCircularConstants.*;

/** Arc sine, arc cosine and arc tangent, in radians. */
public final class InverseCircular {
    /** An angle with a smaller tangent equals its tangent to all digits. */
    private static final double TINY = 0x1p-60;
    private static final double HUGE = 0x1p800;

    private InverseCircular() {}

    /** Within 0.72 ulp. */
    public static double atan(double x) {
        double size = Math.abs(x);
        double a = size > ATAN_END ? ATAN_END : size;
        double p = a > STEEP ? 0 : 1;
        double q = a > FLAT ? 1 : 0;
        // atan a = atan((a p − q) / (a q + p)) plus 0, π/4 or π/2.
        double under = Math.fma(a, q, p);
        double value = arc((q + 1) - p, Math.fma(a, p, -q), under, Math.fma(a, q, p - under));
        return Double.isNaN(value) ? Double.NaN : Math.copySign(value, x);
    }

    /** The angle of the point (x, y) to the first axis, with IEEE 754's results for zeros and infinities. Within 0.78 ulp. */
    public static double atan2(double y, double x) {
        if (Double.isNaN(x) || Double.isNaN(y)) {
            return Double.NaN;
        }
        double a = Math.abs(y);
        double b = Math.abs(x);
        boolean isBack = Double.doubleToRawLongBits(x) < 0;
        boolean isSteep = a > b;
        double small = isSteep ? b : a;
        double large = isSteep ? a : b;
        // The angle is measured from this axis, in eighths of a turn, forward or backward.
        double axis = isSteep ? 2 : isBack ? 4 : 0;
        double direction = isSteep == isBack ? 1 : -1;
        double value;
        if (small == large && a != 0) {
            value = EIGHTH * (axis + direction);
        } else if (large == Double.POSITIVE_INFINITY || small <= TINY * large) {
            value = axis == 0 ? a == b ? 0 : small / large : EIGHTH * axis;
        } else {
            // Scaling keeps the remainders of divisions exact for very large and very small numbers.
            double scale = large > HUGE ? 1 / HUGE : large < 1 / HUGE ? HUGE : 1;
            small *= scale;
            large *= scale;
            if (small > FLAT * large) {
                double sum = large + small;
                value = arc(axis + direction, direction * (small - large), sum, (large - sum) + small);
            } else {
                value = arc(axis, direction * small, large, 0);
            }
        }
        return Math.copySign(value, y);
    }

    /** Returns {@code eighths} · π/4 + atan(above / (under + underLow)). The quotient must be at most 1/2 in size. */
    private static double arc(double eighths, double above, double under, double underLow) {
        double reciprocal = 1 / under;
        double t = above * reciprocal;
        double low = (Math.fma(-t, under, above) - t * underLow) * reciprocal;
        double z = t * t;
        double p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(A12, z, A11), z, A10), z, A9), z, A8), z, A7), z, A6);
        p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(p, z, A5), z, A4), z, A3), z, A2), z, A1), z, A0);
        // The low part is multiplied by the derivative 1/(1 + z), for which 1 − z is precise enough here.
        double rest = Math.fma(t * z, p, Math.fma(-z, low, low));
        double base = eighths * EIGHTH;
        double sum = base + t;
        return sum + (((base - sum) + t) + Math.fma(eighths, EIGHTH_LOW, rest));
    }

    /** Within 0.66 ulp; NaN beyond ±1. */
    public static double asin(double x) {
        double a = Math.abs(x);
        double value;
        if (a <= 0.5) {
            value = a + asinRest(a, a * a);
        } else if (a <= 1) {
            double z = 0.5 * (1 - a);
            double root = Math.sqrt(z);
            double rest = rootLow(root, z) + asinRest(root, z);
            double sum = HALF_PI - 2 * root;
            value = sum + (((HALF_PI - sum) - 2 * root) + (HALF_PI_LOW - 2 * rest));
        } else {
            return Double.NaN;
        }
        return Math.copySign(value, x);
    }

    /** Within 0.66 ulp; NaN beyond ±1. */
    public static double acos(double x) {
        double a = Math.abs(x);
        if (a <= 0.5) {
            double sum = HALF_PI - x;
            return sum + (((HALF_PI - sum) - x) + (HALF_PI_LOW - asinRest(x, x * x)));
        }
        if (!(a <= 1)) {
            return Double.NaN;
        }
        double z = 0.5 * (1 - a);
        double root = Math.sqrt(z);
        double rest = rootLow(root, z) + asinRest(root, z);
        if (x > 0) {
            return 2 * (root + rest);
        }
        double sum = 2 * HALF_PI - 2 * root;
        return sum + (((2 * HALF_PI - sum) - 2 * root) + 2 * (HALF_PI_LOW - rest));
    }

    /** Returns asin(t) − t for |t| ≤ 1/2. Either z is t² rounded, or z is exact and t is its rounded root. */
    private static double asinRest(double t, double z) {
        double p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(S12, z, S11), z, S10), z, S9), z, S8), z, S7), z, S6);
        p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(p, z, S5), z, S4), z, S3), z, S2), z, S1), z, S0);
        return t * z * p;
    }

    /** Returns √z − root, the rounding error of the root. */
    private static double rootLow(double root, double z) {
        return root == 0 ? 0 : Math.fma(-root, root, z) / (2 * root);
    }
}
