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
}
