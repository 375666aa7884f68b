package io.chainrule.core.op;

import java.util.Arrays;

/**
 * The positions of the numbers of a line in sorted order. Equal numbers keep their order, 0 and −0 are equal, and NaN is the largest.
 *
 * <p>Numbers are compared by 64-bit keys. The words that are sorted hold one half of a key and the position. That is stable, since of words
 * with equal halves the one with the lower position comes first, and many times as fast as sorting positions by a comparison.
 */
final class SortedOrder {
    private static final long UPPER = 0xffff_ffff_0000_0000L;

    private final double[] x;
    private final int from;
    private final int step;
    private final boolean descending;

    /** A line of {@code x} that begins at {@code from}, and whose elements are {@code step} apart. */
    SortedOrder(double[] x, int from, int step, boolean descending) {
        this.x = x;
        this.from = from;
        this.step = step;
        this.descending = descending;
    }

    /** The positions of the line's n elements, in the lower half of each word. */
    long[] positions(int n) {
        long[] words = new long[n];
        for (int i = 0; i < n; i++) {
            words[i] = (key(i) & UPPER) | i;
        }
        Arrays.sort(words);
        for (int i = 0, end; i < n; i = end) {
            end = i + 1;
            while (end < n && (words[i] & UPPER) == (words[end] & UPPER)) {
                end++;
            }
            if (end > i + 1) {
                sortByLowerHalves(words, i, end);
            }
        }
        return words;
    }

    /** Sorts words whose keys have equal upper halves. Words are compared with their sign, but lower halves have none. */
    private void sortByLowerHalves(long[] words, int begin, int end) {
        for (int i = begin; i < end; i++) {
            int position = (int) words[i];
            words[i] = ((key(position) << 32) ^ Long.MIN_VALUE) | position;
        }
        Arrays.sort(words, begin, end);
    }

    /** A number that is compared as the element is. */
    private long key(int position) {
        // Adding 0 turns −0 into 0. All NaN become the one of doubleToLongBits, which lies above infinity.
        long bits = Double.doubleToLongBits(x[from + position * step] + 0.0);
        long key = bits ^ ((bits >> 63) & Long.MAX_VALUE);
        return descending ? ~key : key;
    }
}
