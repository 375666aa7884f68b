package io.chainrule.core.elementary;

/** What the scalar and the vector form of the cube root share. */
public final class RootConstants {
    public static final int SIGNIFICAND_BITS = 52;
    /** Makes a subnormal number normal, and its root 2^18 times as large. */
    public static final double SUBNORMAL_SCALE = 0x1p54;
    public static final int SUBNORMAL_THIRD = 18;

    /** A cube root on 1 ≤ m ≤ 8 to 2^-10.4; by Remez' algorithm. */
    public static final double C0 = 0.5869896232637136;
    public static final double C1 = 0.5263804222439349;
    public static final double C2 = -0.13466772663208693;
    public static final double C3 = 0.02421906158220733;
    public static final double C4 = -0.002312348596819271;
    public static final double C5 = 8.829701182450864e-05;

    private RootConstants() {}
}
