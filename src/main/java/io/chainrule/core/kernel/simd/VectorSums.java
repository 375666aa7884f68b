package io.chainrule.core.kernel.simd;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;

import io.chainrule.core.kernel.BlockSums;
import io.chainrule.core.kernel.Blocks;
import jdk.incubator.vector.DoubleVector;

/**
 * Sums in the order of {@link Blocks}. An addition takes four cycles, and a processor can start two in each cycle, so it would be idle most
 * of the time if each addition waited for the one before. Four vectors of sums are therefore kept. With eight doubles a vector, each is the
 * lanes of another block or another row; with four doubles, two vectors are the lanes of one block or row. 512 numbers so take 74 ns
 * instead of 132 ns.
 */
final class VectorSums {
    private static final int L = Species.LENGTH;
    private static final int VECTORS = 4;
    /** How many vectors hold the lanes of one sum, and how many sums are added at the same time. */
    private static final int PARTS = LANES / L;
    private static final int TOGETHER = VECTORS / PARTS;
    /** For vectors 1 to 3, which of the sums the vector belongs to, and which of that sum's lanes is its first. */
    private static final int SUM1 = 1 / PARTS;
    private static final int SUM2 = 2 / PARTS;
    private static final int SUM3 = 3 / PARTS;
    private static final int LANE1 = 1 % PARTS * L;
    private static final int LANE2 = 2 % PARTS * L;
    private static final int LANE3 = 3 % PARTS * L;

    private VectorSums() {}

    static double sum(double[] x, int from, int n) {
        return n < BLOCK ? BlockSums.sum(x, from, n) : tree(x, from, n, new double[TOGETHER * LANES]);
    }

    private static double tree(double[] x, int from, int n, double[] lanes) {
        if (n < BLOCK) {
            return BlockSums.sum(x, from, n);
        }
        if (n <= TOGETHER * BLOCK && n % BLOCK == 0) {
            int count = n / BLOCK;
            blocks(x, from, count, lanes);
            double sum = Blocks.join(lanes, 0);
            return switch (count) {
                case 1 -> sum;
                case 2 -> sum + Blocks.join(lanes, LANES);
                case 3 -> (sum + Blocks.join(lanes, LANES)) + Blocks.join(lanes, 2 * LANES);
                default -> (sum + Blocks.join(lanes, LANES)) + (Blocks.join(lanes, 2 * LANES) + Blocks.join(lanes, 3 * LANES));
            };
        }
        int left = Blocks.left(n);
        return tree(x, from, left, lanes) + tree(x, from + left, n - left, lanes);
    }

    /** Writes the lanes of {@code count} blocks. Vectors without a block of their own repeat the last one's. */
    private static void blocks(double[] x, int from, int count, double[] lanes) {
        DoubleVector v0 = DoubleVector.broadcast(Species.OF, -0.0);
        DoubleVector v1 = v0;
        DoubleVector v2 = v0;
        DoubleVector v3 = v0;
        int from1 = from + Math.min(SUM1, count - 1) * BLOCK + LANE1;
        int from2 = from + Math.min(SUM2, count - 1) * BLOCK + LANE2;
        int from3 = from + Math.min(SUM3, count - 1) * BLOCK + LANE3;
        for (int i = 0; i < BLOCK; i += LANES) {
            v0 = v0.add(DoubleVector.fromArray(Species.OF, x, from + i));
            v1 = v1.add(DoubleVector.fromArray(Species.OF, x, from1 + i));
            v2 = v2.add(DoubleVector.fromArray(Species.OF, x, from2 + i));
            v3 = v3.add(DoubleVector.fromArray(Species.OF, x, from3 + i));
        }
        v0.intoArray(lanes, 0);
        v1.intoArray(lanes, L);
        v2.intoArray(lanes, 2 * L);
        v3.intoArray(lanes, 3 * L);
    }

    /** Computes {@code c[i] = Σ a[i, p] b[p]} for rows of a that begin {@code stride} apart. */
    static void dots(int rows, int n, double[] a, int aFrom, int stride, double[] b, int bFrom, double[] c, int cFrom) {
        int i = 0;
        if (n >= LANES) {
            double[] sums = new double[(Blocks.levels(n) + 1) * TOGETHER + VECTORS * L];
            for (; i + TOGETHER <= rows; i += TOGETHER) {
                dotTree(n, a, aFrom + i * stride, stride, b, bFrom, sums, 0);
                System.arraycopy(sums, 0, c, cFrom + i, TOGETHER);
            }
        }
        for (; i < rows; i++) {
            c[cFrom + i] = BlockSums.dot(a, aFrom + i * stride, 1, b, bFrom, 1, n);
        }
    }

    /** Writes the sums of {@link #TOGETHER} rows to {@code sums}, from {@code to} on. */
    private static void dotTree(int n, double[] a, int aFrom, int stride, double[] b, int bFrom, double[] sums, int to) {
        if (n <= BLOCK) {
            dotBlock(n, a, aFrom, stride, b, bFrom, sums, to);
            return;
        }
        int left = Blocks.left(n);
        dotTree(left, a, aFrom, stride, b, bFrom, sums, to);
        dotTree(n - left, a, aFrom + left, stride, b, bFrom + left, sums, to + TOGETHER);
        for (int t = 0; t < TOGETHER; t++) {
            sums[to + t] += sums[to + TOGETHER + t];
        }
    }

    private static void dotBlock(int n, double[] a, int aFrom, int stride, double[] b, int bFrom, double[] sums, int to) {
        DoubleVector v0 = DoubleVector.zero(Species.OF);
        DoubleVector v1 = v0;
        DoubleVector v2 = v0;
        DoubleVector v3 = v0;
        int a1 = aFrom + SUM1 * stride + LANE1;
        int a2 = aFrom + SUM2 * stride + LANE2;
        int a3 = aFrom + SUM3 * stride + LANE3;
        int whole = n / LANES * LANES;
        for (int i = 0; i < whole; i += LANES) {
            v0 = DoubleVector.fromArray(Species.OF, a, aFrom + i).fma(DoubleVector.fromArray(Species.OF, b, bFrom + i), v0);
            v1 = DoubleVector.fromArray(Species.OF, a, a1 + i).fma(DoubleVector.fromArray(Species.OF, b, bFrom + LANE1 + i), v1);
            v2 = DoubleVector.fromArray(Species.OF, a, a2 + i).fma(DoubleVector.fromArray(Species.OF, b, bFrom + LANE2 + i), v2);
            v3 = DoubleVector.fromArray(Species.OF, a, a3 + i).fma(DoubleVector.fromArray(Species.OF, b, bFrom + LANE3 + i), v3);
        }
        int lanes = sums.length - VECTORS * L;
        v0.intoArray(sums, lanes);
        v1.intoArray(sums, lanes + L);
        v2.intoArray(sums, lanes + 2 * L);
        v3.intoArray(sums, lanes + 3 * L);
        for (int t = 0; t < TOGETHER; t++) {
            int row = aFrom + t * stride;
            for (int i = whole; i < n; i++) {
                int lane = lanes + t * LANES + i - whole;
                sums[lane] = Math.fma(a[row + i], b[bFrom + i], sums[lane]);
            }
            sums[to + t] = Blocks.join(sums, lanes + t * LANES);
        }
    }
}
