package io.chainrule.core.elementary;

/**
 * The constants that the scalar and the vector form of {@link InverseCircular} share. The polynomials are minimax fits by Remez' algorithm
 * with 60 digits, rounded to doubles.
 */
public final class InverseCircularConstants {
    /** Beyond this atan rounds to π/2. */
    public static final double ATAN_END = 0x1p60;
    /** An angle is measured from 0 up to the first of these tangents, from π/4 between them, and from π/2 above. */
    public static final double FLAT = 0.5;
    public static final double STEEP = 2;
    /** These two doubles add up to π/4, an eighth of a turn: the nearest double, and what it lacks. */
    public static final double EIGHTH = 0x1.921fb54442d18p-1;
    public static final double EIGHTH_LOW = 0x1.1a62633145c07p-55;
    public static final double HALF_PI = 2 * EIGHTH;
    public static final double HALF_PI_LOW = 2 * EIGHTH_LOW;

    /** atan t = t + t³ A(t²) on |t| ≤ 1/2, to 2^-61.998 of t. */
    public static final double A0 = -0.3333333333333332;
    public static final double A1 = 0.19999999999994486;
    public static final double A2 = -0.14285714285060527;
    public static final double A3 = 0.11111111072806468;
    public static final double A4 = -0.0909090777829851;
    public static final double A5 = 0.07692278877519511;
    public static final double A6 = -0.06666239088859631;
    public static final double A7 = 0.05877925823509524;
    public static final double A8 = -0.05230638951496279;
    public static final double A9 = 0.04591691280340349;
    public static final double A10 = -0.03717083142592408;
    public static final double A11 = 0.023725736815029277;
    public static final double A12 = -0.008408280617566929;

    /** asin t = t + t³ S(t²) on |t| ≤ 1/2, to 2^-59.8 of t. */
    public static final double S0 = 0.16666666666666738;
    public static final double S1 = 0.07499999999975189;
    public static final double S2 = 0.04464285717121675;
    public static final double S3 = 0.030381942845774182;
    public static final double S4 = 0.02237221159915623;
    public static final double S5 = 0.017351666138304408;
    public static final double S6 = 0.013980234853947181;
    public static final double S7 = 0.011403289072442637;
    public static final double S8 = 0.010757633515885276;
    public static final double S9 = 0.003785805935071695;
    public static final double S10 = 0.02152673691136233;
    public static final double S11 = -0.02075848792558057;
    public static final double S12 = 0.0324864057821644;

    private InverseCircularConstants() {}
}
