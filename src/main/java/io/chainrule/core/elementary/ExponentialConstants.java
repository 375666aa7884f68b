package io.chainrule.core.elementary;

/**
 * The constants that the scalar and the vector form of e^x share. With k the whole number nearest to x / ln 2 and r = x − k ln 2,
 * e^x = 2ᵏ eʳ and eʳ = 1 + r + r² (E(r²) + r O(r²)).
 */
public final class ExponentialConstants {
    public static final double LOG2_E = 0x1.71547652b82fep0;
    /** ln 2 = LN2_HIGH + LN2_LOW to 107 bits. With fma, x − k LN2_HIGH is exact: it is a multiple of 2⁻⁵⁴ and below ½. */
    public static final double LN2_HIGH = 0x1.62e42fefa39efp-1;
    public static final double LN2_LOW = 0x1.abc9e3b39803fp-56;

    /** Adding it to y rounds y to a whole number k. The last twelve bits of the sum then hold k + 1022, the exponent field of 2^(k−1). */
    public static final double SHIFT_HALF = 0x1.8p52 + 1022;
    /** Like SHIFT_HALF, but the bits hold k + 1023, the exponent field of 2ᵏ. */
    public static final double SHIFT_ONE = 0x1.8p52 + 1023;
    /** Like SHIFT_HALF, but the bits hold k + 2045, the sum of the exponent fields of two numbers whose product is 2^(k−1). */
    public static final double SHIFT_HALF_IN_TWO = 0x1.8p52 + 2045;
    /** Like SHIFT_HALF, but the bits hold k + 2046, the sum of the exponent fields of two numbers whose product 2ᵏ may be subnormal. */
    public static final double SHIFT_ONE_IN_TWO = 0x1.8p52 + 2046;
    public static final int SIGNIFICAND_BITS = 52;
    /** The sum of the bits of a power of two and of its inverse. */
    public static final long POWER_AND_INVERSE = 2046L << SIGNIFICAND_BITS;

    // Minimax for |r| ≤ ½ ln 2: e^r − 1 has a relative error below 2^-60. E2 = 1/2 was fixed, the others rounded to double.
    public static final double E2 = 0.5;
    public static final double E3 = 0x1.5555555555558p-3;
    public static final double E4 = 0x1.5555555555558p-5;
    public static final double E5 = 0x1.111111110fa28p-7;
    public static final double E6 = 0x1.6c16c16c14cf1p-10;
    public static final double E7 = 0x1.a01a01aeaae26p-13;
    public static final double E8 = 0x1.a01a01aeb1608p-16;
    public static final double E9 = 0x1.71ddfb2670b90p-19;
    public static final double E10 = 0x1.27e4c91fcd49dp-22;
    public static final double E11 = 0x1.af5a2e4c0ce34p-26;
    public static final double E12 = 0x1.1f90d6b2f50f3p-29;

    private ExponentialConstants() {}
}
