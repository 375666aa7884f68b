package io.chainrule.core.fit;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The order of the rows in each epoch: windows of successive rows, one after the other, and within each window a random order of its own.
 * An engine that reads rows one after the other holds one window; with a window of all rows, the order is that of a shuffle. It depends
 * only on the seed, the epoch and the window, so that an engine can begin anywhere.
 *
 * @param window how many rows are shuffled together; 1 for the order in which they stand
 */
public record RowOrder(long seed, int window) {
    /** 2⁶⁴ divided by the golden ratio, odd: its multiples are spread evenly (Knuth, volume 3, §6.4). */
    private static final long FAR = 0x9E3779B97F4A7C15L;

    public RowOrder {
        if (window < 1) {
            throw new IllegalArgumentException("a window has a row at least, not " + window);
        }
    }

    /**
     * The order of the rows of a window: which of them comes first, second, and so on, each counted from 0 within the window.
     *
     * @param epoch from 0
     * @param number the number of the window, from 0
     * @param rows how many rows it has: {@link #window()}, or fewer in the last
     */
    public int[] of(long epoch, long number, int rows) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(mixed(mixed(seed + FAR * epoch) + FAR * number));
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
    private static long mixed(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
