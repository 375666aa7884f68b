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
    private final IntStack open = new IntStack();
    private final IntStack counts = new IntStack();
    /** Of the lists at each depth, as the first that was closed has it. */
    private final IntStack lengths = new IntStack();
    private int rank = UNKNOWN;
    private OptionalInt misfit = OptionalInt.empty();

    void open(int token) {
        count();
        if (rank == depth()) {
            doesNotFit(token);
        }
        open.push(token);
        counts.push(0);
        if (lengths.size() < depth()) {
            lengths.push(UNKNOWN);
        }
    }

    void add(double value, int token) {
        count();
        settleRank(depth(), token);
        if (size == data.length) {
            data = Arrays.copyOf(data, 2 * size);
        }
        data[size++] = value;
    }

    void close() {
        int begin = open.pop();
        int count = counts.pop();
        int axis = depth();
        if (count == 0) {
            settleRank(axis + 1, begin);
        }
        if (lengths.get(axis) == UNKNOWN) {
            lengths.set(axis, count);
        } else if (lengths.get(axis) != count) {
            doesNotFit(begin);
        }
    }

    int depth() {
        return open.size();
    }

    /** The token of the open list at this depth, from 0. */
    int openAt(int level) {
        return open.get(level);
    }

    /** The first list or number that makes the array no rectangle. */
    OptionalInt misfit() {
        return misfit;
    }

    Tensor tensor() {
        return Tensor.of(Shape.of(Arrays.copyOf(lengths.toArray(), rank)), Arrays.copyOf(data, size));
    }

    private void count() {
        if (depth() > 0) {
            counts.set(depth() - 1, counts.peek() + 1);
        }
    }

    private void settleRank(int depth, int token) {
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
