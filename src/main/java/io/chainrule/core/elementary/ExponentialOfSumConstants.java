package io.chainrule.core.elementary;

/** The constants that {@link ExponentialOfSum} shares with the vector forms that contain its steps. */
public final class ExponentialOfSumConstants {
    /** Adding 1.5·2^52 rounds a number to a whole number, which the lowest bits of the sum then hold. */
    public static final double ROUNDER = 0x1.8p52;
    /** Like ROUNDER, but the lowest bits are the exponent field of 2 to the power of that whole number. */
    public static final double EXPONENT_ROUNDER = ROUNDER + 1023;
    /** Powers of 2 beyond these exponents are applied in two steps, so that only the last one rounds. */
    public static final double LEAST_STEP = -1000;
    public static final double MOST_STEP = 1000;

    public static final double BY_LN2 = 0x1.71547652b82fep0;
    /** ln 2 is the sum of these two to 2^-108. */
    public static final double LN2 = 0x1.62e42fefa39efp-1;
    public static final double LN2_LOW = 0x1.abc9e3b39803fp-56;

    /** exp r = 1 + r + r² Q(r) on |r| ≤ ln 2 / 2, to 2^-64; by Remez' algorithm with 60 digits, rounded to doubles. */
    public static final double Q0 = 0.5;
    public static final double Q1 = 0.16666666666666685;
    public static final double Q2 = 0.04166666666666673;
    public static final double Q3 = 0.008333333333316746;
    public static final double Q4 = 0.0013888888888858822;
    public static final double Q5 = 0.0001984126989704691;
    public static final double Q6 = 2.4801587373067717e-05;
    public static final double Q7 = 2.7557234245527292e-06;
    public static final double Q8 = 2.7557233876660207e-07;
    public static final double Q9 = 2.511223761338826e-08;
    public static final double Q10 = 2.0926799011140876e-09;

    private ExponentialOfSumConstants() {}
}
