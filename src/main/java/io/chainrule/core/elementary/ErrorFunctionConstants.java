package io.chainrule.core.elementary;

/**
 * The constants that the scalar and the vector form of {@link ErrorFunction} share. The polynomials are minimax fits by Remez' algorithm
 * with 60 digits, rounded to doubles.
 */
public final class ErrorFunctionConstants {
    /** Below this argument erf has a polynomial of its own. */
    public static final double SMALL = 0.5;
    /** From here on erf rounds to 1. */
    public static final double ERF_END = 6;
    /** From here on erfc rounds to 0. */
    public static final double ERFC_END = 28;
    /** For arguments from this one on, the normal distribution function rounds to 1; for those below its negative, it rounds to 0. */
    public static final double PHI_END = 39;

    public static final double ROOT_HALF = 0x1.6a09e667f3bcdp-1;
    public static final double ROOT_HALF_LOW = -0x1.bdd3413b26456p-55;

    /** 2/√π rounded to a double, and the difference of 2/√π from that double. */
    public static final double SLOPE = 0x1.20dd750429b6dp0;
    public static final double SLOPE_LOW = 0x1.1ae3a914fed80p-56;

    /** erf x = 2/√π x + x³ P(x²) on |x| ≤ 1/2, to 2^-65 of x. */
    public static final double P0 = -0.37612638903183754;
    public static final double P1 = 0.11283791670954932;
    public static final double P2 = -0.0268661706450213;
    public static final double P3 = 0.005223977622406599;
    public static final double P4 = -0.0008548326551554232;
    public static final double P5 = 0.00012055288768921488;
    public static final double P6 = -1.4923098820898775e-05;
    public static final double P7 = 1.6373169212257578e-06;
    public static final double P8 = -1.4637386941759618e-07;

    /** (1 + x) exp(x²) erfc(x) = G((x - 3)/(x + 3)) on 0 ≤ x ≤ 28, to 2^-57.6 of it. G0_LOW is the rounding error of G0. */
    public static final double G0 = 0.7160046047255598;
    public static final double G0_LOW = -2.0623422964815843e-17;
    public static final double G1 = -0.23092733308380914;
    public static final double G2 = 0.09902075367943942;
    public static final double G3 = -0.010235388899017359;
    public static final double G4 = -0.023803913108622697;
    public static final double G5 = 0.02195776401299011;
    public static final double G6 = -0.009750689293971257;
    public static final double G7 = 0.0016185691216578195;
    public static final double G8 = 0.0006458142185342576;
    public static final double G9 = -0.0003672884300812809;
    public static final double G10 = -2.055171331940662e-05;
    public static final double G11 = 5.611908829084366e-05;
    public static final double G12 = -1.5139510801151696e-06;
    public static final double G13 = -8.988970230728821e-06;
    public static final double G14 = 2.595842869825461e-07;
    public static final double G15 = 1.5859245475029044e-06;
    public static final double G16 = 6.232442637795855e-08;
    public static final double G17 = -2.886145179724892e-07;
    public static final double G18 = -4.795458753569674e-08;
    public static final double G19 = 4.57986545342225e-08;
    public static final double G20 = 1.5861068365179912e-08;
    public static final double G21 = -3.888728460636368e-09;
    public static final double G22 = -2.6021647952004205e-09;
    public static final double G23 = -2.901864736609914e-10;

    private ErrorFunctionConstants() {}
}
