package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;

import io.chainrule.core.kernel.BlockSums;
import io.chainrule.core.kernel.Blocks;
import jdk.incubator.vector.DoubleVector;

/**
 * Loops over two rows of a matrix. Those that write take whole vectors and return how many elements they did; the caller does the rest.
 */
final class VectorRows {
    private static final int L = Species.LENGTH;
    /** How many vectors hold the lanes of a sum. */
    private static final int PARTS = LANES / L;

    private VectorRows() {}

    static double dot(double[] x, int xFrom, double[] y, int yFrom, int n) {
        if (n > BLOCK) {
            int left = Blocks.left(n);
            return dot(x, xFrom, y, yFrom, left) + dot(x, xFrom + left, y, yFrom + left, n - left);
        }
        return n < LANES || PARTS > 2 ? BlockSums.dot(x, xFrom, 1, y, yFrom, 1, n) : block(x, xFrom, y, yFrom, n);
    }

    private static double block(double[] x, int xFrom, double[] y, int yFrom, int n) {
        int second = LANES - L;
        DoubleVector low = DoubleVector.zero(Species.OF);
        DoubleVector high = low;
        int whole = n / LANES * LANES;
        for (int i = 0; i < whole; i += LANES) {
            low = DoubleVector.fromArray(Species.OF, x, xFrom + i).fma(DoubleVector.fromArray(Species.OF, y, yFrom + i), low);
            if (PARTS == 2) {
                high = DoubleVector.fromArray(Species.OF, x, xFrom + second + i)
                        .fma(DoubleVector.fromArray(Species.OF, y, yFrom + second + i), high);
            }
        }
        double[] lanes = new double[LANES];
        low.intoArray(lanes, 0);
        if (PARTS == 2) {
            high.intoArray(lanes, second);
        }
        for (int i = whole; i < n; i++) {
            lanes[i - whole] = Math.fma(x[xFrom + i], y[yFrom + i], lanes[i - whole]);
        }
        return Blocks.join(lanes, 0);
    }

    static int addMultiple(double factor, double[] x, int xFrom, double[] y, int yFrom, int n) {
        int whole = Species.OF.loopBound(n);
        DoubleVector f = DoubleVector.broadcast(Species.OF, factor);
        for (int i = 0; i < whole; i += L) {
            f.fma(DoubleVector.fromArray(Species.OF, x, xFrom + i), DoubleVector.fromArray(Species.OF, y, yFrom + i)).intoArray(y,
                    yFrom + i);
        }
        return whole;
    }

    static int rotate(double c, double s, double[] x, int xFrom, double[] y, int yFrom, int n) {
        int whole = Species.OF.loopBound(n);
        DoubleVector cosine = DoubleVector.broadcast(Species.OF, c);
        DoubleVector sine = DoubleVector.broadcast(Species.OF, s);
        DoubleVector negative = sine.neg();
        for (int i = 0; i < whole; i += L) {
            DoubleVector ofX = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            DoubleVector ofY = DoubleVector.fromArray(Species.OF, y, yFrom + i);
            cosine.fma(ofX, negative.mul(ofY)).intoArray(x, xFrom + i);
            cosine.fma(ofY, sine.mul(ofX)).intoArray(y, yFrom + i);
        }
        return whole;
    }

    /**
     * Goes down a strip of columns with the row that both rotations of it share in registers, so that each row is read and written once. Four
     * vectors side by side hide the eight cycles between the two rotations.
     */
    static int rotateRows(int count, double[] c, double[] s, double[] x, int from, int step, int n) {
        int j = 0;
        for (; j <= n - 4 * L; j += 4 * L) {
            rotateWideStrip(count, c, s, x, from + j, step);
        }
        for (; j <= n - L; j += L) {
            rotateStrip(count, c, s, x, from + j, step);
        }
        return j;
    }

    private static void rotateWideStrip(int count, double[] c, double[] s, double[] x, int from, int step) {
        int at = from;
        DoubleVector y0 = DoubleVector.fromArray(Species.OF, x, at);
        DoubleVector y1 = DoubleVector.fromArray(Species.OF, x, at + L);
        DoubleVector y2 = DoubleVector.fromArray(Species.OF, x, at + 2 * L);
        DoubleVector y3 = DoubleVector.fromArray(Species.OF, x, at + 3 * L);
        for (int k = 0; k < count; k++) {
            int next = at + step;
            DoubleVector cosine = DoubleVector.broadcast(Species.OF, c[k]);
            DoubleVector sine = DoubleVector.broadcast(Species.OF, s[k]);
            DoubleVector negative = sine.neg();
            DoubleVector x0 = DoubleVector.fromArray(Species.OF, x, next);
            DoubleVector x1 = DoubleVector.fromArray(Species.OF, x, next + L);
            DoubleVector x2 = DoubleVector.fromArray(Species.OF, x, next + 2 * L);
            DoubleVector x3 = DoubleVector.fromArray(Species.OF, x, next + 3 * L);
            cosine.fma(y0, sine.mul(x0)).intoArray(x, at);
            cosine.fma(y1, sine.mul(x1)).intoArray(x, at + L);
            cosine.fma(y2, sine.mul(x2)).intoArray(x, at + 2 * L);
            cosine.fma(y3, sine.mul(x3)).intoArray(x, at + 3 * L);
            y0 = cosine.fma(x0, negative.mul(y0));
            y1 = cosine.fma(x1, negative.mul(y1));
            y2 = cosine.fma(x2, negative.mul(y2));
            y3 = cosine.fma(x3, negative.mul(y3));
            at = next;
        }
        y0.intoArray(x, at);
        y1.intoArray(x, at + L);
        y2.intoArray(x, at + 2 * L);
        y3.intoArray(x, at + 3 * L);
    }

    private static void rotateStrip(int count, double[] c, double[] s, double[] x, int from, int step) {
        int at = from;
        DoubleVector y = DoubleVector.fromArray(Species.OF, x, at);
        for (int k = 0; k < count; k++) {
            int next = at + step;
            DoubleVector cosine = DoubleVector.broadcast(Species.OF, c[k]);
            DoubleVector sine = DoubleVector.broadcast(Species.OF, s[k]);
            DoubleVector ofX = DoubleVector.fromArray(Species.OF, x, next);
            cosine.fma(y, sine.mul(ofX)).intoArray(x, at);
            y = cosine.fma(ofX, sine.neg().mul(y));
            at = next;
        }
        y.intoArray(x, at);
    }
}
