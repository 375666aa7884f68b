package io.chainrule.core.reduction;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Whole numbers of some thousand bits, one for each element of an array: sums of doubles, or of their squares, in units of the smallest
 * bit that a term can have (the small superaccumulator of Neal, "Fast exact summation using small and large superaccumulators", 2015).
 * A number is a row of limbs of 32 bits each, in longs. What a limb has beyond its 32 bits is carried to the next one after some hundred
 * additions, so that an addition touches two limbs, or four. All numbers have the same limbs, from the lowest to the highest that a term
 * has needed. NaN and infinities have to be kept elsewhere.
 */
final class Limbs {
    /** Of doubles: the value of a bit of limb 0 is 2^−1075. */
    static final int OF_VALUES = 68;
    /** Of squares of doubles: the value of a bit of limb 0 is 2^−2150. */
    static final int OF_SQUARES = 134;

    private static final int BITS = 32;
    private static final long MASK = (1L << BITS) - 1;
    private static final long FRACTION = (1L << Double.PRECISION - 1) - 1;
    private static final int SPECIAL_EXPONENT = 0x7FF;
    /** So many terms, of less than 2^53 in a limb, can be added to two numbers before they are added to each other. */
    private static final int MOST_PENDING = 1 << 8;

    private final int length;
    private final int most;
    /** The limbs of number {@code i} begin at {@code i * width}; the first of them is limb {@code low}. */
    private long[] data = new long[0];
    private int low;
    private int width;
    private int pending;

    /** @param most the number of limbs of a number, {@link #OF_VALUES} or {@link #OF_SQUARES} */
    Limbs(int length, int most) {
        this.length = length;
        this.most = most;
    }

    /** The largest number of elements whose limbs fit into an array. */
    static int mostElements(int most) {
        return (Integer.MAX_VALUE - 8) / most;
    }

    long bytes() {
        return (long) Long.BYTES * data.length;
    }

    /**
     * Adds to each number one of these doubles, of which the first is at {@code from}. Passes over zeros and those that are not finite;
     * returns whether there were none of them.
     */
    boolean add(double[] values, int from) {
        begin();
        boolean all = true;
        for (int i = 0; i < length; i++) {
            long bits = Double.doubleToRawLongBits(values[from + i]);
            int exponent = exponent(bits);
            long significand = significand(bits, exponent);
            if (significand == 0 || exponent == SPECIAL_EXPONENT) {
                all = false;
                continue;
            }
            exponent = Math.max(exponent, 1);
            int limb = exponent / BITS;
            if (limb < low || limb + 2 > low + width) {
                widen(limb, limb + 2);
            }
            int shift = exponent % BITS;
            long sign = bits >> Long.SIZE - 1;
            int at = i * width + limb - low;
            data[at] += (significand << shift & MASK ^ sign) - sign;
            data[at + 1] += (significand >>> BITS - shift ^ sign) - sign;
        }
        return all;
    }

    /** Adds to each number the square of one of these doubles. Ignores doubles that are not finite. */
    void addSquares(double[] values, int from) {
        begin();
        for (int i = 0; i < length; i++) {
            long bits = Double.doubleToRawLongBits(values[from + i]);
            int exponent = exponent(bits);
            long significand = significand(bits, exponent);
            if (significand == 0 || exponent == SPECIAL_EXPONENT) {
                continue;
            }
            exponent = Math.max(exponent, 1);
            int limb = 2 * exponent / BITS;
            if (limb < low || limb + 4 > low + width) {
                widen(limb, limb + 4);
            }
            int shift = 2 * exponent % BITS;
            long lower = significand * significand;
            long upper = Math.multiplyHigh(significand, significand);
            long middle = upper << shift | lower >>> 1 >>> Long.SIZE - 1 - shift;
            int at = i * width + limb - low;
            data[at] += lower << shift & MASK;
            data[at + 1] += lower << shift >>> BITS;
            data[at + 2] += middle & MASK;
            data[at + 3] += upper >>> BITS - shift;
        }
    }

    private static int exponent(long bits) {
        return (int) (bits >>> Double.PRECISION - 1) & SPECIAL_EXPONENT;
    }

    private static long significand(long bits, int exponent) {
        long fraction = bits & FRACTION;
        return exponent == 0 ? fraction : fraction | FRACTION + 1;
    }

    private void begin() {
        if (pending == MOST_PENDING) {
            carry();
        }
        pending++;
    }

    /** Adds the numbers of others, which carry afterwards too. */
    void add(Limbs others) {
        others.carry();
        carry();
        if (others.width == 0) {
            return;
        }
        widen(others.low, others.low + others.width);
        for (int i = 0; i < length; i++) {
            int at = i * width + others.low - low;
            for (int k = 0; k < others.width; k++) {
                data[at + k] += others.data[i * others.width + k];
            }
        }
        pending = 1;
    }

    /** Makes room for limbs {@code from} to {@code end}. */
    private void widen(int from, int end) {
        if (width == 0) {
            low = from;
        }
        int first = Math.min(low, from);
        int wider = Math.max(low + width, end) - first;
        if (wider == width) {
            return;
        }
        long[] moved = new long[Math.multiplyExact(length, wider)];
        for (int i = 0; i < length; i++) {
            System.arraycopy(data, i * width, moved, i * wider + low - first, width);
        }
        data = moved;
        low = first;
        width = wider;
    }

    /** Leaves 32 bits in each limb. The highest has a sign besides: all that lies above it is 0, or ones if the number is negative. */
    private void carry() {
        if (pending == 0) {
            return;
        }
        pending = 0;
        if (!carried()) {
            widen(low, low + width + 1);
            carried();
        }
    }

    /** Carries within the limbs that there are; returns whether the highest limb needs no further one. */
    private boolean carried() {
        boolean fits = true;
        for (int i = 0; i < length; i++) {
            int end = (i + 1) * width - 1;
            for (int at = i * width; at < end; at++) {
                long limb = data[at];
                data[at] = limb & MASK;
                data[at + 1] += limb >> BITS;
            }
            fits &= width == 0 || (int) data[end] == data[end];
        }
        return fits;
    }

    /** Number {@code i}, in units of the lowest bit of limb 0. */
    BigInteger number(int i) {
        return upper(i).shiftLeft(bitsBelow());
    }

    /** How many bits lie below those that any of the numbers has needed. */
    int bitsBelow() {
        return BITS * low;
    }

    /** Number {@code i} without {@link #bitsBelow}. */
    BigInteger upper(int i) {
        carry();
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * width + 1);
        bytes.put((byte) (width == 0 ? 0 : data[(i + 1) * width - 1] >> BITS));
        for (int k = width - 1; k >= 0; k--) {
            bytes.putInt((int) data[i * width + k]);
        }
        return new BigInteger(bytes.array());
    }

    /** Writes each number without the limbs that it does not need, so that equal numbers are equal bytes. */
    void write(DataOutputStream out) throws IOException {
        carry();
        for (int i = 0; i < length; i++) {
            int from = i * width;
            int end = from + width;
            while (end > from && (int) data[end - 1] == (end - 1 > from && (int) data[end - 2] < 0 ? -1 : 0)) {
                end--;
            }
            while (from < end && data[from] == 0) {
                from++;
            }
            out.writeByte(from == end ? 0 : low + from - i * width);
            out.writeByte(end - from);
            for (int at = end - 1; at >= from; at--) {
                out.writeInt((int) data[at]);
            }
        }
    }

    /** Adds to each number what was written. */
    void read(DataInputStream in) throws IOException {
        carry();
        for (int i = 0; i < length; i++) {
            int from = in.readUnsignedByte();
            int count = in.readUnsignedByte();
            if (from + count > most) {
                throw new IOException("a number has limb " + (from + count - 1) + ", the highest is " + (most - 1));
            }
            if (count > 0) {
                widen(from, from + count);
            }
            for (int at = i * width + from - low + count - 1, top = at; count > 0 && at > top - count; at--) {
                int limb = in.readInt();
                data[at] += at == top ? limb : limb & MASK;
            }
        }
        pending = 1;
    }

    @Override
    public String toString() {
        return Arrays.toString(data);
    }
}
