package io.chainrule.core.rows;

import java.math.BigInteger;

/**
 * Decimal numbers of up to 64 bits to doubles, by one or two products with a power of ten (Lemire, "Number parsing at a gigabyte per
 * second", 2021).
 */
final class PowersOfTen {
    private static final int LEAST = -348;
    private static final int LARGEST = 347;
    private static final int BIAS = Double.MAX_EXPONENT;
    private static final int FRACTION_BITS = Double.PRECISION - 1;
    /** The bits of the upper half of a product that a double cannot hold, when its highest bit is set; one fewer where it is not. */
    private static final long ROUNDED_BITS = 0x1FF;

    /** Of each power the first 128 bits, the higher half first; what follows is cut off. */
    private static final long[] POWERS = new long[2 * (LARGEST - LEAST + 1)];

    static {
        for (int power = LEAST; power <= LARGEST; power++) {
            BigInteger ten = BigInteger.TEN.pow(Math.abs(power));
            BigInteger bits = power < 0
                    ? BigInteger.ONE.shiftLeft(2 * Long.SIZE + ten.bitLength() - 1).divide(ten)
                    : ten.shiftLeft(2 * Long.SIZE).shiftRight(ten.bitLength());
            POWERS[2 * (power - LEAST)] = bits.shiftRight(Long.SIZE).longValue();
            POWERS[2 * (power - LEAST) + 1] = bits.longValue();
        }
    }

    private PowersOfTen() {}

    /**
     * The double nearest to {@code digits · 10^power}; NaN where two products do not tell which it is, or where it is no normal double.
     *
     * @param digits an unsigned number, not 0
     */
    static double times(long digits, int power) {
        if (power < LEAST || power > LARGEST) {
            return Double.NaN;
        }
        int zeros = Long.numberOfLeadingZeros(digits);
        long number = digits << zeros;
        long high = Math.unsignedMultiplyHigh(number, POWERS[2 * (power - LEAST)]);
        long low = number * POWERS[2 * (power - LEAST)];
        if ((high & ROUNDED_BITS) == ROUNDED_BITS && Long.compareUnsigned(low + number, number) < 0) {
            long more = Math.unsignedMultiplyHigh(number, POWERS[2 * (power - LEAST) + 1]);
            long rest = number * POWERS[2 * (power - LEAST) + 1];
            long sum = low + more;
            high += Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
            low = sum;
            if ((high & ROUNDED_BITS) == ROUNDED_BITS && low == -1 && Long.compareUnsigned(rest + number, number) < 0) {
                return Double.NaN;
            }
        }
        int top = (int) (high >>> Long.SIZE - 1);
        long significand = high >>> top + Long.SIZE - Double.PRECISION - 2;
        if (low == 0 && (high & ROUNDED_BITS) == 0 && (significand & 3) == 1) {
            return Double.NaN;
        }
        significand = significand + (significand & 1) >>> 1;
        // 217706 / 2^16 is log2(10), near enough for these powers.
        int exponent = (217706 * power >> 16) + Long.SIZE + BIAS - zeros - (1 ^ top);
        if (significand >>> Double.PRECISION != 0) {
            significand >>>= 1;
            exponent++;
        }
        if (exponent <= 0 || exponent > 2 * BIAS) {
            return Double.NaN;
        }
        return Double.longBitsToDouble((long) exponent << FRACTION_BITS | significand & (1L << FRACTION_BITS) - 1);
    }
}
