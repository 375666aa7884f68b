package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.simd.Tile.COLUMNS;
import static io.chainrule.core.kernel.simd.Tile.ROWS;
import static io.chainrule.core.kernel.simd.Tile.STRIDE;

import io.chainrule.core.kernel.Matrix;
import jdk.incubator.vector.DoubleVector;

/**
 * Copies parts of matrices into panels. A tile reads a panel from its first to its last element, and the distances between the elements of
 * one step are constants, which the compiler puts into instructions.
 */
final class Packing {
    private static final int L = Species.LENGTH;

    private Packing() {}

    /**
     * Copies rows [row, row + rows) of a, for k in [from, from + depth), one row after the other, {@link Tile#STRIDE} elements apart. If
     * they are fewer than a tile's rows, the last row is repeated.
     */
    static void rows(Matrix a, int row, int rows, int from, int depth, double[] out) {
        for (int r = 0; r < ROWS; r++) {
            copy(a.values(), a.index(row + Math.min(r, rows - 1), from), out, r * STRIDE, depth);
        }
    }

    /** Copies elements. For so few of them it is faster than {@link System#arraycopy}. */
    private static void copy(double[] x, int from, double[] out, int to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            DoubleVector.fromArray(Species.OF, x, from + i).intoArray(out, to + i);
        }
        for (; i < n; i++) {
            out[to + i] = x[from + i];
        }
    }

    /** Copies the same rows, but the {@link Tile#ROWS} elements of each step along k stand next to each other. */
    static void columns(Matrix a, int row, int rows, int from, int depth, double[] out) {
        double[] x = a.values();
        int first = a.index(row, from);
        boolean isWhole = rows == ROWS && a.rowStride() == 1;
        for (int p = 0; p < depth; p++) {
            int source = first + p * a.columnStride();
            if (isWhole) {
                for (int r = 0; r < ROWS; r += L) {
                    DoubleVector.fromArray(Species.OF, x, source + r).intoArray(out, p * ROWS + r);
                }
            } else {
                for (int r = 0; r < ROWS; r++) {
                    out[p * ROWS + r] = x[source + Math.min(r, rows - 1) * a.rowStride()];
                }
            }
        }
    }

    /** Copies columns [column, column + columns) of b, for k in [from, from + depth), into panels of {@link Tile#COLUMNS} columns. */
    static void panels(Matrix b, int column, int columns, int from, int depth, double[] out, int outFrom) {
        for (int j = 0; j < columns; j += COLUMNS) {
            int source = b.index(from, column + j);
            int to = outFrom + j * depth;
            int used = Math.min(COLUMNS, columns - j);
            if (b.columnStride() == 1 && used == COLUMNS) {
                along(b.values(), source, b.rowStride(), depth, out, to);
            } else {
                across(b.values(), source, b.rowStride(), b.columnStride(), used, depth, out, to);
            }
        }
    }

    private static void along(double[] x, int from, int rowStride, int depth, double[] out, int to) {
        for (int p = 0; p < depth; p++) {
            DoubleVector.fromArray(Species.OF, x, from + p * rowStride).intoArray(out, to + p * COLUMNS);
            DoubleVector.fromArray(Species.OF, x, from + p * rowStride + L).intoArray(out, to + p * COLUMNS + L);
        }
    }

    /** Copies columns that are contiguous in b four at a time, so that four elements are written next to each other. */
    private static void across(double[] x, int from, int rowStride, int columnStride, int used, int depth, double[] out, int to) {
        int j = 0;
        for (; j + 3 < used && rowStride == 1; j += 4) {
            fourColumns(x, from + j * columnStride, columnStride, depth, out, to + j);
        }
        for (; j < used; j++) {
            for (int p = 0; p < depth; p++) {
                out[to + p * COLUMNS + j] = x[from + p * rowStride + j * columnStride];
            }
        }
    }

    private static void fourColumns(double[] x, int first, int columnStride, int depth, double[] out, int to) {
        int second = first + columnStride;
        int third = second + columnStride;
        int fourth = third + columnStride;
        for (int p = 0; p < depth; p++) {
            int target = to + p * COLUMNS;
            out[target] = x[first + p];
            out[target + 1] = x[second + p];
            out[target + 2] = x[third + p];
            out[target + 3] = x[fourth + p];
        }
    }
}
