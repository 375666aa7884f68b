package io.chainrule.core.reduction;

import java.math.BigInteger;

/** Rounds exact fractions to doubles. */
final class ExactRounding {
    /** The bits of a quotient that are computed: more than a double has, and few enough for a long. */
    private static final int QUOTIENT_BITS = 62;
    private static final int LEAST_EXPONENT = -1074;

    private ExactRounding() {}

    /**
     * The double nearest to {@code numerator / denominator · 2^exponent}, of two the one with an even significand; infinite beyond the
     * largest double.
     *
     * @param denominator positive
     */
    static double rounded(BigInteger numerator, BigInteger denominator, int exponent) {
        if (numerator.signum() == 0) {
            return 0;
        }
        BigInteger size = numerator.abs();
        int shift = QUOTIENT_BITS - size.bitLength() + denominator.bitLength();
        BigInteger[] divided = size.shiftLeft(Math.max(shift, 0)).divideAndRemainder(denominator.shiftLeft(Math.max(-shift, 0)));
        double rounded = rounded(divided[0].longValueExact(), divided[1].signum() != 0, exponent - shift);
        return numerator.signum() < 0 ? -rounded : rounded;
    }

    /**
     * Rounds {@code quotient · 2^exponent}.
     *
     * @param quotient of at least 62 bits
     * @param isMore whether the exact number is larger, by less than 1 in the last bit of the quotient
     */
    private static double rounded(long quotient, boolean isMore, int exponent) {
        int top = exponent + Long.SIZE - 1 - Long.numberOfLeadingZeros(quotient);
        int last = Math.max(top - Double.PRECISION + 1, LEAST_EXPONENT);
        int dropped = last - exponent;
        if (dropped >= Long.SIZE) {
            return 0;
        }
        long kept = quotient >>> dropped;
        long rest = quotient - (kept << dropped);
        long half = 1L << dropped - 1;
        boolean isUp = rest > half || rest == half && (isMore || (kept & 1) == 1);
        return Math.scalb((double) (isUp ? kept + 1 : kept), last);
    }
}
