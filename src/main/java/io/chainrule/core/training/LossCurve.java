package io.chainrule.core.training;

import java.util.Arrays;

/** The losses of a training in few numbers: at most 1,024 of them, evenly spread, each with its step. */
final class LossCurve {
    private static final int MOST = 1024;

    private final double[] losses = new double[MOST];
    private final long[] steps = new long[MOST];
    private int size;
    private long stride = 1;
    private long seen;

    void add(long step, double loss) {
        if (seen++ % stride != 0) {
            return;
        }
        if (size == MOST) {
            for (int i = 0; i < MOST / 2; i++) {
                losses[i] = losses[2 * i];
                steps[i] = steps[2 * i];
            }
            size = MOST / 2;
            stride *= 2;
            if ((seen - 1) % stride != 0) {
                return;
            }
        }
        losses[size] = loss;
        steps[size++] = step;
    }

    int size() {
        return size;
    }

    double loss(int i) {
        return losses[i];
    }

    long step(int i) {
        return steps[i];
    }

    double first() {
        return losses[0];
    }

    double last() {
        return losses[size - 1];
    }

    double most() {
        return Arrays.stream(losses, 0, size).max().orElse(Double.NaN);
    }

    void pass(TrainingState state) {
        size = (int) state.whole(size);
        stride = state.whole(stride);
        seen = state.whole(seen);
        state.numbers(losses);
        state.wholes(steps);
    }
}
