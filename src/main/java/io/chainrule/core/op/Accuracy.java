package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how far the computed value of an elementwise op can be from the exact one: what the operands' errors do to it, and what the
 * op itself rounds. The unit roundoff u is 2⁻⁵³ (Higham 2002, chapter 2).
 */
@FunctionalInterface
interface Accuracy {
    double UNIT = 0x1p-53;
    /** Errors of more than this are as large as the features of functions such as sin. */
    double LARGEST_SMOOTH = 0.25;
    /** Below this the rest of a product or quotient may be too small for a double. */
    double SAFE = 0x1p-960;
    /** Bounds are computed in doubles too, so a decision is certain only with some room. */
    double ROOM = 1 + 0x1p-40;

    /** An op that rounds nothing, and whose value moves no faster than its first operand. */
    Accuracy EXACT = (op, x, e, y) -> e[0];

    /** {@code e[k]} bounds the error of {@code x[k]}; {@code y} is the computed value. NaN stands for infinity. */
    double bound(Elementwise op, double[] x, double[] e, double y);

    /** Appends the bound for a node of this op. */
    default @Nullable Node error(Node node, Elementwise op, @Nullable Node[] errors) {
        return ElementwiseError.of(node, op, this, errors);
    }

    /** A function that is monotone in each operand, and computed to so many units in the last place. */
    static Accuracy monotone(double ulps) {
        return (op, x, e, y) -> spread(op, x, e, y, ulps, 0);
    }

    /** A function that bends no faster than sin. */
    static Accuracy smooth(double ulps) {
        return smooth(ulps, 0);
    }

    /**
     * Also for a function with zeros, near which its value is rounded to {@code ulps} units in the last place of {@code scale}, not of the
     * value.
     */
    static Accuracy smooth(double ulps, double scale) {
        return (op, x, e, y) -> {
            double largest = 0;
            for (double error : e) {
                largest = Math.max(largest, error);
            }
            // Between the ends the function can be farther from its value in the middle only by its third derivative.
            return largest <= LARGEST_SMOOTH ? spread(op, x, e, y, ulps, scale) * (1 + 2 * largest) : Double.POSITIVE_INFINITY;
        };
    }

    /** The operand times a smooth gate; where the gate is subnormal, its error of so many least doubles is multiplied too. */
    static Accuracy gated(Accuracy smooth, double leasts) {
        return (op, x, e, y) -> smooth.bound(op, x, e, y) + (Double.isInfinite(x[0]) ? 0 : leasts * Double.MIN_VALUE * Math.abs(x[0]));
    }

    /** A function with poles at 0 and the negative whole numbers. */
    static Accuracy gammaLike(double ulps, double scale) {
        return (op, x, e, y) -> {
            double toPole = x[0] > 0 ? x[0] : Math.abs(x[0] - Math.rint(x[0]));
            return e[0] <= LARGEST_SMOOTH * Math.min(1, toPole)
                    ? spread(op, x, e, y, ulps * (1 + Math.max(0, -x[0]) / toPole), scale) * 1.5
                    : Double.POSITIVE_INFINITY;
        };
    }

    /** A function of two operands whose value moves no faster than they do, computed to so many units in the last place. */
    static Accuracy lipschitz(double ulps) {
        return (op, x, e, y) -> e[0] + e[1] + rounding(ulps, x, y, 0);
    }

    /**
     * The distance from y to the farthest value at the corners of the box around x, and the rounding at both. It is infinite where a corner
     * has no value, for the box then reaches beyond the domain of the function and may contain a pole.
     */
    private static double spread(Elementwise op, double[] x, double[] e, double y, double ulps, double scale) {
        double own = rounding(ulps, x, y, scale);
        double far = 0;
        double largest = Math.max(Math.abs(y), scale);
        boolean any = false;
        double[] at = {0, 0, 0};
        for (int corner = 0; corner < 1 << x.length; corner++) {
            boolean isDistinct = true;
            for (int k = 0; k < x.length; k++) {
                boolean up = (corner >> k & 1) == 1;
                isDistinct &= e[k] > 0 || !up;
                any |= e[k] > 0;
                at[k] = !(e[k] > 0) ? x[k] : up ? Math.nextUp(x[k] + e[k]) : Math.nextDown(x[k] - e[k]);
            }
            if (any && isDistinct) {
                double value = op.apply(at[0], at[1], at[2]);
                double distance = value == y ? 0 : Math.abs(value - y);
                if (Double.isNaN(distance)) {
                    return Double.POSITIVE_INFINITY;
                }
                far = Math.max(far, distance);
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return far > 0 ? far + own + ulps * Math.ulp(largest) : own;
    }

    /** The rounding of a function's value; none where 0 is mapped to 0, 1/2, 1 or 2, and where a value of 0 cannot be an underflow. */
    static double rounding(double ulps, double[] x, double y, double scale) {
        double largest = 0;
        boolean infinite = false;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
            infinite |= Double.isInfinite(value);
        }
        boolean isShort = y == 0 || y == 0.5 || y == 1 || y == 2;
        if (ulps == 0 || infinite || isShort && largest == 0 || y == 0 && largest >= 0.5 && largest <= 2) {
            return 0;
        }
        return ulps * Math.ulp(Math.max(Math.abs(y), scale));
    }

    static double sum(double a, double b, double ea, double eb, double y) {
        if (isInfinity(a, b, y)) {
            return ea + eb < Double.POSITIVE_INFINITY ? 0 : ea + eb;
        }
        // The rounding error of a sum is a double (Knuth 1998, 4.2.2).
        double ofB = y - a;
        return ea + eb + Math.abs(a - (y - ofB) + (b - ofB));
    }

    /** Whether an infinite value is that of an operand, and not of an overflow. */
    private static boolean isInfinity(double a, double b, double y) {
        return Double.isInfinite(y) && (Double.isInfinite(a) || Double.isInfinite(b));
    }

    static double product(double a, double b, double ea, double eb, double y) {
        if (isInfinity(a, b, y)) {
            return ea < Math.abs(a) && eb < Math.abs(b) ? 0 : Double.POSITIVE_INFINITY;
        }
        return Double.isNaN(y)
                ? Double.POSITIVE_INFINITY
                : times(Math.abs(a), eb) + times(Math.abs(b), ea) + times(ea, eb) + productRounding(a, b, y);
    }

    /**
     * 0 where either is 0, so that an exact zero stops an error of which nothing is known. Other products are never 0: the least double is
     * added, which changes only products that are nearly as small.
     */
    static double times(double a, double b) {
        return a == 0 || b == 0 ? 0 : a * b + Double.MIN_VALUE;
    }

    static double productRounding(double a, double b, double y) {
        return a == 0 || b == 0 ? 0 : Math.abs(y) >= SAFE ? Math.abs(Math.fma(a, b, -y)) : Math.ulp(y);
    }

    static double quotient(double a, double b, double ea, double eb, double y) {
        if (!(Math.abs(b) > eb)) {
            return Double.POSITIVE_INFINITY;
        }
        if (Double.isInfinite(b) && Double.isFinite(a)) {
            return 0;
        }
        double moved = (ea + times(Math.abs(y), eb)) / (Math.abs(b) - eb);
        double own = a == 0
                ? 0
                : Math.abs(y) >= SAFE && Math.abs(a) >= SAFE ? Math.abs(Math.fma(-y, b, a) / b) * ROOM : Math.ulp(y);
        boolean isExact = ea == 0 && (eb == 0 || a == 0);
        return moved * ROOM + own * (Math.abs(b) / (Math.abs(b) - eb)) + (isExact ? 0 : Double.MIN_VALUE);
    }

    static double squareRoot(double x, double e, double y) {
        if (e > 0 && !(x > e)) {
            return Double.POSITIVE_INFINITY;
        }
        double own = x == 0 ? 0 : x >= SAFE ? Math.abs(Math.fma(-y, y, x)) / (2 * y) * ROOM : Math.ulp(y);
        return own + (e > 0 ? e / (y + Math.sqrt(x - e)) * (1 + 4 * UNIT) + Double.MIN_VALUE : 0);
    }

    /** Whether values within these errors compare as the computed ones do. */
    static double comparison(double a, double b, double ea, double eb) {
        return ea + eb == 0 || Math.abs(a - b) > (ea + eb) * ROOM ? 0 : 1;
    }

    /** Whether an operand may be 0 where its computed value is not, or the other way round. */
    static boolean isDoubtful(double x, double e) {
        return e > 0 && !(Math.abs(x) > e * ROOM);
    }

    static double power(Elementwise op, double[] x, double[] e, double y) {
        double a = x[0];
        double b = x[1];
        if (e[1] == 0 && (b == 0 || b == 1)) {
            return b == 0 ? 0 : e[0];
        }
        if (e[1] == 0 && b == 2) {
            return product(a, a, e[0], e[0], y);
        }
        boolean isWhole = a == Math.rint(a) && b == Math.rint(b) && b > 0 && Math.abs(y) <= 0x1p53;
        double own = isWhole || a == 1 || a == 0 ? 0 : rounding(b == 3 || b == 4 ? 2 : 1, x, y, 0);
        if (e[0] == 0 && e[1] == 0) {
            return own;
        }
        if (a == 0 && e[0] == 0 && b > e[1]) {
            return 0;
        }
        boolean reachesZero = !(Math.abs(a) > e[0]);
        if (reachesZero && b < 0 || e[1] > 0 && !(a > e[0])) {
            return Double.POSITIVE_INFINITY;
        }
        // An exponent that a rule made from a rounded literal has that literal's error, which may be larger than its own.
        double ofExponent = e[1] == 0 ? 0 : e[1] + 4 * UNIT;
        return spread(op, x, new double[]{e[0], ofExponent}, y, isWhole ? 0 : 1, 0) + own;
    }
}
