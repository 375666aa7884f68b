package io.chainrule.core.kernel.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Reductions whose result does not depend on the order, and a search. Several vectors are reduced side by side, so that the instructions
 * overlap.
 */
final class VectorExtremes {
    private static final int L = Species.LENGTH;
    private static final int BLOCK = 1 << 12;

    private VectorExtremes() {}

    /**
     * Comparing and choosing take a third of the time of {@code max}, but they miss NaN, and take 0 and −0 for equal. The sum of the
     * elements is NaN if one of them is. If the sum is NaN or the largest is zero, the elements are searched again by {@code max}.
     */
    static double max(double[] x, int from, int n) {
        DoubleVector m0 = DoubleVector.broadcast(Species.OF, Double.NEGATIVE_INFINITY);
        DoubleVector m1 = m0;
        DoubleVector m2 = m0;
        DoubleVector m3 = m0;
        DoubleVector sum = DoubleVector.zero(Species.OF);
        int whole = n / (4 * L) * 4 * L;
        for (int i = from; i < from + whole; i += 4 * L) {
            DoubleVector a = DoubleVector.fromArray(Species.OF, x, i);
            DoubleVector b = DoubleVector.fromArray(Species.OF, x, i + L);
            DoubleVector c = DoubleVector.fromArray(Species.OF, x, i + 2 * L);
            DoubleVector d = DoubleVector.fromArray(Species.OF, x, i + 3 * L);
            m0 = m0.blend(a, a.compare(VectorOperators.GT, m0));
            m1 = m1.blend(b, b.compare(VectorOperators.GT, m1));
            m2 = m2.blend(c, c.compare(VectorOperators.GT, m2));
            m3 = m3.blend(d, d.compare(VectorOperators.GT, m3));
            sum = sum.add(a.add(b).add(c.add(d)));
        }
        double max = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
        boolean isDoubtful = max == 0 || Double.isNaN(sum.reduceLanes(VectorOperators.ADD));
        return isDoubtful ? exactMax(x, from, n) : Math.max(max, exactMax(x, from + whole, n - whole));
    }

    private static double exactMax(double[] x, int from, int n) {
        DoubleVector m0 = DoubleVector.broadcast(Species.OF, Double.NEGATIVE_INFINITY);
        DoubleVector m1 = m0;
        int i = 0;
        for (; i + 2 * L <= n; i += 2 * L) {
            m0 = m0.max(DoubleVector.fromArray(Species.OF, x, from + i));
            m1 = m1.max(DoubleVector.fromArray(Species.OF, x, from + i + L));
        }
        double max = m0.max(m1).reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = Math.max(max, x[from + i]);
        }
        return max;
    }

    /** The number of elements in whole vectors before the first vector that has an element equal to a value. */
    static int lengthWithout(double value, double[] x, int from, int n) {
        int i = 0;
        while (i + L <= n && !DoubleVector.fromArray(Species.OF, x, from + i).eq(value).anyTrue()) {
            i += L;
        }
        return i;
    }

    static boolean isFinite(double[] x, int from, int n) {
        for (int done = 0; done < n; done += BLOCK) {
            if (Double.isNaN(zero(x, from + done, Math.min(BLOCK, n - done)))) {
                return false;
            }
        }
        return true;
    }

    /** The sum of 0 · x over the elements x. It is NaN if an element is not finite, which needs no branch for each vector. */
    private static double zero(double[] x, int from, int n) {
        DoubleVector zero = DoubleVector.zero(Species.OF);
        DoubleVector s0 = zero;
        DoubleVector s1 = zero;
        DoubleVector s2 = zero;
        DoubleVector s3 = zero;
        int i = 0;
        for (; i + 4 * L <= n; i += 4 * L) {
            s0 = DoubleVector.fromArray(Species.OF, x, from + i).fma(zero, s0);
            s1 = DoubleVector.fromArray(Species.OF, x, from + i + L).fma(zero, s1);
            s2 = DoubleVector.fromArray(Species.OF, x, from + i + 2 * L).fma(zero, s2);
            s3 = DoubleVector.fromArray(Species.OF, x, from + i + 3 * L).fma(zero, s3);
        }
        double sum = s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            sum += x[from + i] * 0;
        }
        return sum;
    }
}
