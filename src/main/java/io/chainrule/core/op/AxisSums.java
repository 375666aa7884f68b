package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sums along axes. Neighbouring axes that are all reduced are treated as one axis, along which elements are added in the order of {@link
 * Blocks}. If several such axes remain, sums are taken along the last one first, and their results are then summed along the one before.
 * The class is public because plans add up elements as soon as they are computed.
 *
 * @param dims the lengths of the axes, in which neighbours that are all reduced, or all kept, are one axis
 * @param reduced which of these axes are reduced
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

    /** Whether {@link #running} can compute the sums: the reduced axes are neighbours and the first or last ones, and little is held. */
    public boolean isRunning() {
        return (dims.length == 1 && reduced[0] || dims.length == 2) && held() <= MOST_HELD;
    }

    /**
     * Starts sums that take the elements one after another, from element {@code first} on, a multiple of a {@link #unit}. They replace a
     * call of {@link #run}, and have its bits.
     */
    public RunningSums running(double[] result, int first) {
        return new RunningSums(rows(), columns(), result, first);
    }

    /**
     * Parts of so many elements, and multiples of it, can be added up apart by running sums: the elements of one of several sums, or else a
     * block of the only one.
     */
    public long unit(int elements) {
        long sum = (long) rows() * columns();
        return sum < elements ? sum : RunningSums.unit(columns());
    }

    /** How many elements {@link #running} holds. */
    public long held() {
        return RunningSums.held(rows(), columns());
    }

    /** The sums of rows, if the last axes are reduced. */
    @Override
    public @Nullable RowKernel byRows() {
        if (dims.length != 2 || !reduced[1]) {
            return null;
        }
        int n = dims[1];
        return new RowKernel(dims[0], 1, 0, (x, from, out, o, spare) -> out[o] = Kernels.best().sum(x[0], from[0], n) + 0.0);
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
                // Reduced axes and others alternate, so that these are the last sums.
                double[] sums = axis <= 1 ? result : new double[outer * columns];
                add(x, outer, dims[axis], columns, sums, parallel);
                x = sums;
            } else {
                columns *= dims[axis];
            }
        }
        for (int i = 0; i < result.length; i++) {
            // If no axis is reduced, x is still the operand. Adding 0 turns a sum of −0 into 0.
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

    /** Computes one sum. The two parts of a long one are computed separately, as {@link Blocks} allows, to check the deadline between. */
    private static double sum(Kernels kernels, double[] x, int from, int n, Checkpoint checkpoint) {
        if (n <= ELEMENTS_BETWEEN_CHECKS) {
            return kernels.sum(x, from, n);
        }
        checkpoint.check();
        int left = Blocks.left(n);
        return sum(kernels, x, from, left, checkpoint) + sum(kernels, x, from + left, n - left, checkpoint);
    }
}
