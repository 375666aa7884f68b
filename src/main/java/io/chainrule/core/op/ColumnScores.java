package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import java.util.Arrays;

/**
 * Softmax, or its logarithm, of the columns of row-major matrices. It goes along rows, a panel of columns at a time, and each column has
 * the bits that {@link Softmax} gives a copy of it.
 *
 * @param n the number of rows
 * @param columns the number of columns of each matrix
 */
record ColumnScores(boolean logarithm, int n, int columns) implements Kernel {
    /** Fewer columns are faster one after the other. */
    private static final int FEWEST = 16;
    /** The number of elements of a panel, which fits into a second-level cache. */
    private static final int PANEL = 1 << 14;
    /** The most rows of a panel. A panel of longer columns would fit into no cache, and would take much memory. */
    private static final int MOST_ROWS = 1 << 13;
    private static final int OPERATIONS_AN_ELEMENT = 16;

    static boolean fits(int n, int columns) {
        return columns >= FEWEST && n <= MOST_ROWS;
    }

    private int width() {
        return Math.clamp(PANEL / n, FEWEST, columns);
    }

    @Override
    public void run(double[][] operands, double[] result, Parallel parallel) {
        parallel.share(result.length / n, parallel.grain(OPERATIONS_AN_ELEMENT * (long) n, FEWEST),
                (first, end) -> write(operands[0], result, first, end, parallel));
    }

    @Override
    public long bytes() {
        return Double.BYTES * ((logarithm ? 2L : 1L) * n + 2) * width();
    }

    /** Computes columns {@code first} to before {@code end}, which are counted through all matrices. */
    private void write(double[] x, double[] y, int first, int end, Checkpoint checkpoint) {
        int width = Math.min(width(), end - first);
        Panel panel = new Panel(x, y, width);
        for (int column = first, w; column < end; column += w) {
            checkpoint.check();
            w = Math.min(Math.min(width, end - column), columns - column % columns);
            panel.write(column / columns * columns * n + column % columns, w, checkpoint);
        }
    }

    private final class Panel {
        private final Kernels kernels = Kernels.best();
        private final double[] x;
        private final double[] y;
        private final double[] shifted;
        private final double[] exponentials;
        private final double[] largest;
        private final double[] sums;

        Panel(double[] x, double[] y, int width) {
            this.x = x;
            this.y = y;
            this.shifted = new double[n * width];
            this.exponentials = logarithm ? new double[n * width] : shifted;
            this.largest = new double[width];
            this.sums = new double[width];
        }

        /** Computes the {@code w} columns that begin at {@code from}. */
        void write(int from, int w, Checkpoint checkpoint) {
            Arrays.fill(largest, Double.NEGATIVE_INFINITY);
            for (int i = 0; i < n; i++) {
                kernels.binary(Kernels.Binary.MAXIMUM, largest, 0, 1, x, from + i * columns, 1, largest, 0, w);
            }
            for (int i = 0; i < n; i++) {
                kernels.binary(Kernels.Binary.SUB, x, from + i * columns, 1, largest, 0, 1, shifted, i * w, w);
            }
            kernels.unary(Kernels.Unary.EXP, shifted, 0, exponentials, 0, n * w);
            if (logarithm) {
                clearLargest(w);
            }
            kernels.sumRows(exponentials, 0, n, w, sums, 0, checkpoint);
            if (logarithm) {
                kernels.unary(Kernels.Unary.LOG1P, sums, 0, sums, 0, w);
            }
            Kernels.Binary last = logarithm ? Kernels.Binary.SUB : Kernels.Binary.DIV;
            for (int i = 0; i < n; i++) {
                kernels.binary(last, shifted, i * w, 1, sums, 0, 1, y, from + i * columns, w);
            }
        }

        /**
         * Sets the exponential of the first largest score of each column to 0, since {@code log1p} adds its 1. If a column has none,
         * because a score is NaN, its first exponential becomes NaN.
         */
        private void clearLargest(int w) {
            for (int j = 0; j < w; j++) {
                int at = j;
                while (at < n * w && shifted[at] != 0) {
                    at += w;
                }
                exponentials[at < n * w ? at : j] = at < n * w ? 0 : Double.NaN;
            }
        }
    }
}
