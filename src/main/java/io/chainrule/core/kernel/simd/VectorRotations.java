package io.chainrule.core.kernel.simd;

import jdk.incubator.vector.DoubleVector;

/**
 * Rotations of neighbouring rows of a matrix. Each loop goes down a strip of columns and keeps the row that the next rotation needs in
 * registers. Four vectors side by side hide the eight cycles between two rotations. The loops take whole vectors and return how many
 * columns they did; the caller does the rest. For rows of 200 this is 1.4 times as fast as the scalar form, which C2 vectorizes for one
 * pair at a time.
 */
final class VectorRotations {
    private static final int L = Species.LENGTH;

    private VectorRotations() {}

    static int rotateRows(int count, double[] c, double[] s, int at, double[] x, int from, int step, int n) {
        int j = 0;
        for (; j <= n - 4 * L; j += 4 * L) {
            rotateWideStrip(count, c, s, at, x, from + j, step);
        }
        for (; j <= n - L; j += L) {
            rotateStrip(count, c, s, at, x, from + j, step);
        }
        return j;
    }

    private static void rotateWideStrip(int count, double[] c, double[] s, int at, double[] x, int from, int step) {
        int row = from;
        DoubleVector y0 = DoubleVector.fromArray(Species.OF, x, row);
        DoubleVector y1 = DoubleVector.fromArray(Species.OF, x, row + L);
        DoubleVector y2 = DoubleVector.fromArray(Species.OF, x, row + 2 * L);
        DoubleVector y3 = DoubleVector.fromArray(Species.OF, x, row + 3 * L);
        for (int k = 0; k < count; k++) {
            int next = row + step;
            DoubleVector cosine = DoubleVector.broadcast(Species.OF, c[at + k]);
            DoubleVector sine = DoubleVector.broadcast(Species.OF, s[at + k]);
            DoubleVector negative = sine.neg();
            DoubleVector x0 = DoubleVector.fromArray(Species.OF, x, next);
            DoubleVector x1 = DoubleVector.fromArray(Species.OF, x, next + L);
            DoubleVector x2 = DoubleVector.fromArray(Species.OF, x, next + 2 * L);
            DoubleVector x3 = DoubleVector.fromArray(Species.OF, x, next + 3 * L);
            cosine.fma(y0, sine.mul(x0)).intoArray(x, row);
            cosine.fma(y1, sine.mul(x1)).intoArray(x, row + L);
            cosine.fma(y2, sine.mul(x2)).intoArray(x, row + 2 * L);
            cosine.fma(y3, sine.mul(x3)).intoArray(x, row + 3 * L);
            y0 = cosine.fma(x0, negative.mul(y0));
            y1 = cosine.fma(x1, negative.mul(y1));
            y2 = cosine.fma(x2, negative.mul(y2));
            y3 = cosine.fma(x3, negative.mul(y3));
            row = next;
        }
        y0.intoArray(x, row);
        y1.intoArray(x, row + L);
        y2.intoArray(x, row + 2 * L);
        y3.intoArray(x, row + 3 * L);
    }

    private static void rotateStrip(int count, double[] c, double[] s, int at, double[] x, int from, int step) {
        int row = from;
        DoubleVector y = DoubleVector.fromArray(Species.OF, x, row);
        for (int k = 0; k < count; k++) {
            int next = row + step;
            DoubleVector cosine = DoubleVector.broadcast(Species.OF, c[at + k]);
            DoubleVector sine = DoubleVector.broadcast(Species.OF, s[at + k]);
            DoubleVector ofX = DoubleVector.fromArray(Species.OF, x, next);
            cosine.fma(y, sine.mul(ofX)).intoArray(x, row);
            y = cosine.fma(ofX, sine.neg().mul(y));
            row = next;
        }
        y.intoArray(x, row);
    }

    /**
     * Reads and writes each row once for four rotations: the second pass takes a row from the register as soon as the first has done it.
     */
    static int rotateRowsTwice(int count, double[] c, double[] s, int second, double[] x, int from, int step, int n) {
        int j = 0;
        for (; j <= n - 2 * L; j += 2 * L) {
            rotateTwice(count, c, s, second, x, from + j, from + j + L, step);
        }
        if (j <= n - L) {
            // Both halves of the strip are the same columns, which are computed twice to the same result.
            rotateTwice(count, c, s, second, x, from + j, from + j, step);
            j += L;
        }
        return j;
    }

    private static void rotateTwice(int count, double[] c, double[] s, int second, double[] x, int left, int right, int step) {
        DoubleVector cosine = DoubleVector.broadcast(Species.OF, c[0]);
        DoubleVector sine = DoubleVector.broadcast(Species.OF, s[0]);
        DoubleVector x0 = DoubleVector.fromArray(Species.OF, x, left + step);
        DoubleVector x1 = DoubleVector.fromArray(Species.OF, x, right + step);
        DoubleVector y0 = DoubleVector.fromArray(Species.OF, x, left);
        DoubleVector y1 = DoubleVector.fromArray(Species.OF, x, right);
        // The row that the second pass rotates next; y is that of the first pass.
        DoubleVector z0 = cosine.fma(y0, sine.mul(x0));
        DoubleVector z1 = cosine.fma(y1, sine.mul(x1));
        y0 = cosine.fma(x0, sine.neg().mul(y0));
        y1 = cosine.fma(x1, sine.neg().mul(y1));
        int row = 0;
        for (int k = 0; k < count; k++) {
            int next = row + step;
            cosine = DoubleVector.broadcast(Species.OF, c[k + 1]);
            sine = DoubleVector.broadcast(Species.OF, s[k + 1]);
            x0 = DoubleVector.fromArray(Species.OF, x, left + next + step);
            x1 = DoubleVector.fromArray(Species.OF, x, right + next + step);
            DoubleVector done0 = cosine.fma(y0, sine.mul(x0));
            DoubleVector done1 = cosine.fma(y1, sine.mul(x1));
            y0 = cosine.fma(x0, sine.neg().mul(y0));
            y1 = cosine.fma(x1, sine.neg().mul(y1));
            cosine = DoubleVector.broadcast(Species.OF, c[second + k]);
            sine = DoubleVector.broadcast(Species.OF, s[second + k]);
            cosine.fma(z0, sine.mul(done0)).intoArray(x, left + row);
            cosine.fma(z1, sine.mul(done1)).intoArray(x, right + row);
            z0 = cosine.fma(done0, sine.neg().mul(z0));
            z1 = cosine.fma(done1, sine.neg().mul(z1));
            row = next;
        }
        z0.intoArray(x, left + row);
        z1.intoArray(x, right + row);
        y0.intoArray(x, left + row + step);
        y1.intoArray(x, right + row + step);
    }
}
