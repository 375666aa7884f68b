package io.chainrule.core.elementary;

import static io.chainrule.core.elementary.CircularConstants.HALF_PI_1;
import static io.chainrule.core.elementary.CircularConstants.HALF_PI_2;
import static io.chainrule.core.elementary.CircularConstants.HALF_PI_3;
import static io.chainrule.core.elementary.CircularConstants.ROUNDER;
import static io.chainrule.core.elementary.CircularConstants.TWO_BY_PI;

/**
 * Holds a finite angle a ≥ 0 as the sum quarters · π/2 + high + low, where |high + low| exceeds π/4 by a rounding error at most. Callers
 * read only the last two bits of {@code quarters}, since four quarters are a full turn.
 */
record Angle(long quarters, double high, double low) {
    /** 2/π in words of 64 bits, from the binary point on. They are enough for the largest double and 192 bits more. */
    private static final long[] TWO_BY_PI_BITS = {0xa2f9836e4e441529L, 0xfc2757d1f534ddc0L, 0xdb6295993c439041L, 0xfe5163abdebbc561L,
            0xb7246e3a424dd2e0L, 0x06492eea09d1921cL, 0xfe1deb1cb129a73eL, 0xe88235f52ebb4484L, 0xe99c7026b45f7e41L, 0x3991d639835339f4L,
            0x9c845f8bbdf9283bL, 0x1ff897ffde05980fL, 0xef2f118b5a0a6d1fL, 0x6d367ecf27cb09b7L, 0x4f463f669e5fea2dL, 0x7527bac7ebe5f17bL,
            0x3d0739f78a5292eaL, 0x6bfb5fb11f8d5d08L, 0x56033046fc7b6babL, 0xf0cfbc209af4361dL};
    private static final long FRACTION = (1L << 52) - 1;

    /**
     * Reduces a ≤ {@link CircularConstants#MODERATE} by Cody and Waite's method with fma. The first step is exact, since a is a
     * multiple of the last place of the first part of π/2 wherever the quotient is not 0, and the difference is below 1.
     */
    static Angle ofModerate(double a) {
        double rounded = Math.fma(a, TWO_BY_PI, ROUNDER);
        double n = rounded - ROUNDER;
        double rest = Math.fma(-n, HALF_PI_1, a);
        double second = n * HALF_PI_2;
        double high = rest - second;
        double low = Math.fma(-n, HALF_PI_3, (rest - high) - second) - Math.fma(n, HALF_PI_2, -second);
        return new Angle(Double.doubleToRawLongBits(rounded), high, low);
    }

    /**
     * Reduces a larger a by Payne and Hanek's method (1983): it multiplies the significand of a, as a whole number, by those bits of 2/π
     * that decide a · 2/π modulo 4. About 190 bits after the point are right, and at most 62 of them cancel.
     */
    static Angle ofLarge(double a) {
        long bits = Double.doubleToRawLongBits(a);
        long significand = bits & FRACTION | FRACTION + 1;
        // The bits of 2/π before these give whole turns, so they are left out.
        int skipped = (int) (bits >>> 52) - 1077;
        long first = word(skipped);
        long second = word(skipped + 64);
        long third = word(skipped + 128);
        long fourth = word(skipped + 192);

        long low = significand * third + Math.unsignedMultiplyHigh(significand, fourth);
        long carry = Long.compareUnsigned(low, significand * third) < 0 ? 1 : 0;
        long middleProduct = significand * second;
        long middle = middleProduct + Math.unsignedMultiplyHigh(significand, third);
        long high = significand * first + Math.unsignedMultiplyHigh(significand, second)
                + (Long.compareUnsigned(middle, middleProduct) < 0 ? 1 : 0);
        middle += carry;
        high += middle == 0 && carry == 1 ? 1 : 0;
        return ofTurns(high, middle, low);
    }

    /** Makes an angle of a fraction of a full turn, given by 192 bits. */
    private static Angle ofTurns(long high, long middle, long low) {
        long quarters = (high >>> 62) + (high >>> 61 & 1);
        // The rest is a signed fraction of a quarter. The bits hold its absolute value.
        long first = high << 2 | middle >>> 62;
        long second = middle << 2 | low >>> 62;
        long third = low << 2;
        boolean isNegative = first < 0;
        if (isNegative) {
            third = -third;
            second = ~second + (third == 0 ? 1 : 0);
            first = ~first + (third == 0 && second == 0 ? 1 : 0);
        }
        int zeros = first != 0 ? Long.numberOfLeadingZeros(first) : 64 + Long.numberOfLeadingZeros(second);
        if (zeros >= 64) {
            first = second;
            second = third;
            third = 0;
        }
        int shift = zeros & 63;
        if (shift > 0) {
            first = first << shift | second >>> 64 - shift;
            second = second << shift | third >>> 64 - shift;
        }
        // One double takes the first 53 bits and one the next 53, so both conversions are exact.
        double unit = Double.longBitsToDouble((1023L - 53 - zeros) << 52);
        double part = (first >>> 11) * unit;
        double rest = ((first & 0x7ff) << 42 | second >>> 22) * (unit * 0x1p-53);
        double product = part * HALF_PI_1;
        double error = Math.fma(part, HALF_PI_1, -product) + Math.fma(part, HALF_PI_2, rest * HALF_PI_1);
        double sum = product + error;
        double left = (product - sum) + error;
        return isNegative ? new Angle(quarters, -sum, -left) : new Angle(quarters, sum, left);
    }

    /** The 64 bits of 2/π that begin at this place after the point. All bits before the point are zero. */
    private static long word(int from) {
        int index = from >> 6;
        int shift = from & 63;
        long first = index < 0 ? 0 : TWO_BY_PI_BITS[index];
        return shift == 0 ? first : first << shift | TWO_BY_PI_BITS[index + 1] >>> 64 - shift;
    }
}
