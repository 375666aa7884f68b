package io.chainrule.service.datasets;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The entries of a list that a row has in a column: the levels at which they repeat and are defined, and the numbers. */
final class ParquetEntries {
    static final int MOST = ByteWindow.LONGEST_ROW / Double.BYTES;

    private static final int[] NOTHING = {};
    private static final double[] NO_NUMBERS = {};
    private static final int FIRST = 64;
    /** The memory of an entry: its number, its two levels, and a copy of the number while the arrays grow or the result is made. */
    private static final long BYTES_AN_ENTRY = 24;

    /** From which level of definition on the list at each depth is there. */
    private final int[] present;
    private final int whole;
    private final LongConsumer charge;
    private int[] repeats = NOTHING;
    private int[] levels = NOTHING;
    private double[] numbers = NO_NUMBERS;
    private int count;
    private int @Nullable [] shape;
    private boolean lacksNumbers;

    /**
     * @param whole the level of definition of a number that is there
     * @param charge is told how many bytes of memory are held at once, before they are taken
     */
    ParquetEntries(int[] present, int whole, LongConsumer charge) {
        this.present = present;
        this.whole = whole;
        this.charge = charge;
    }

    /** Drops the arrays, so that their memory can be reclaimed. */
    void release() {
        repeats = NOTHING;
        levels = NOTHING;
        numbers = NO_NUMBERS;
    }

    void clear() {
        shape = null;
        lacksNumbers = false;
        count = 0;
    }

    /** Whether the row has as many entries as a row may have. */
    boolean isFull() {
        return count == MOST;
    }

    void add(int repeat, int level, double number) {
        if (count == numbers.length) {
            int more = Math.clamp(2L * count, FIRST, MOST);
            charge.accept(BYTES_AN_ENTRY * more);
            repeats = Arrays.copyOf(repeats, more);
            levels = Arrays.copyOf(levels, more);
            numbers = Arrays.copyOf(numbers, more);
        }
        repeats[count] = repeat;
        levels[count] = level;
        numbers[count] = number;
        count++;
    }

    /** Whether the cell of the row is missing: the whole, or a number of an array that has a shape. An empty list is not missing. */
    boolean isMissing() {
        return levels[0] < present[0] || shape().length > 0 && lacksNumbers;
    }

    /** The shape of the arrays of the row; empty if their lengths differ, or if an array within another is missing. */
    int[] shape() {
        if (shape == null) {
            shape = found();
        }
        return shape;
    }

    private int[] found() {
        int[] lengths = new int[present.length];
        Arrays.fill(lengths, -1);
        int[] counts = new int[present.length];
        int deepest = -1;
        for (int i = 0; i < count; i++) {
            int from = repeats[i];
            // An entry goes on with the list at the depth before this one, and ends those that are deeper.
            if (from > deepest + 1 || i > 0 && !end(from, deepest, counts, lengths)) {
                return NOTHING;
            }
            if (from > 0) {
                counts[from - 1]++;
            }
            deepest = from - 1;
            boolean isEmpty = false;
            while (deepest + 1 < present.length && !isEmpty) {
                deepest++;
                if (levels[i] < present[deepest]) {
                    return NOTHING;
                }
                isEmpty = levels[i] == present[deepest];
                counts[deepest] = isEmpty ? 0 : 1;
            }
            lacksNumbers |= !isEmpty && levels[i] != whole;
        }
        if (!end(0, deepest, counts, lengths)) {
            return NOTHING;
        }
        // Within lists that are empty there is none.
        for (int i = 0; i < present.length; i++) {
            lengths[i] = Math.max(0, lengths[i]);
        }
        return lengths;
    }

    /** Ends the lists from a depth on; returns whether each is as long as those before it at its depth. */
    private static boolean end(int from, int deepest, int[] counts, int[] lengths) {
        for (int i = from; i <= deepest; i++) {
            if (lengths[i] >= 0 && lengths[i] != counts[i]) {
                return false;
            }
            lengths[i] = counts[i];
        }
        return true;
    }

    double[] array() {
        long length = 1;
        for (int each : shape()) {
            length *= each;
        }
        return Arrays.copyOf(numbers, (int) length);
    }
}
