package io.chainrule.core.elementary;

/**
 * A natural logarithm as the sum of two doubles, with a relative error of 2^-68. The argument is a sum of two doubles as well: near 1,
 * rounding the argument could change all digits of its logarithm.
 *
 * @param high the sum rounded
 * @param low the rest
 */
record LogarithmOfSum(double high, double low) {
    /** The bits of √½. Significands lie between √½ and √2, which is divided into 128 cells. */
    private static final long LEAST = 0x3fe6a09e667f3bcdL;
    private static final int CELL_BITS = 45;
    private static final int CELLS = 128;
    /** Cells this close to 1 have the factor 1, so that nothing cancels near 1. */
    private static final double NEAR_ONE = 0x1.03p-7;
    private static final int SIGNIFICAND_BITS = 52;
    /** ln 2 in two parts, the first short enough that its product with an exponent is exact. */
    private static final double LN2 = 0x1.62e42fefa38p-1;
    private static final double LN2_LOW = 0x1.ef35793c7673p-45;

    private static final double THIRD = 1.0 / 3;
    private static final double THIRD_LOW = 0x1.5555555555555p-56;
    private static final double FIFTH = 0.2;
    private static final double FIFTH_LOW = -0x1.999999999999ap-57;
    /** ln(1 + r) = r - r²/2 + r³ T(r) on |r| ≤ 0.0121, to 2^-74 of r; by Remez' algorithm with 60 digits. */
    private static final double T0 = 0.3333333333333333;
    private static final double T1 = -0.25;
    private static final double T2 = 0.2000000000000745;
    private static final double T3 = -0.16666666666685448;
    private static final double T4 = 0.14285714034940414;
    private static final double T5 = -0.12499999609198202;
    private static final double T6 = 0.11113812238319798;
    private static final double T7 = -0.10003095132599864;
    /** artanh s = s + s³ (1/3 + s² (1/5 + s² R(s²))) on |s| ≤ 3 - √8, to 2^-72; by Remez' algorithm with 60 digits. */
    private static final double R0 = 0.14285714285715864;
    private static final double R1 = 0.11111111110249487;
    private static final double R2 = 0.0909090926995784;
    private static final double R3 = 0.07692288706712416;
    private static final double R4 = 0.0666779711772702;
    private static final double R5 = 0.05844155158114532;
    private static final double R6 = 0.05942652731459144;

    /** For each cell a factor that takes its numbers close to 1, and minus the logarithm of that factor, in two parts. */
    private static final double[] FACTOR = new double[CELLS];
    private static final double[] HIGH = new double[CELLS];
    private static final double[] LOW = new double[CELLS];

    static {
        for (int i = 0; i < CELLS; i++) {
            double middle = Double.longBitsToDouble(LEAST + ((2L * i + 1) << CELL_BITS - 1));
            FACTOR[i] = Math.abs(middle - 1) < NEAR_ONE ? 1 : 1 / middle;
            LogarithmOfSum log = bySeries(FACTOR[i]);
            HIGH[i] = -log.high;
            LOW[i] = -log.low;
        }
    }

    /** ln(high + low) + exponent · ln 2 for a positive normal high, and a low part of at most an ulp. */
    static LogarithmOfSum of(double high, double low, int exponent) {
        long bits = Double.doubleToRawLongBits(high);
        long k = bits - LEAST >> SIGNIFICAND_BITS;
        long significand = bits - (k << SIGNIFICAND_BITS);
        double m = Double.longBitsToDouble(significand);
        // The power of two is applied as two factors, because 2^-1024 is no normal double.
        double mLow = 0.5 * low * Double.longBitsToDouble(1024 - k << SIGNIFICAND_BITS);

        int cell = (int) (significand - LEAST >> CELL_BITS);
        double factor = FACTOR[cell];
        double product = m * factor;
        double r = product - 1;
        double rLow = Math.fma(m, factor, -product) + mLow * factor;
        double square = r * r;
        double squareLow = Math.fma(r, r, -square);
        double even = Math.fma(Math.fma(Math.fma(T6, square, T4), square, T2), square, T0);
        double odd = Math.fma(Math.fma(Math.fma(T7, square, T5), square, T3), square, T1);
        double series = Math.fma(r * square, Math.fma(odd, r, even), Math.fma(-0.5, squareLow, Math.fma(-r, rLow, rLow)));

        double n = k + exponent;
        double whole = n * LN2;
        double first = whole + HIGH[cell];
        double second = first + r;
        double third = second - 0.5 * square;
        double lost = (((whole - first) + HIGH[cell]) + ((first - second) + r)) + ((second - third) - 0.5 * square);
        double rest = lost + (Math.fma(n, LN2_LOW, LOW[cell]) + series);
        double sum = third + rest;
        return new LogarithmOfSum(sum, (third - sum) + rest);
    }

    /** Computes ln m for √½ ≤ m ≤ √2 without the table, whose entries it computes. */
    private static LogarithmOfSum bySeries(double m) {
        // s = (m - 1) / (m + 1), with its low part
        double above = m - 1;
        double under = m + 1;
        double underLow = (1 - under) + m;
        double reciprocal = 1 / under;
        double first = above * reciprocal;
        double second = (Math.fma(-first, under, above) - first * underLow) * reciprocal;
        double s = first + second;
        double sLow = (first - s) + second;

        double z = s * s;
        double zLow = Math.fma(s, s, -z) + 2 * s * sLow;
        double r = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(R6, z, R5), z, R4), z, R3), z, R2), z, R1), z, R0);
        double t = Math.fma(z, r, FIFTH);
        double tLow = Math.fma(z, r, FIFTH - t) + FIFTH_LOW;
        double v = Math.fma(z, t, THIRD);
        double vLow = Math.fma(z, t, THIRD - v) + (THIRD_LOW + Math.fma(z, tLow, zLow * t));
        double c = z * v;
        double cLow = Math.fma(z, v, -c) + Math.fma(z, vLow, zLow * v);
        double w = s * c;
        double wLow = Math.fma(s, c, -w) + Math.fma(s, cLow, sLow * c);
        double half = s + w;
        double halfLow = ((s - half) + w) + (sLow + wLow);
        return new LogarithmOfSum(2 * half, 2 * halfLow);
    }
}
