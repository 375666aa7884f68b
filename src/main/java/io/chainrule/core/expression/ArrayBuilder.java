package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.OptionalInt;

/** Gathers numbers in nested lists and sees whether they make a rectangular array. Lists and numbers carry the token they stand at. */
final class ArrayBuilder {
    private static final int UNKNOWN = -1;

    private double[] data = new double[16];
    private int size;
    private int[] open = new int[4];
    private int[] counts = new int[4];
    private int[] lengths = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
    private int depth;
    private int rank = UNKNOWN;
    private OptionalInt misfit = OptionalInt.empty();

    void open(int token) {
        count();
        if (rank == depth) {
            doesNotFit(token);
        }
        if (depth == open.length) {
            int deeper = 2 * depth;
            open = Arrays.copyOf(open, deeper);
            counts = Arrays.copyOf(counts, deeper);
            lengths = Arrays.copyOf(lengths, deeper);
            Arrays.fill(lengths, depth, deeper, UNKNOWN);
        }
        open[depth] = token;
        counts[depth] = 0;
        depth++;
    }

    void add(double value, int token) {
        count();
        settleRank(token);
        if (size == data.length) {
            data = Arrays.copyOf(data, 2 * size);
        }
        data[size++] = value;
    }

    void close() {
        int axis = depth - 1;
        if (counts[axis] == 0) {
            settleRank(open[axis]);
        }
        if (lengths[axis] == UNKNOWN) {
            lengths[axis] = counts[axis];
        } else if (lengths[axis] != counts[axis]) {
            doesNotFit(open[axis]);
        }
        depth = axis;
    }

    int depth() {
        return depth;
    }

    /** The token of the open list at this depth, from 0. */
    int openAt(int level) {
        return open[level];
    }

    /** The first list or number that makes the array no rectangle. */
    OptionalInt misfit() {
        return misfit;
    }

    Tensor tensor() {
        return Tensor.of(Shape.of(Arrays.copyOf(lengths, rank)), Arrays.copyOf(data, size));
    }

    private void count() {
        if (depth > 0) {
            counts[depth - 1]++;
        }
    }

    private void settleRank(int token) {
        if (rank == UNKNOWN) {
            rank = depth;
        } else if (rank != depth) {
            doesNotFit(token);
        }
    }

    private void doesNotFit(int token) {
        if (misfit.isEmpty()) {
            misfit = OptionalInt.of(token);
        }
    }
}
