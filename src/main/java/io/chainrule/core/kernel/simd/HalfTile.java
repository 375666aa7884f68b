package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.simd.Tile.ROWS;
import static io.chainrule.core.kernel.simd.Tile.STRIDE;

import jdk.incubator.vector.DoubleVector;

/**
 * Computes four of the eight rows of a {@link Tile}. Processors with 16 vector registers use it throughout, because the sums of a whole
 * tile do not fit; others use it where at most four rows are left at the lower edge of a matrix. A whole tile would take 1.4 times as long
 * for four rows.
 */
final class HalfTile {
    private static final int L = Species.LENGTH;

    private HalfTile() {}

    static void byRows(int rows, int depth, double[] a, int aFrom, double[] b, int bFrom, int bRow, double[] start, int startFrom,
            int startRow, double[] c, int cFrom, int cRow) {
        int last = rows - 1;
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int r3 = Math.min(3, last);
        DoubleVector c00 = DoubleVector.fromArray(Species.OF, start, startFrom);
        DoubleVector c01 = DoubleVector.fromArray(Species.OF, start, startFrom + L);
        DoubleVector c10 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow);
        DoubleVector c11 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow + L);
        DoubleVector c20 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow);
        DoubleVector c21 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow + L);
        DoubleVector c30 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow);
        DoubleVector c31 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow + L);
        for (int p = 0; p < depth; p++) {
            DoubleVector b0 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow);
            DoubleVector b1 = DoubleVector.fromArray(Species.OF, b, bFrom + p * bRow + L);
            DoubleVector x = DoubleVector.broadcast(Species.OF, a[aFrom + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + STRIDE + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + 2 * STRIDE + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(Species.OF, a[aFrom + 3 * STRIDE + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoArray(c, cFrom);
        c01.intoArray(c, cFrom + L);
        c10.intoArray(c, cFrom + r1 * cRow);
        c11.intoArray(c, cFrom + r1 * cRow + L);
        c20.intoArray(c, cFrom + r2 * cRow);
        c21.intoArray(c, cFrom + r2 * cRow + L);
        c30.intoArray(c, cFrom + r3 * cRow);
        c31.intoArray(c, cFrom + r3 * cRow + L);
    }

    static void byColumns(int rows, int depth, double[] a, int aFrom, double[] b, int bFrom, int bRow, double[] start, int startFrom,
            int startRow, double[] c, int cFrom, int cRow) {
        int last = rows - 1;
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int r3 = Math.min(3, last);
        DoubleVector c00 = DoubleVector.fromArray(Species.OF, start, startFrom);
        DoubleVector c01 = DoubleVector.fromArray(Species.OF, start, startFrom + L);
        DoubleVector c10 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow);
        DoubleVector c11 = DoubleVector.fromArray(Species.OF, start, startFrom + r1 * startRow + L);
        DoubleVector c20 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow);
        DoubleVector c21 = DoubleVector.fromArray(Species.OF, start, startFrom + r2 * startRow + L);
        DoubleVector c30 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow);
        DoubleVector c31 = DoubleVector.fromArray(Species.OF, start, startFrom + r3 * startRow + L);
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
        }
        c00.intoArray(c, cFrom);
        c01.intoArray(c, cFrom + L);
        c10.intoArray(c, cFrom + r1 * cRow);
        c11.intoArray(c, cFrom + r1 * cRow + L);
        c20.intoArray(c, cFrom + r2 * cRow);
        c21.intoArray(c, cFrom + r2 * cRow + L);
        c30.intoArray(c, cFrom + r3 * cRow);
        c31.intoArray(c, cFrom + r3 * cRow + L);
    }
}
