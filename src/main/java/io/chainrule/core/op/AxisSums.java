package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;

/**
 * Sums along axes. Neighbouring axes that are reduced are one; its elements are added in the order of {@link Blocks}. Where
 * there are several such runs of axes, the last is added up first, and its sums are the elements of the one before. Public because plans add
 * up elements as soon as they are computed.
 */
public record AxisSums(int[] dims, boolean[] reduced) implements Kernel {
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;
    private static final int MOST_HELD = 1 << 16;

    static AxisSums of(Shape x, boolean[] axes) {
        int[] dims = new int[x.rank()];
        boolean[] reduced = new boolean[x.rank()];
        int rank = 0;
        for (int axis = 0; axis < x.rank(); axis++) {
            if (rank > 0 && reduced[rank - 1] == axes[axis]) {
                dims[rank - 1] *= x.dim(axis);
            } else {
                dims[rank] = x.dim(axis);
                reduced[rank++] = axes[axis];
            }
        }
        return new AxisSums(Arrays.copyOf(dims, rank), Arrays.copyOf(reduced, rank));
    }

    /** Whether {@link #running} can add up: where the axes that are reduced are neighbours, and first or last, and what is held fits into a cache. */
    public boolean isRunning() {
        return (dims.length == 1 && reduced[0] || dims.length == 2) && held() <= MOST_HELD;
    }

    /** Takes the elements one after another, in place of {@link #run}, from element {@code first} on, which is a multiple of a {@link #unit}. */
    public RunningSums running(double[] result, int first) {
        return new RunningSums(rows(), columns(), result, first);
    }

    /**
     * The elements that running sums may be cut into, so that parts which begin at multiples of it are added up apart: whole sums, or
     * whole parts of the tree of a single sum. At most {@code least} if such parts are not too long.
     */
    public long unit(int elements, long least) {
        long sum = (long) rows() * columns();
        return sum < elements ? sum : RunningSums.unit(columns(), least);
    }

    /** The elements that {@link #running} holds. */
    public long held() {
        return RunningSums.held(rows(), columns());
    }

    private int rows() {
        return dims[reduced[0] ? 0 : 1];
    }

    private int columns() {
        return reduced[0] && dims.length == 2 ? dims[1] : 1;
    }

    @Override
    public void run(double[][] operands, double[] result, Parallel parallel) {
        double[] x = operands[0];
        int columns = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            if (reduced[axis]) {
                int outer = outer(axis);
                double[] sums = isFirst(axis) ? result : new double[outer * columns];
                add(x, outer, dims[axis], columns, sums, parallel);
                x = sums;
            } else {
                columns *= dims[axis];
            }
        }
        for (int i = 0; i < result.length; i++) {
            // Where nothing is reduced, x still is the operand. Adding 0 makes 0 of a sum of negative zeros.
            result[i] = x[i] + 0.0;
        }
    }

    private int outer(int axis) {
        int outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= dims[i];
        }
        return outer;
    }

    private boolean isFirst(int axis) {
        return axis == 0 || axis == 1;
    }

    private static void add(double[] x, int outer, int rows, int columns, double[] sums, Checkpoint checkpoint) {
        Kernels kernels = Kernels.best();
        for (int o = 0; o < outer; o++) {
            if (columns == 1) {
                if (((long) o * rows & 0xffff) < rows) {
                    checkpoint.check();
                }
                sums[o] = sum(kernels, x, o * rows, rows, checkpoint);
            } else {
                kernels.sumRows(x, o * rows * columns, rows, columns, sums, o * columns, checkpoint);
            }
        }
    }

    /** One sum, whose halves are added up apart where it is long, so that deadlines are met. */
    private static double sum(Kernels kernels, double[] x, int from, int n, Checkpoint checkpoint) {
        if (n <= ELEMENTS_BETWEEN_CHECKS) {
            return kernels.sum(x, from, n);
        }
        checkpoint.check();
        int left = Blocks.left(n);
        return sum(kernels, x, from, left, checkpoint) + sum(kernels, x, from + left, n - left, checkpoint);
    }
}
