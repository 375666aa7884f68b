package io.chainrule.core.kernel;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * A matrix product that adds multiples of rows of b to a row of c. Each element of c takes its products by fma, in the order of k, as
 * {@link Kernels#gemm} demands.
 */
public final class RowProducts {
    /** A block of b, 256 rows of 512 elements or 1 MB, stays in the second-level cache while all rows of a are multiplied by it. */
    private static final int DEPTH = 256;
    private static final int WIDTH = 512;
    /** About how many multiplications there are between two checks of the deadline. */
    private static final int BETWEEN_CHECKS = 1 << 20;

    private RowProducts() {}

    /** Computes {@code c = a · b} for a [m, k], b [k, n] and row-major c [m, n]. */
    public static void multiply(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        Arrays.fill(c, cFrom, cFrom + m * n, 0);
        add(m, n, k, a, b, c, cFrom, checkpoint);
    }

    /** Computes {@code c = c + a · b}, adding the products one by one to the elements of c. */
    public static void add(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        double[] copy = b.columnStride() == 1 ? new double[0] : new double[Math.min(k, DEPTH) * Math.min(n, WIDTH)];
        for (int j = 0; j < n; j += WIDTH) {
            int width = Math.min(WIDTH, n - j);
            for (int p = 0; p < k; p += DEPTH) {
                int depth = Math.min(DEPTH, k - p);
                Matrix block = b.columnStride() == 1
                        ? new Matrix(b.values(), b.index(p, j), b.rowStride(), 1)
                        : copy(b, p, depth, j, width, copy);
                int rows = 1 + BETWEEN_CHECKS / (depth * width);
                for (int i = 0; i < m; i++) {
                    if (i % rows == 0) {
                        checkpoint.check();
                    }
                    addRows(depth, width, a, a.index(i, p), block, c, cFrom + i * n + j);
                }
            }
        }
    }

    private static Matrix copy(Matrix b, int row, int rows, int column, int columns, double[] to) {
        for (int j = 0; j < columns; j++) {
            for (int p = 0; p < rows; p++) {
                to[p * columns + j] = b.values()[b.index(row + p, column + j)];
            }
        }
        return Matrix.rows(to, 0, columns);
    }

    /** Takes four rows of b at a time, so that each element of c is read and written once for four products. */
    private static void addRows(int depth, int n, Matrix a, int aFrom, Matrix b, double[] c, int to) {
        double[] x = a.values();
        int step = a.columnStride();
        int stride = b.rowStride();
        int p = 0;
        for (; p + 3 < depth; p += 4) {
            int at = aFrom + p * step;
            int row = b.from() + p * stride;
            addFour(n, x[at], x[at + step], x[at + 2 * step], x[at + 3 * step], b.values(), row, row + stride, row + 2 * stride,
                    row + 3 * stride, c, to);
        }
        for (; p < depth; p++) {
            addOne(n, x[aFrom + p * step], b.values(), b.from() + p * stride, c, to);
        }
    }

    /** Adds multiples of four rows of b, of which the first is added first. */
    static void addFour(int n, double a0, double a1, double a2, double a3, double[] b, int r0, int r1, int r2, int r3, double[] c, int to) {
        for (int j = 0; j < n; j++) {
            c[to + j] = Math.fma(a3, b[r3 + j], Math.fma(a2, b[r2 + j], Math.fma(a1, b[r1 + j], Math.fma(a0, b[r0 + j], c[to + j]))));
        }
    }

    static void addOne(int n, double factor, double[] b, int row, double[] c, int to) {
        for (int j = 0; j < n; j++) {
            c[to + j] = Math.fma(factor, b[row + j], c[to + j]);
        }
    }
}
