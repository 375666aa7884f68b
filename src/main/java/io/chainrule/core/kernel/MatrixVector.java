package io.chainrule.core.kernel;

import io.chainrule.core.tensor.Checkpoint;

/** A matrix times a vector: each element is the sum of k products in the order of {@link Blocks}. */
public final class MatrixVector {
    private static final int BETWEEN_CHECKS = 1 << 20;

    private MatrixVector() {}

    /** Computes {@code c = a · b} for a [m, k] and b [k, 1]. */
    public static void multiply(int m, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        if (a.rowStride() == 1 && a.columnStride() != 1) {
            ColumnSums.dot(a.values(), a.from(), a.columnStride(), k, m, b.values(), b.from(), b.rowStride(), c, cFrom, checkpoint);
            return;
        }
        int rows = 1 + BETWEEN_CHECKS / Math.max(1, k);
        for (int i = 0; i < m; i++) {
            if (i % rows == 0) {
                checkpoint.check();
            }
            c[cFrom + i] = BlockSums.dot(a.values(), a.index(i, 0), a.columnStride(), b.values(), b.from(), b.rowStride(), k);
        }
    }
}
