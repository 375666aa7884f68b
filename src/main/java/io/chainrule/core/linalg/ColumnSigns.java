package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;

/** Which of its two signs a singular vector or eigenvector gets. */
final class ColumnSigns {
    /** Components this close to the largest one count as equal to it, so that rounding errors do not choose among them. */
    private static final double TIE = 1 - 1e-8;

    private ColumnSigns() {}

    /**
     * For each column of a row-major matrix 1, or −1 if its component of largest magnitude is negative; the first of several that are
     * equally large counts. The loops go along rows, which are contiguous in memory.
     */
    static double[] of(double[] x, int from, int rows, int columns) {
        double[] largest = new double[columns];
        double[] magnitudes = new double[columns];
        for (int i = 0; i < rows; i++) {
            Kernels.best().unary(Kernels.Unary.ABS, x, from + i * columns, magnitudes, 0, columns);
            Kernels.best().binary(Kernels.Binary.MAXIMUM, largest, 0, 1, magnitudes, 0, 1, largest, 0, columns);
        }
        double[] signs = new double[columns];
        for (int j = 0; j < columns; j++) {
            int i = from + j;
            while (i < from + (rows - 1) * columns && Math.abs(x[i]) < largest[j] * TIE) {
                i += columns;
            }
            signs[j] = x[i] < 0 ? -1 : 1;
        }
        return signs;
    }

    /** Multiplies each column by its sign. */
    static void apply(double[] signs, double[] x, int from, int rows) {
        int columns = signs.length;
        for (int i = 0; i < rows; i++) {
            Kernels.best().binary(Kernels.Binary.MUL, x, from + i * columns, 1, signs, 0, 1, x, from + i * columns, columns);
        }
    }
}
