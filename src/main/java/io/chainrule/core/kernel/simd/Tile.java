package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels;
import jdk.incubator.vector.DoubleVector;

/**
 * The innermost loops of a matrix product. A tile is eight rows of c by two vectors of columns, and its sixteen vectors of sums stay in
 * registers during all steps along k. Sixteen independent sums hide the four cycles that an fma takes, and leave registers for what is
 * read. If fewer rows are left, the last one is computed several times, with the same result, so that the loop needs no branch.
 *
 * <p>The loop is written out once for each way in which a may be stored. In a loop with constant distances between the rows of a, C2 moves
 * the range checks out of the loop and puts the distances into the instructions: with AVX-512 this raised the speed from 65 to 80 GFLOP/s.
 */
final class Tile {
    static final int ROWS = Kernels.PANEL_ROWS;
    static final int COLUMNS = 2 * Species.LENGTH;
    /** The most steps along k that {@link #byRows} can do. */
    static final int DEPTH = 256;
    /** How far apart rows are for {@link #byRows}. Rows a power of two apart would compete for few sets of the first-level cache. */
    static final int STRIDE = DEPTH + 8;
    /** How far apart packed panels of a and of b begin, also not a power of two. */
    static final int PANEL = ROWS * DEPTH + 8;
    static final int WIDE_PANEL = COLUMNS * DEPTH + 16;
    private static final int HALF = ROWS / 2;
    /** Whether there are 32 vector registers, as with AVX-512 and on Arm. In 16, the sums of a whole tile would not fit. */
    static final boolean IS_WIDE = Species.OF.vectorBitSize() == 512 || System.getProperty("os.arch").equals("aarch64");
    /** The start values of sums that do not continue those in c. */
    private static final double[] ZEROS = new double[COLUMNS];
    private static final int L = Species.LENGTH;

    private Tile() {}

    /** Row r of a begins at {@code r * STRIDE}, and row p of b at {@code bFrom + p * bRow}. The sums begin anew. */
    static void byRows(int rows, int depth, double[] a, double[] b, int bFrom, int bRow, double[] c, int cFrom, int cRow) {
        if (IS_WIDE && rows > HALF) {
            byStridedRows(rows, depth, a, b, bFrom, bRow, c, cFrom, cRow);
            return;
        }
        HalfTile.byRows(Math.min(rows, HALF), depth, a, 0, b, bFrom, bRow, ZEROS, 0, 0, c, cFrom, cRow);
        if (rows > HALF) {
            HalfTile.byRows(rows - HALF, depth, a, HALF * STRIDE, b, bFrom, bRow, ZEROS, 0, 0, c, cFrom + HALF * cRow, cRow);
        }
    }

    /** The same for a panel of b, whose rows are {@link #COLUMNS} apart. Continues the sums in c unless {@code fresh}. */
    static void byRows(int rows, int depth, double[] a, double[] b, int bFrom, boolean fresh, double[] c, int cFrom, int cRow) {
        double[] start = fresh ? ZEROS : c;
        int startFrom = fresh ? 0 : cFrom;
        int startRow = fresh ? 0 : cRow;
        if (IS_WIDE && rows > HALF) {
            byRows(rows, depth, a, b, bFrom, start, startFrom, startRow, c, cFrom, cRow);
            return;
        }
        HalfTile.byRows(Math.min(rows, HALF), depth, a, 0, b, bFrom, COLUMNS, start, startFrom, startRow, c, cFrom, cRow);
        if (rows > HALF) {
            HalfTile.byRows(rows - HALF, depth, a, HALF * STRIDE, b, bFrom, COLUMNS, start, startFrom + HALF * startRow, startRow, c,
                    cFrom + HALF * cRow, cRow);
        }
    }

    /** The {@link #ROWS} elements of step p of a begin at {@code aFrom + p * ROWS}, row p of b at {@code bFrom + p * bRow}. */
    static void byColumns(int rows, int depth, double[] a, int aFrom, double[] b, int bFrom, int bRow, boolean fresh, double[] c, int cFrom,
            int cRow) {
        double[] start = fresh ? ZEROS : c;
        int startFrom = fresh ? 0 : cFrom;
        int startRow = fresh ? 0 : cRow;
        if (IS_WIDE && rows > HALF) {
            byColumns(rows, depth, a, aFrom, b, bFrom, bRow, start, startFrom, startRow, c, cFrom, cRow);
            return;
        }
        HalfTile.byColumns(Math.min(rows, HALF), depth, a, aFrom, b, bFrom, bRow, start, startFrom, startRow, c, cFrom, cRow);
        if (rows > HALF) {
            HalfTile.byColumns(rows - HALF, depth, a, aFrom + HALF, b, bFrom, bRow, start, startFrom + HALF * startRow, startRow, c,
                    cFrom + HALF * cRow, cRow);
        }
    }

    private static void byStridedRows(int rows, int depth, double[] a, double[] b, int bFrom, int bRow, double[] c, int cFrom, int cRow) {
        int last = rows - 1;
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int r3 = Math.min(3, last);
        int r4 = Math.min(4, last);
        int r5 = Math.min(5, last);
        int r6 = Math.min(6, last);
        int r7 = Math.min(7, last);
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
            DoubleVector b0 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow);
            DoubleVector b1 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow + L);
            DoubleVector x = DoubleVector.broadcast(Species.OF, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(Species.OF, a[STRIDE + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(Species.OF, a[2 * STRIDE + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(Species.OF, a[3 * STRIDE + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = DoubleVector.broadcast(Species.OF, a[4 * STRIDE + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = DoubleVector.broadcast(Species.OF, a[5 * STRIDE + p]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = DoubleVector.broadcast(Species.OF, a[6 * STRIDE + p]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = DoubleVector.broadcast(Species.OF, a[7 * STRIDE + p]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
        }
        c00.intoArray(c, cFrom);
        c01.intoArray(c, cFrom + L);
        c10.intoArray(c, cFrom + r1 * cRow);
        c11.intoArray(c, cFrom + r1 * cRow + L);
        c20.intoArray(c, cFrom + r2 * cRow);
        c21.intoArray(c, cFrom + r2 * cRow + L);
        c30.intoArray(c, cFrom + r3 * cRow);
        c31.intoArray(c, cFrom + r3 * cRow + L);
        c40.intoArray(c, cFrom + r4 * cRow);
        c41.intoArray(c, cFrom + r4 * cRow + L);
        c50.intoArray(c, cFrom + r5 * cRow);
        c51.intoArray(c, cFrom + r5 * cRow + L);
        c60.intoArray(c, cFrom + r6 * cRow);
        c61.intoArray(c, cFrom + r6 * cRow + L);
        c70.intoArray(c, cFrom + r7 * cRow);
        c71.intoArray(c, cFrom + r7 * cRow + L);
    }

    private static void byRows(int rows, int depth, double[] a, double[] b, int bFrom, double[] start, int startFrom, int startRow,
            double[] c, int cFrom, int cRow) {
        int last = rows - 1;
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int r3 = Math.min(3, last);
        int r4 = Math.min(4, last);
        int r5 = Math.min(5, last);
        int r6 = Math.min(6, last);
        int r7 = Math.min(7, last);
        DoubleVector c00 = DoubleVector.fromArray(Species.OF, start, startFrom);
        DoubleVector c01 = DoubleVector.fromArray(Species.OF, start, startFrom + L);
        DoubleVector c10 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow);
        DoubleVector c11 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow + L);
        DoubleVector c20 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow);
        DoubleVector c21 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow + L);
        DoubleVector c30 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow);
        DoubleVector c31 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow + L);
        DoubleVector c40 = DoubleVector.fromArray(Species.OF, start, startFrom + r4 * startRow);
        DoubleVector c41 = DoubleVector.fromArray(Species.OF, start, startFrom + r4 * startRow + L);
        DoubleVector c50 = DoubleVector.fromArray(Species.OF, start, startFrom + r5 * startRow);
        DoubleVector c51 = DoubleVector.fromArray(Species.OF, start, startFrom + r5 * startRow + L);
        DoubleVector c60 = DoubleVector.fromArray(Species.OF, start, startFrom + r6 * startRow);
        DoubleVector c61 = DoubleVector.fromArray(Species.OF, start, startFrom + r6 * startRow + L);
        DoubleVector c70 = DoubleVector.fromArray(Species.OF, start, startFrom + r7 * startRow);
        DoubleVector c71 = DoubleVector.fromArray(Species.OF, start, startFrom + r7 * startRow + L);
        for (int p = 0; p < depth; p++) {
            DoubleVector b0 = DoubleVector.fromArray(Species.OF, b, bFrom + p * COLUMNS);
            DoubleVector b1 = DoubleVector.fromArray(Species.OF, b, bFrom + p * COLUMNS + L);
            DoubleVector x = DoubleVector.broadcast(Species.OF, a[p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(Species.OF, a[STRIDE + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(Species.OF, a[2 * STRIDE + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(Species.OF, a[3 * STRIDE + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = DoubleVector.broadcast(Species.OF, a[4 * STRIDE + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = DoubleVector.broadcast(Species.OF, a[5 * STRIDE + p]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = DoubleVector.broadcast(Species.OF, a[6 * STRIDE + p]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = DoubleVector.broadcast(Species.OF, a[7 * STRIDE + p]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
        }
        c00.intoArray(c, cFrom);
        c01.intoArray(c, cFrom + L);
        c10.intoArray(c, cFrom + r1 * cRow);
        c11.intoArray(c, cFrom + r1 * cRow + L);
        c20.intoArray(c, cFrom + r2 * cRow);
        c21.intoArray(c, cFrom + r2 * cRow + L);
        c30.intoArray(c, cFrom + r3 * cRow);
        c31.intoArray(c, cFrom + r3 * cRow + L);
        c40.intoArray(c, cFrom + r4 * cRow);
        c41.intoArray(c, cFrom + r4 * cRow + L);
        c50.intoArray(c, cFrom + r5 * cRow);
        c51.intoArray(c, cFrom + r5 * cRow + L);
        c60.intoArray(c, cFrom + r6 * cRow);
        c61.intoArray(c, cFrom + r6 * cRow + L);
        c70.intoArray(c, cFrom + r7 * cRow);
        c71.intoArray(c, cFrom + r7 * cRow + L);
    }

    private static void byColumns(int rows, int depth, double[] a, int aFrom, double[] b, int bFrom, int bRow, double[] start,
            int startFrom, int startRow, double[] c, int cFrom, int cRow) {
        int last = rows - 1;
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int r3 = Math.min(3, last);
        int r4 = Math.min(4, last);
        int r5 = Math.min(5, last);
        int r6 = Math.min(6, last);
        int r7 = Math.min(7, last);
        DoubleVector c00 = DoubleVector.fromArray(Species.OF, start, startFrom);
        DoubleVector c01 = DoubleVector.fromArray(Species.OF, start, startFrom + L);
        DoubleVector c10 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow);
        DoubleVector c11 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow + L);
        DoubleVector c20 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow);
        DoubleVector c21 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow + L);
        DoubleVector c30 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow);
        DoubleVector c31 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow + L);
        DoubleVector c40 = DoubleVector.fromArray(Species.OF, start, startFrom + r4 * startRow);
        DoubleVector c41 = DoubleVector.fromArray(Species.OF, start, startFrom + r4 * startRow + L);
        DoubleVector c50 = DoubleVector.fromArray(Species.OF, start, startFrom + r5 * startRow);
        DoubleVector c51 = DoubleVector.fromArray(Species.OF, start, startFrom + r5 * startRow + L);
        DoubleVector c60 = DoubleVector.fromArray(Species.OF, start, startFrom + r6 * startRow);
        DoubleVector c61 = DoubleVector.fromArray(Species.OF, start, startFrom + r6 * startRow + L);
        DoubleVector c70 = DoubleVector.fromArray(Species.OF, start, startFrom + r7 * startRow);
        DoubleVector c71 = DoubleVector.fromArray(Species.OF, start, startFrom + r7 * startRow + L);
        for (int p = 0; p < depth; p++) {
            DoubleVector b0 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow);
            DoubleVector b1 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow + L);
            DoubleVector x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 4]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 5]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 6]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + p * ROWS + 7]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
        }
        c00.intoArray(c, cFrom);
        c01.intoArray(c, cFrom + L);
        c10.intoArray(c, cFrom + r1 * cRow);
        c11.intoArray(c, cFrom + r1 * cRow + L);
        c20.intoArray(c, cFrom + r2 * cRow);
        c21.intoArray(c, cFrom + r2 * cRow + L);
        c30.intoArray(c, cFrom + r3 * cRow);
        c31.intoArray(c, cFrom + r3 * cRow + L);
        c40.intoArray(c, cFrom + r4 * cRow);
        c41.intoArray(c, cFrom + r4 * cRow + L);
        c50.intoArray(c, cFrom + r5 * cRow);
        c51.intoArray(c, cFrom + r5 * cRow + L);
        c60.intoArray(c, cFrom + r6 * cRow);
        c61.intoArray(c, cFrom + r6 * cRow + L);
        c70.intoArray(c, cFrom + r7 * cRow);
        c71.intoArray(c, cFrom + r7 * cRow + L);
    }
}
