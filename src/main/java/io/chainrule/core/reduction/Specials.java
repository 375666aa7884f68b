package io.chainrule.core.reduction;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What sums have to know of terms that are no numbers of limbs: NaN, the infinities and −0. Takes no memory while there are none. */
final class Specials {
    private static final byte NAN = 1;
    private static final byte POSITIVE = 2;
    private static final byte NEGATIVE = 4;

    private final int length;
    /** Which of NaN and the infinities each element has had. */
    private byte @Nullable [] kinds;
    /** How many terms of each element were −0. */
    private long @Nullable [] negativeZeros;

    Specials(int length) {
        this.length = length;
    }

    long bytes() {
        return (kinds == null ? 0 : length) + (negativeZeros == null ? 0 : (long) Long.BYTES * length);
    }

    void add(double[] values, int from) {
        for (int i = 0; i < length; i++) {
            double value = values[from + i];
            if (!Double.isFinite(value)) {
                kinds()[i] |= Double.isNaN(value) ? NAN : value > 0 ? POSITIVE : NEGATIVE;
            } else if (Double.doubleToRawLongBits(value) == Long.MIN_VALUE) {
                negativeZeros()[i]++;
            }
        }
    }

    void add(Specials others) {
        if (others.kinds != null) {
            byte[] all = kinds();
            for (int i = 0; i < length; i++) {
                all[i] |= others.kinds[i];
            }
        }
        if (others.negativeZeros != null) {
            long[] all = negativeZeros();
            for (int i = 0; i < length; i++) {
                all[i] += others.negativeZeros[i];
            }
        }
    }

    private byte[] kinds() {
        byte[] known = kinds;
        if (known == null) {
            known = new byte[length];
            kinds = known;
        }
        return known;
    }

    private long[] negativeZeros() {
        long[] known = negativeZeros;
        if (known == null) {
            known = new long[length];
            negativeZeros = known;
        }
        return known;
    }

    /** Whether all terms of an element were finite. */
    boolean isFinite(int i) {
        return kinds == null || kinds[i] == 0;
    }

    /** The sum, and so the mean, of an element of which not all terms are finite. */
    double sum(int i) {
        return switch (kinds == null ? 0 : kinds[i]) {
            case POSITIVE -> Double.POSITIVE_INFINITY;
            case NEGATIVE -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    /** Whether all terms of an element were −0. */
    boolean isNegativeZero(int i, long count) {
        return negativeZeros != null && count > 0 && negativeZeros[i] == count;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeBoolean(kinds != null);
        if (kinds != null) {
            out.write(kinds);
        }
        out.writeBoolean(negativeZeros != null);
        if (negativeZeros != null) {
            for (long zeros : negativeZeros) {
                out.writeLong(zeros);
            }
        }
    }

    void read(DataInputStream in) throws IOException {
        if (in.readBoolean()) {
            in.readFully(kinds());
        }
        if (in.readBoolean()) {
            long[] zeros = negativeZeros();
            for (int i = 0; i < length; i++) {
                zeros[i] = in.readLong();
            }
        }
    }
}
