package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.CircularConstants.*;

/**
 * Sine, cosine and tangent of radians. Every double is reduced by multiples of π/2 with full accuracy, and polynomials approximate the
 * functions between −π/4 and π/4. An infinite argument gives NaN. The errors below are the largest found among millions of arguments.
 */
public final class Circular {
    private Circular() {}

    /** Within 0.73 ulp. */
    public static double sin(double x) {
        double a = Math.abs(x);
        long sign = Double.doubleToRawLongBits(x);
        if (a <= MODERATE) {
            return wave(Angle.ofModerate(a), 0, sign);
        }
        return a < Double.POSITIVE_INFINITY ? wave(Angle.ofLarge(a), 0, sign) : Double.NaN;
    }

    /** Within 0.73 ulp. */
    public static double cos(double x) {
        double a = Math.abs(x);
        if (a <= MODERATE) {
            return wave(Angle.ofModerate(a), 1, 0);
        }
        return a < Double.POSITIVE_INFINITY ? wave(Angle.ofLarge(a), 1, 0) : Double.NaN;
    }

    /** Within 0.85 ulp. */
    public static double tan(double x) {
        double a = Math.abs(x);
        if (a <= MODERATE) {
            return slope(Angle.ofModerate(a), x);
        }
        return a < Double.POSITIVE_INFINITY ? slope(Angle.ofLarge(a), x) : Double.NaN;
    }

    /** Returns the sine of the angle plus {@code more} quarters of a turn. The highest bit of {@code sign} negates it. */
    private static double wave(Angle angle, long more, long sign) {
        long quarters = angle.quarters() + more;
        double high = angle.high();
        double z = high * high;
        double value;
        if ((quarters & 1) == 0) {
            value = high + sineRest(angle, z);
        } else {
            double most = Math.fma(-0.5, z, 1);
            value = most + cosineRest(angle, z, most);
        }
        return flipped(value, quarters << 62 ^ sign);
    }

    /** Returns sin(high + low) − high. */
    private static double sineRest(Angle angle, double z) {
        double high = angle.high();
        double low = angle.low();
        double s = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(S5, z, S4), z, S3), z, S2), z, S1), z, S0);
        return Math.fma(high * z, s, Math.fma(-0.5 * z, low, low));
    }

    /** Returns cos(high + low) − most, where z is high² rounded and {@code most} is 1 − z/2 rounded. It makes up for both roundings. */
    private static double cosineRest(Angle angle, double z, double most) {
        double high = angle.high();
        double c = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(C5, z, C4), z, C3), z, C2), z, C1), z, C0);
        double rounding = Math.fma(-high, angle.low(), -0.5 * Math.fma(high, high, -z));
        return Math.fma(-0.5, z, 1 - most) + Math.fma(z * z, c, rounding);
    }

    /** Returns sine / cosine, or −cosine / sine. Each is kept as a sum of two doubles, so that only the quotient is rounded. */
    private static double slope(Angle angle, double x) {
        double z = angle.high() * angle.high();
        double rest = sineRest(angle, z);
        double sine = angle.high() + rest;
        double sineLow = (angle.high() - sine) + rest;
        double most = Math.fma(-0.5, z, 1);
        double below = cosineRest(angle, z, most);
        double cosine = most + below;
        double cosineLow = (most - cosine) + below;

        boolean isEven = (angle.quarters() & 1) == 0;
        double above = isEven ? sine : cosine;
        double aboveLow = isEven ? sineLow : cosineLow;
        double under = isEven ? cosine : sine;
        double underLow = isEven ? cosineLow : sineLow;
        double reciprocal = 1 / under;
        double quotient = above * reciprocal;
        double error = Math.fma(-quotient, under, above) + Math.fma(-quotient, underLow, aboveLow);
        return flipped(Math.fma(error, reciprocal, quotient), angle.quarters() << 63 ^ Double.doubleToRawLongBits(x));
    }

    private static double flipped(double value, long sign) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(value) ^ sign & Long.MIN_VALUE);
    }
}
