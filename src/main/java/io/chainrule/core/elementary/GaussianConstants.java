package io.chainrule.core.elementary;

/** The constants that the scalar and the vector form of {@link Gaussian} share. */
public final class GaussianConstants {
    /** From here on e^(−x²) rounds to 0. */
    public static final double BELL_END = 28;
    /** From here on the density rounds to 0. */
    public static final double DENSITY_END = 39;
    /** 1/√(2π) rounded to a double, and its difference from that double. */
    public static final double BY_ROOT_TWO_PI = 0x1.9884533d43651p-2;
    public static final double BY_ROOT_TWO_PI_LOW = -0x1.cbc0d30ebfd15p-56;

    private GaussianConstants() {}
}
