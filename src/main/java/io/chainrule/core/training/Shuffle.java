package io.chainrule.core.training;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The order of the samples in each epoch: a Fisher–Yates shuffle of the previous order, with Java's generator L64X128MixRandom (Steele and
 * Vigna, "LXM: Better Splittable Pseudorandom Number Generators (and Almost as Fast)", 2021). The generator is written out here, because
 * Java's does not tell its state, without which a training that goes on would have to repeat the shuffles of all earlier epochs.
 */
final class Shuffle {
    private static final long MULTIPLIER = 0xD1342543DE82EF95L;
    private static final long SILVER_RATIO = 0x6A09E667F3BCC909L;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    /** Java makes bounded numbers of its longs. */
    private final RandomGenerator random = this::nextLong;
    /** The summand and the latest number of the linear congruential generator, and the two words of the xoroshiro generator. */
    private final long[] generator;
    private final int[] order;

    Shuffle(int samples, long seed) {
        long start = seed ^ SILVER_RATIO;
        generator = new long[]{murmur(start) | 1, 1, stafford(start), stafford(start + GOLDEN_RATIO)};
        order = new int[samples];
        Arrays.setAll(order, i -> i);
    }

    /** The order for the epoch that was begun last. The array is reused. */
    int[] order() {
        return order;
    }

    /** Begins an epoch, and returns the {@link #order} for it. */
    int[] next() {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        return order;
    }

    void pass(TrainingState state) {
        state.wholes(generator);
        state.wholes(order);
    }

    private long nextLong() {
        long mixed = generator[1] + generator[2];
        mixed = (mixed ^ mixed >>> 32) * 0xDABA0B6EB09322E3L;
        mixed = (mixed ^ mixed >>> 32) * 0xDABA0B6EB09322E3L;
        generator[1] = MULTIPLIER * generator[1] + generator[0];
        long first = generator[2];
        long second = generator[3] ^ first;
        generator[2] = Long.rotateLeft(first, 24) ^ second ^ second << 16;
        generator[3] = Long.rotateLeft(second, 37);
        return mixed ^ mixed >>> 32;
    }

    private static long murmur(long bits) {
        long mixed = (bits ^ bits >>> 33) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ mixed >>> 33) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ mixed >>> 33;
    }

    private static long stafford(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
