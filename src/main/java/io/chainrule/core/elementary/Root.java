package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.RootConstants.*;

/** The cube root and the length of a vector; the square root is an IEEE operation. */
public final class Root {
    private static final double HUGE = 0x1p500;
    private static final double SCALE = 0x1p600;

    private Root() {}

    /** Within 0.51 ulp; cube numbers have whole cube roots. */
    public static double cbrt(double x) {
        double a = Math.abs(x);
        if (!(a > 0 && a < Double.POSITIVE_INFINITY)) {
            return Double.isNaN(x) ? Double.NaN : x;
        }
        boolean isSubnormal = a < Double.MIN_NORMAL;
        long bits = Double.doubleToRawLongBits(isSubnormal ? a * SUBNORMAL_SCALE : a);
        int exponent = (int) (bits >>> SIGNIFICAND_BITS) - 1023;
        int third = Math.floorDiv(exponent, 3);
        double m = Double.longBitsToDouble(bits - (3L * third << SIGNIFICAND_BITS));
        double y = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(C5, m, C4), m, C3), m, C2), m, C1), m, C0);
        // A step of Halley's iteration triples the digits. A step of Newton's, from a residual computed exactly, doubles them.
        double cube = y * y * y;
        y = y * (Math.fma(2, m, cube) / Math.fma(2, cube, m));
        double square = y * y;
        double product = square * y;
        double low = Math.fma(square, y, -product) + Math.fma(y, y, -square) * y;
        y += ((m - product) - low) / (3 * square);
        int scale = third - (isSubnormal ? SUBNORMAL_THIRD : 0);
        return Math.copySign(y * Double.longBitsToDouble((long) (scale + 1023) << SIGNIFICAND_BITS), x);
    }

    /**
     * √(x² + y²) without intermediate overflow, within 0.75 ulp. It is infinite if one operand is, even
     * if the other is NaN.
     */
    public static double hypot(double x, double y) {
        double large = Math.max(Math.abs(x), Math.abs(y));
        double small = Math.min(Math.abs(x), Math.abs(y));
        if (!(large < Double.POSITIVE_INFINITY)) {
            return Math.abs(x) == Double.POSITIVE_INFINITY || Math.abs(y) == Double.POSITIVE_INFINITY
                    ? Double.POSITIVE_INFINITY
                    : Double.NaN;
        }
        if (small <= large * 0x1p-54) {
            return large;
        }
        double scale = large > HUGE ? 1 / SCALE : large < 1 / HUGE ? SCALE : 1;
        double a = large * scale;
        double b = small * scale;
        double first = a * a;
        double second = b * b;
        double sum = first + second;
        double low = ((first - sum) + second) + (Math.fma(a, a, -first) + Math.fma(b, b, -second));
        double root = Math.sqrt(sum);
        return (root + (Math.fma(-root, root, sum) + low) / (2 * root)) / scale;
    }
}
