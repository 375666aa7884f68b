package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.simd.Tile.COLUMNS;
import static io.chainrule.core.kernel.simd.Tile.ROWS;
import static io.chainrule.core.kernel.simd.Tile.STRIDE;

import io.chainrule.core.kernel.Matrix;
import jdk.incubator.vector.DoubleVector;

/** Copies parts of matrices into panels, which tiles read from one end to the other at distances that the compiler knows. */
final class Packing {
    private static final int L = Species.LENGTH;

    private Packing() {}

    /**
     * Rows [row, row + rows) of a, for k in [from, from + depth), one after the other, {@link Tile#STRIDE} apart. If they are
     * fewer than those of a tile, the last is repeated.
     */
    static void rows(Matrix a, int row, int rows, int from, int depth, double[] out) {
        for (int r = 0; r < ROWS; r++) {
            copy(a.values(), a.index(row + Math.min(r, rows - 1), from), out, r * STRIDE, depth);
        }
    }

    /** Faster than {@link System#arraycopy} for so few elements. */
    private static void copy(double[] x, int from, double[] out, int to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            DoubleVector.fromArray(Species.OF, x, from + i).intoArray(out, to + i);
        }
        for (; i < n; i++) {
            out[to + i] = x[from + i];
        }
    }

    /** The same rows, the {@link Tile#ROWS} elements of one step along k next to each other. */
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

    /** Columns [column, column + columns) of b, for k in [from, from + depth), in panels of {@link Tile#COLUMNS} columns. */
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

    /** Reads four columns at a time, so that it writes elements next to each other. */
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
