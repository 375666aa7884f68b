package io.chainrule.core.training;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** The order of the samples in each epoch: a Fisher–Yates shuffle of the previous order, with the generator L64X128MixRandom. */
final class Shuffle {
    private final RandomGenerator random;
    private final int[] order;

    Shuffle(int samples, long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        order = new int[samples];
        Arrays.setAll(order, i -> i);
    }

    /** Returns the order for the next epoch. The array is reused. */
    int[] next() {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        return order;
    }
}
