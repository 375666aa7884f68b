package io.chainrule.core.elementary;

/**
 * The constants that the scalar and the vector form of the logarithm share. With x = 2ᵏ (1 + f), √½ ≤ 1 + f < √2, and s = f / (1 + ½f),
 * log x = k ln 2 + s + s³ P(s²).
 */
public final class LogarithmConstants {
    public static final int SIGNIFICAND_BITS = ExponentialConstants.SIGNIFICAND_BITS;
    public static final long SIGNIFICAND_MASK = (1L << SIGNIFICAND_BITS) - 1;
    public static final long EXPONENT_MASK = 0x7ffL << SIGNIFICAND_BITS;
    /** The bits of √½. */
    public static final long SQRT_HALF = 0x3fe6a09e667f3bcdL;
    /** The bits of 1 minus those of √½. Adding them to the bits of x leaves k + 1023 in the exponent field. */
    public static final long SHIFT = (1023L << SIGNIFICAND_BITS) - SQRT_HALF;
    /** The bits of 2⁵². With a whole number n in their last bits they are those of 2⁵² + n, which converts n to a double. */
    public static final long WHOLE = 1075L << SIGNIFICAND_BITS;
    public static final double EXPONENT = 0x1p52 + 1023;

    public static final double SUBNORMAL_SCALE = 0x1p54;
    public static final double SUBNORMAL_EXPONENT = EXPONENT + 54;

    /** ln 2 = LN2_TOP + LN2_REST to 95 bits. The first has 42 bits, so that a multiple by k is exact. */
    public static final double LN2_TOP = 0x1.62e42fefa3800p-1;
    public static final double LN2_REST = 0x1.ef35793c76730p-45;
    /** log₁₀ 2, split in the same way. */
    public static final double LOG10_2_TOP = 0x1.34413509f7800p-2;
    public static final double LOG10_2_REST = 0x1.fef311f12b358p-46;
    /** log₂ e and log₁₀ e to 106 bits. */
    public static final double LOG2_E_HIGH = 0x1.71547652b82fep0;
    public static final double LOG2_E_LOW = 0x1.777d0ffda0d24p-56;
    public static final double LOG10_E_HIGH = 0x1.bcb7b1526e50ep-2;
    public static final double LOG10_E_LOW = 0x1.95355baaafad3p-57;

    // Minimax for √½ ≤ 1 + f ≤ √2, rounded to double: s + s³ P(s²) has a relative error below 2^-59.
    public static final double P0 = 0x1.5555555555589p-4;
    public static final double P1 = 0x1.9999999982431p-7;
    public static final double P2 = 0x1.2492494025df1p-9;
    public static final double P3 = 0x1.c71c53510e215p-12;
    public static final double P4 = 0x1.74660257ec7c0p-14;
    public static final double P5 = 0x1.39a75391e4122p-16;
    public static final double P6 = 0x1.2ed1030679c97p-18;

    // Minimax for the same expression on 0 ≤ f ≤ 1, with a relative error below 2^-58.
    public static final double W0 = 0x1.555555555553fp-4;
    public static final double W1 = 0x1.999999999f131p-7;
    public static final double W2 = 0x1.249249211e710p-9;
    public static final double W3 = 0x1.c71c73decac11p-12;
    public static final double W4 = 0x1.745cbb90320a6p-14;
    public static final double W5 = 0x1.3b1d494d53402p-16;
    public static final double W6 = 0x1.106ea8a0751f3p-18;
    public static final double W7 = 0x1.ef7317ec1ca3fp-21;
    public static final double W8 = 0x1.574f0dcb6da92p-23;
    public static final double W9 = 0x1.5b0f4363cf20dp-24;

    private LogarithmConstants() {}
}
