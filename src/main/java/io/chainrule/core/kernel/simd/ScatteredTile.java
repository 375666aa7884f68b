package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.simd.Tile.ROWS;

import io.chainrule.core.tensor.Checkpoint;
import jdk.incubator.vector.DoubleVector;

/**
 * The tiles of {@link io.chainrule.core.kernel.Kernels#correlateAt}: eight columns of x, which are read where they stand, times two vectors
 * of rows of a. It is nine times as fast as the scalar form.
 */
final class ScatteredTile {
    private static final int COLUMNS = 8;
    private static final int HALF = COLUMNS / 2;
    private static final int L = Species.LENGTH;

    private ScatteredTile() {}

    static void multiply(int m, int n, int k, double[] panels, double[] x, int[] from, int[] shifts, double[] c, Checkpoint checkpoint) {
        int vectors = (m + ROWS - 1) / ROWS * (ROWS / L);
        for (int v = 0; v < vectors; v += 2) {
            // An odd vector is multiplied twice, to the same result.
            int next = Math.min(v + 1, vectors - 1);
            for (int j = 0; j < n; j += COLUMNS) {
                checkpoint.check();
                int used = Math.min(COLUMNS, n - j);
                int first = start(v, k);
                int second = start(next, k);
                int to = start(v, n) + j * ROWS;
                int toNext = start(next, n) + j * ROWS;
                if (Tile.IS_WIDE && used > HALF) {
                    whole(used, k, panels, first, second, x, from, j, shifts, c, to, toNext);
                } else {
                    half(Math.min(used, HALF), k, panels, first, second, x, from, j, shifts, c, to, toNext);
                    if (used > HALF) {
                        half(used - HALF, k, panels, first, second, x, from, j + HALF, shifts, c, to + HALF * ROWS, toNext + HALF * ROWS);
                    }
                }
            }
        }
    }

    /** Where a vector of rows begins in panels of {@code columns} columns. */
    private static int start(int vector, int columns) {
        return vector * L / ROWS * ROWS * columns + vector * L % ROWS;
    }

    private static void whole(int used, int depth, double[] a, int first, int second, double[] x, int[] from, int column, int[] shifts,
            double[] c, int toFirst, int toSecond) {
        int last = column + used - 1;
        int x0 = from[column];
        int x1 = from[Math.min(column + 1, last)];
        int x2 = from[Math.min(column + 2, last)];
        int x3 = from[Math.min(column + 3, last)];
        int x4 = from[Math.min(column + 4, last)];
        int x5 = from[Math.min(column + 5, last)];
        int x6 = from[Math.min(column + 6, last)];
        int x7 = from[Math.min(column + 7, last)];
        DoubleVector c00 = DoubleVector.zero(Species.OF);
        DoubleVector c01 = DoubleVector.zero(Species.OF);
        DoubleVector c10 = DoubleVector.zero(Species.OF);
        DoubleVector c11 = DoubleVector.zero(Species.OF);
        DoubleVector c20 = DoubleVector.zero(Species.OF);
        DoubleVector c21 = DoubleVector.zero(Species.OF);
        DoubleVector c30 = DoubleVector.zero(Species.OF);
        DoubleVector c31 = DoubleVector.zero(Species.OF);
        DoubleVector c40 = DoubleVector.zero(Species.OF);
        DoubleVector c41 = DoubleVector.zero(Species.OF);
        DoubleVector c50 = DoubleVector.zero(Species.OF);
        DoubleVector c51 = DoubleVector.zero(Species.OF);
        DoubleVector c60 = DoubleVector.zero(Species.OF);
        DoubleVector c61 = DoubleVector.zero(Species.OF);
        DoubleVector c70 = DoubleVector.zero(Species.OF);
        DoubleVector c71 = DoubleVector.zero(Species.OF);
        for (int p = 0; p < depth; p++) {
            int shift = shifts[p];
            DoubleVector a0 = DoubleVector.fromArray(Species.OF, a, first + p * ROWS);
            DoubleVector a1 = DoubleVector.fromArray(Species.OF, a, second + p * ROWS);
            DoubleVector y = DoubleVector.broadcast(Species.OF, x[x0 + shift]);
            c00 = y.fma(a0, c00);
            c01 = y.fma(a1, c01);
            y = DoubleVector.broadcast(Species.OF, x[x1 + shift]);
            c10 = y.fma(a0, c10);
            c11 = y.fma(a1, c11);
            y = DoubleVector.broadcast(Species.OF, x[x2 + shift]);
            c20 = y.fma(a0, c20);
            c21 = y.fma(a1, c21);
            y = DoubleVector.broadcast(Species.OF, x[x3 + shift]);
            c30 = y.fma(a0, c30);
            c31 = y.fma(a1, c31);
            y = DoubleVector.broadcast(Species.OF, x[x4 + shift]);
            c40 = y.fma(a0, c40);
            c41 = y.fma(a1, c41);
            y = DoubleVector.broadcast(Species.OF, x[x5 + shift]);
            c50 = y.fma(a0, c50);
            c51 = y.fma(a1, c51);
            y = DoubleVector.broadcast(Species.OF, x[x6 + shift]);
            c60 = y.fma(a0, c60);
            c61 = y.fma(a1, c61);
            y = DoubleVector.broadcast(Species.OF, x[x7 + shift]);
            c70 = y.fma(a0, c70);
            c71 = y.fma(a1, c71);
        }
        c00.intoArray(c, toFirst);
        c01.intoArray(c, toSecond);
        c10.intoArray(c, toFirst + Math.min(1, used - 1) * ROWS);
        c11.intoArray(c, toSecond + Math.min(1, used - 1) * ROWS);
        c20.intoArray(c, toFirst + Math.min(2, used - 1) * ROWS);
        c21.intoArray(c, toSecond + Math.min(2, used - 1) * ROWS);
        c30.intoArray(c, toFirst + Math.min(3, used - 1) * ROWS);
        c31.intoArray(c, toSecond + Math.min(3, used - 1) * ROWS);
        c40.intoArray(c, toFirst + Math.min(4, used - 1) * ROWS);
        c41.intoArray(c, toSecond + Math.min(4, used - 1) * ROWS);
        c50.intoArray(c, toFirst + Math.min(5, used - 1) * ROWS);
        c51.intoArray(c, toSecond + Math.min(5, used - 1) * ROWS);
        c60.intoArray(c, toFirst + Math.min(6, used - 1) * ROWS);
        c61.intoArray(c, toSecond + Math.min(6, used - 1) * ROWS);
        c70.intoArray(c, toFirst + Math.min(7, used - 1) * ROWS);
        c71.intoArray(c, toSecond + Math.min(7, used - 1) * ROWS);
    }

    private static void half(int used, int depth, double[] a, int first, int second, double[] x, int[] from, int column, int[] shifts,
            double[] c, int toFirst, int toSecond) {
        int last = column + used - 1;
        int x0 = from[column];
        int x1 = from[Math.min(column + 1, last)];
        int x2 = from[Math.min(column + 2, last)];
        int x3 = from[Math.min(column + 3, last)];
        DoubleVector c00 = DoubleVector.zero(Species.OF);
        DoubleVector c01 = DoubleVector.zero(Species.OF);
        DoubleVector c10 = DoubleVector.zero(Species.OF);
        DoubleVector c11 = DoubleVector.zero(Species.OF);
        DoubleVector c20 = DoubleVector.zero(Species.OF);
        DoubleVector c21 = DoubleVector.zero(Species.OF);
        DoubleVector c30 = DoubleVector.zero(Species.OF);
        DoubleVector c31 = DoubleVector.zero(Species.OF);
        for (int p = 0; p < depth; p++) {
            int shift = shifts[p];
            DoubleVector a0 = DoubleVector.fromArray(Species.OF, a, first + p * ROWS);
            DoubleVector a1 = DoubleVector.fromArray(Species.OF, a, second + p * ROWS);
            DoubleVector y = DoubleVector.broadcast(Species.OF, x[x0 + shift]);
            c00 = y.fma(a0, c00);
            c01 = y.fma(a1, c01);
            y = DoubleVector.broadcast(Species.OF, x[x1 + shift]);
            c10 = y.fma(a0, c10);
            c11 = y.fma(a1, c11);
            y = DoubleVector.broadcast(Species.OF, x[x2 + shift]);
            c20 = y.fma(a0, c20);
            c21 = y.fma(a1, c21);
            y = DoubleVector.broadcast(Species.OF, x[x3 + shift]);
            c30 = y.fma(a0, c30);
            c31 = y.fma(a1, c31);
        }
        c00.intoArray(c, toFirst);
        c01.intoArray(c, toSecond);
        c10.intoArray(c, toFirst + Math.min(1, used - 1) * ROWS);
        c11.intoArray(c, toSecond + Math.min(1, used - 1) * ROWS);
        c20.intoArray(c, toFirst + Math.min(2, used - 1) * ROWS);
        c21.intoArray(c, toSecond + Math.min(2, used - 1) * ROWS);
        c30.intoArray(c, toFirst + Math.min(3, used - 1) * ROWS);
        c31.intoArray(c, toSecond + Math.min(3, used - 1) * ROWS);
    }
}
