package io.chainrule.core.elementary;

/**
 * The constants that the scalar and the vector form of {@link Circular} share. The polynomials are minimax fits by Remez' algorithm with 60
 * digits on |r| ≤ π/4, rounded to doubles.
 */
public final class CircularConstants {
    /**
     * Below this, three parts of π/2 are precise enough: the quotient has 33 bits, its product with the third part errs by 2^-130, and no
     * double is closer than 2^-62 to a multiple of π/2.
     */
    public static final double MODERATE = 0x1p32;
    /** Adding 1.5·2^52 rounds a number to a whole number, which the lowest bits of the sum then hold. */
    public static final double ROUNDER = 0x1.8p52;

    public static final double TWO_BY_PI = 0x1.45f306dc9c883p-1;
    /** π/2 is the sum of these three parts to 2^-164. */
    public static final double HALF_PI_1 = 0x1.921fb54442d18p0;
    public static final double HALF_PI_2 = 0x1.1a62633145c07p-54;
    public static final double HALF_PI_3 = -0x1.f1976b7ed8fbcp-110;

    /** sin r = r + r³ S(r²), to 2^-58 of r. */
    public static final double S0 = -0.16666666666666632;
    public static final double S1 = 0.008333333333322425;
    public static final double S2 = -0.00019841269829815194;
    public static final double S3 = 2.755731369375602e-06;
    public static final double S4 = -2.5050758311356016e-08;
    public static final double S5 = 1.5896802841072037e-10;

    /** cos r = 1 - r²/2 + r⁴ C(r²), to 2^-64. */
    public static final double C0 = 0.0416666666666666;
    public static final double C1 = -0.001388888888887413;
    public static final double C2 = 2.4801587289483648e-05;
    public static final double C3 = -2.7557314352288047e-07;
    public static final double C4 = 2.087572322075256e-09;
    public static final double C5 = -1.1359643329960076e-11;

    private CircularConstants() {}
}
