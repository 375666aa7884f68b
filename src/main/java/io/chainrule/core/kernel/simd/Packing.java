package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.simd.Tile.COLUMNS;
import static io.chainrule.core.kernel.simd.Tile.PANEL;
import static io.chainrule.core.kernel.simd.Tile.ROWS;
import static io.chainrule.core.kernel.simd.Tile.STRIDE;
import static io.chainrule.core.kernel.simd.Tile.WIDE_PANEL;

import io.chainrule.core.kernel.Matrix;
import jdk.incubator.vector.DoubleVector;

/**
 * Copies parts of matrices into panels. A tile reads a panel from its first to its last element, and the distances between the elements of
 * one step are constants, which the compiler puts into instructions; {@link Tile} says how much this gains. The copies take a tenth of the
 * time of a product of 128 × 128 matrices, and less of larger ones.
 */
final class Packing {
    private static final int L = Species.LENGTH;
    private static final int TOGETHER = Math.min(8, COLUMNS);
    /**
     * The number of steps along k that are copied into all panels before the next steps are. So the rows in which they stand are read from
     * one end to the other, which lets the processor fetch ahead. Rows that lie a power of two apart compete for the same lines of the
     * first-level cache; it holds this many of them.
     */
    private static final int STEPS = 8;
    /**
     * The number of steps for a transposed matrix on the left, whose panels are few. Each step may lie on a page of its own, and the
     * processor keeps the places of this many pages.
     */
    private static final int PAGES = 64;

    private Packing() {}

    /**
     * Copies rows [row, row + rows) of a, for k in [from, from + depth), one row after the other, {@link Tile#STRIDE} apart. If they are
     * fewer than a tile's rows, the last row is repeated. The loop goes along all rows at once, since a loop for each row would be too
     * short.
     */
    static void rows(Matrix a, int row, int rows, int from, int depth, double[] out) {
        double[] x = a.values();
        int first = a.index(row, from);
        int i = 0;
        for (; i <= depth - L; i += L) {
            for (int r = 0; r < ROWS; r++) {
                DoubleVector.fromArray(Species.OF, x, first + Math.min(r, rows - 1) * a.rowStride() + i).intoArray(out, r * STRIDE + i);
            }
        }
        for (; i < depth; i++) {
            for (int r = 0; r < ROWS; r++) {
                out[r * STRIDE + i] = x[first + Math.min(r, rows - 1) * a.rowStride() + i];
            }
        }
    }

    /**
     * Copies any number of such rows into panels {@link Tile#PANEL} apart. In a panel the {@link Tile#ROWS} elements of one step along k
     * are next to each other.
     */
    static void columns(Matrix a, int row, int rows, int from, int depth, double[] out) {
        double[] x = a.values();
        int first = a.index(row, from);
        int whole = a.rowStride() == 1 ? rows / ROWS * ROWS : 0;
        for (int p = 0; p < depth; p += PAGES) {
            for (int r = 0; r < whole; r += ROWS) {
                along(x, first + p * a.columnStride() + r, a.columnStride(), Math.min(PAGES, depth - p), ROWS, out,
                        r / ROWS * PANEL + p * ROWS);
            }
        }
        for (int r = whole; r < rows; r += ROWS) {
            for (int i = 0; i < ROWS; i++) {
                int source = first + Math.min(r + i, rows - 1) * a.rowStride();
                int to = r / ROWS * PANEL + i;
                for (int p = 0; p < depth; p++) {
                    out[to + p * ROWS] = x[source + p * a.columnStride()];
                }
            }
        }
    }

    /** Copies columns [column, column + columns) of b, for k in [from, from + depth), into panels of {@link Tile#COLUMNS} columns. */
    static void panels(Matrix b, int column, int columns, int from, int depth, double[] out, int outFrom) {
        int first = b.index(from, column);
        int whole = b.columnStride() == 1 ? columns / COLUMNS * COLUMNS : 0;
        for (int p = 0; p < depth; p += STEPS) {
            for (int j = 0; j < whole; j += COLUMNS) {
                along(b.values(), first + p * b.rowStride() + j, b.rowStride(), Math.min(STEPS, depth - p), COLUMNS, out,
                        outFrom + j / COLUMNS * WIDE_PANEL + p * COLUMNS);
            }
        }
        for (int j = whole; j < columns; j += COLUMNS) {
            across(b.values(), first + j * b.columnStride(), b.rowStride(), b.columnStride(), Math.min(COLUMNS, columns - j), depth, out,
                    outFrom + j / COLUMNS * WIDE_PANEL);
        }
    }

    /** Copies {@code elements} elements of each step. The steps of x are {@code stride} apart. */
    private static void along(double[] x, int from, int stride, int steps, int elements, double[] out, int to) {
        for (int p = 0; p < steps; p++) {
            for (int i = 0; i < elements; i += L) {
                DoubleVector.fromArray(Species.OF, x, from + p * stride + i).intoArray(out, to + p * elements + i);
            }
        }
    }

    /** Copies columns. It reads several of them at a time, so that it writes elements next to each other. */
    private static void across(double[] x, int from, int rowStride, int columnStride, int used, int depth, double[] out, int to) {
        int j = 0;
        for (; j <= used - TOGETHER && rowStride == 1; j += TOGETHER) {
            for (int p = 0; p < depth; p++) {
                for (int i = 0; i < TOGETHER; i++) {
                    out[to + p * COLUMNS + j + i] = x[from + (j + i) * columnStride + p];
                }
            }
        }
        for (; j < used; j++) {
            for (int p = 0; p < depth; p++) {
                out[to + p * COLUMNS + j] = x[from + p * rowStride + j * columnStride];
            }
        }
    }
}
