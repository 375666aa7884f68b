package io.chainrule.core.graph;

import io.chainrule.core.tensor.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * Computes the value of a node from those of its operands, for the shapes that it was prepared for. Immutable and free of input values, so
 * any number of threads may run one kernel at the same time.
 */
@FunctionalInterface
public interface Kernel {
    /**
     * Writes every element of {@code result}, which has at least one element. Its initial content is arbitrary. The result of an
     * elementwise kernel may be the array of one of its operands; that of other kernels never is.
     *
     * @param operands the elements of each operand, row-major; the kernel must not write to or keep these arrays
     * @param parallel the threads that may share long loops; also asked regularly in them whether the run may go on
     */
    void run(double[][] operands, double[] result, Parallel parallel);

    /** This kernel, row by row, if each row of the result is computed from the same row of every operand; else null. */
    default @Nullable RowKernel byRows() {
        return null;
    }

    /**
     * The memory of a run on one thread beside operands and result, in bytes, as far as it is counted: that of convolutions and of rows.
     */
    default long bytes() {
        return 0;
    }
}
