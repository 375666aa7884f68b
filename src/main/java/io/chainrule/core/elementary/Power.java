package io.chainrule.core.elementary;

/** Powers of any base and exponent. */
public final class Power {
    /** Beyond these exponents of e every power overflows, or underflows to 0. */
    private static final double OVERFLOW = 710;
    private static final double UNDERFLOW = -746;

    private static final double MOST_FACTORS = 4;

    private Power() {}

    /**
     * x^y within 0.95 ulp, computed as e^(y ln |x|) with a logarithm of 68 bits. The powers 2, 3 and 4 are products: x³ is within 1.4 ulp
     * and x⁴ within 2. Special cases are those of IEEE 754: x^0 and 1^y are 1 even for NaN, (−1)^±∞ is 1, and powers of a negative base
     * are NaN unless the exponent is whole.
     */
    public static double pow(double x, double y) {
        return pow(x, y, 0);
    }

    /** x^(exponent − less), accurate even where the difference is rounded. */
    public static double pow(double x, double exponent, double less) {
        double y = exponent - less;
        if (y == 0 || x == 1) {
            return 1;
        }
        double a = Math.abs(x);
        double size = Math.abs(y);
        if (Double.isNaN(x) || Double.isNaN(y)) {
            return Double.NaN;
        }
        if (size <= MOST_FACTORS && (size == Math.rint(size) ? y >= -1 : y == 0.5 && x >= 0)) {
            return small(x, y);
        }
        if (a == 1 && size == Double.POSITIVE_INFINITY) {
            return 1;
        }
        boolean isOdd = size < 0x1p53 && y == Math.rint(y) && ((long) size & 1) == 1;
        double sign = isOdd && Double.doubleToRawLongBits(x) < 0 ? -1 : 1;
        if (a == 0 || a == Double.POSITIVE_INFINITY || size == Double.POSITIVE_INFINITY) {
            boolean grows = size == Double.POSITIVE_INFINITY ? a > 1 == y > 0 : a > 0 == y > 0;
            return grows ? sign * Double.POSITIVE_INFINITY : sign * 0.0;
        }
        if (x < 0 && size < 0x1p53 && y != Math.rint(y)) {
            return Double.NaN;
        }
        boolean isSubnormal = a < Double.MIN_NORMAL;
        LogarithmOfSum log = isSubnormal ? LogarithmOfSum.of(a * 0x1p54, 0, -54) : LogarithmOfSum.of(a, 0, 0);
        double high = y * log.high();
        if (high > OVERFLOW) {
            return sign * Double.POSITIVE_INFINITY;
        }
        if (high < UNDERFLOW) {
            return sign * 0.0;
        }
        // The rounding error of a difference is a double (Knuth 1998, 4.2.2).
        double ofLess = y - exponent;
        double yLow = (exponent - (y - ofLess)) - (less + ofLess);
        double low = Math.fma(y, log.high(), -high) + (y * log.low() + yLow * log.high());
        return sign * ExponentialOfSum.times(high, low, 1, 0, 1);
    }

    /** The power at −1, ½, 1, 2, 3 or 4. */
    private static double small(double x, double y) {
        if (y < 1) {
            return y < 0 ? 1 / x : Math.sqrt(x + 0.0);
        }
        double square = x * x;
        return y == 1 ? x : y == 2 ? square : y == 3 ? square * x : square * square;
    }
}
