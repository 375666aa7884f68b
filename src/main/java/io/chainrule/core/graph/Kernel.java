package io.chainrule.core.graph;

import io.chainrule.core.tensor.Checkpoint;

/**
 * Computes the value of a node from those of its operands, for the shapes that it was prepared for. Immutable and free
 * of values, so that any number of threads may run one kernel at the same time.
 */
@FunctionalInterface
public interface Kernel {
    /**
     * Writes every element of {@code result}, which has at least one and whose content is arbitrary before. An
     * elementwise kernel may be given one of its operands as the result; others never are.
     *
     * @param operands the elements of each operand, row-major; only read, and not kept
     * @param checkpoint asked now and then in long loops
     */
    void run(double[][] operands, double[] result, Checkpoint checkpoint);
}
