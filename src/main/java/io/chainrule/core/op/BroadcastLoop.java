package io.chainrule.core.op;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;

/**
 * A loop over the elements of a result and its broadcast operands. It goes in runs, along which each operand either advances with the
 * result or repeats one element. Adjacent axes are merged where possible, so that operands of equal shapes take a single run.
 */
public final class BroadcastLoop {
    private static final int RUN_BETWEEN_CHECKS = 1 << 18;

    private final int[] dims;
    private final int[][] strides;
    private final int rank;

    public BroadcastLoop(Shape result, Shape... operands) {
        int[][] full = new int[operands.length][];
        for (int k = 0; k < operands.length; k++) {
            full[k] = Strides.broadcast(operands[k], result);
        }
        dims = new int[result.rank()];
        strides = new int[operands.length][result.rank()];
        int merged = 0;
        for (int axis = 0; axis < result.rank(); axis++) {
            if (result.dim(axis) == 1) {
                continue;
            }
            if (merged > 0 && continues(full, axis, result.dim(axis), merged - 1)) {
                dims[merged - 1] *= result.dim(axis);
            } else {
                dims[merged++] = result.dim(axis);
            }
            for (int k = 0; k < operands.length; k++) {
                strides[k][merged - 1] = full[k][axis];
            }
        }
        rank = merged;
    }

    private boolean continues(int[][] full, int axis, int length, int last) {
        for (int k = 0; k < full.length; k++) {
            if (strides[k][last] != full[k][axis] * length) {
                return false;
            }
        }
        return true;
    }

    /** One run of {@code n} results from {@code result}; operand k begins at {@code from[k]} and advances by {@code stride[k]}. */
    @FunctionalInterface
    public interface Run {
        void apply(int[] from, int[] stride, int result, int n);
    }

    /** The number of results that one run goes over. */
    public int runLength() {
        return rank == 0 ? 1 : dims[rank - 1];
    }

    /** Whether an operand has an element for each result, in the same order. */
    public boolean isDense(int operand) {
        int length = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            if (strides[operand][axis] != length) {
                return false;
            }
            length *= dims[axis];
        }
        return true;
    }

    /** Copies an operand's element for each of the {@code n} results from {@code first} on into {@code copy}. */
    public void copy(int operand, double[] x, int first, int n, double[] copy) {
        int length = runLength();
        int step = rank == 0 ? 0 : strides[operand][rank - 1];
        int[] index = new int[rank];
        int[] from = new int[strides.length];
        place(first / length, index, from);
        int inRun = first % length;
        for (int done = 0; done < n; inRun = 0) {
            int at = from[operand] + inRun * step;
            int end = Math.min(n, done + length - inRun);
            for (; done < end; done++) {
                copy[done] = x[at];
                at += step;
            }
            advance(index, from);
        }
    }

    /** The number of results. */
    public int length() {
        int length = 1;
        for (int i = 0; i < rank; i++) {
            length *= dims[i];
        }
        return length;
    }

    /** Walks over all results. */
    public void forEach(Checkpoint checkpoint, Run run) {
        forEach(0, length(), checkpoint, run);
    }

    /** Walks over the results from {@code first} to before {@code end}. */
    public void forEach(int first, int end, Checkpoint checkpoint, Run run) {
        int[] from = new int[strides.length];
        int[] stride = new int[strides.length];
        int n = runLength();
        for (int k = 0; k < strides.length; k++) {
            stride[k] = rank == 0 ? 0 : strides[k][rank - 1];
        }
        if (first == end) {
            return;
        }
        int[] index = new int[rank];
        place(first / n, index, from);
        int sinceCheck = 0;
        for (int o = first / n; o <= (end - 1) / n; o++) {
            int start = Math.max(0, first - o * n);
            int stop = Math.min(n, end - o * n);
            for (int k = 0; k < from.length; k++) {
                from[k] += start * stride[k];
            }
            int done = start;
            while (done < stop) {
                int part = Math.min(RUN_BETWEEN_CHECKS, stop - done);
                sinceCheck += part;
                if (sinceCheck >= RUN_BETWEEN_CHECKS) {
                    checkpoint.check();
                    sinceCheck = 0;
                }
                run.apply(from, stride, o * n + done, part);
                done += part;
                for (int k = 0; k < from.length; k++) {
                    from[k] += part * stride[k];
                }
            }
            for (int k = 0; k < from.length; k++) {
                from[k] -= stop * stride[k];
            }
            advance(index, from);
        }
    }

    /** Goes to an outer position, counted in row-major order. */
    private void place(int position, int[] index, int[] from) {
        int left = position;
        for (int axis = rank - 2; axis >= 0; axis--) {
            index[axis] = left % dims[axis];
            left /= dims[axis];
            for (int k = 0; k < from.length; k++) {
                from[k] += index[axis] * strides[k][axis];
            }
        }
    }

    /** The next outer position, last axis fastest. */
    private void advance(int[] index, int[] from) {
        for (int axis = rank - 2; axis >= 0; axis--) {
            index[axis]++;
            for (int k = 0; k < from.length; k++) {
                from[k] += strides[k][axis];
            }
            if (index[axis] < dims[axis]) {
                return;
            }
            for (int k = 0; k < from.length; k++) {
                from[k] -= dims[axis] * strides[k][axis];
            }
            index[axis] = 0;
        }
    }
}
