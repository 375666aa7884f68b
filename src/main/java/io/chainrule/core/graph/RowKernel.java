package io.chainrule.core.graph;

import io.chainrule.core.tensor.Parallel;

/**
 * A kernel that computes each row of a result from the same row of every operand. The elements of an array, in row-major order, are divided
 * into {@code rows} rows of equal lengths; a row of a sum along the last axis has one element. Plans compute the rows of such nodes
 * together with those of their operands. Threads share the rows.
 *
 * @param operations roughly the operations that an element of the longest row takes
 * @param spare the length of the array for intermediate results that a row needs
 */
public record RowKernel(int rows, int operations, int spare, Row row) implements Kernel {
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;

    /** The computation of one row. */
    @FunctionalInterface
    public interface Row {
        /**
         * Writes the row of the result from {@code o} on; that of operand k begins at {@code from[k]}. The result is never in the array of
         * an operand.
         *
         * @param spare an array for intermediate results; its initial content is arbitrary
         */
        void compute(double[][] x, int[] from, double[] out, int o, double[] spare);
    }

    @Override
    public long bytes() {
        return (long) Double.BYTES * spare;
    }

    @Override
    public RowKernel byRows() {
        return this;
    }

    @Override
    public void run(double[][] operands, double[] result, Parallel parallel) {
        int longest = result.length / rows;
        for (double[] operand : operands) {
            longest = Math.max(longest, operand.length / rows);
        }
        int length = longest;
        int rowsBetweenChecks = Math.max(1, ELEMENTS_BETWEEN_CHECKS / length);
        parallel.share(rows, parallel.grain((long) operations * length), (first, end) -> {
            double[] room = new double[spare];
            int[] from = new int[operands.length];
            for (int i = first; i < end; i++) {
                if (i % rowsBetweenChecks == 0) {
                    parallel.check();
                }
                for (int k = 0; k < from.length; k++) {
                    from[k] = i * (operands[k].length / rows);
                }
                row.compute(operands, from, result, i * (result.length / rows), room);
            }
        });
    }
}
