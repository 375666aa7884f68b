package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels.Largest;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The largest elements of as many windows at once as a vector has lanes, without the branches that nobody can predict. */
final class VectorWindows {
    private static final int L = Species.LENGTH;

    private VectorWindows() {}

    /** There must be at least as many windows as a vector has lanes. */
    static void largest(Largest which, double[] x, int from, int[] origins, int begin, int n, int[] shifts, double[] out, int outFrom) {
        for (int w = 0; w < n; w += L) {
            // The last vector begins so early that it ends with the windows.
            int at = Math.min(w, n - L);
            DoubleVector result = which == Largest.ELEMENT
                    ? element(x, from, origins, begin + at, shifts)
                    : place(which == Largest.LAST, x, from, origins, begin + at, shifts);
            result.intoArray(out, outFrom + at);
        }
    }

    private static DoubleVector element(double[] x, int from, int[] origins, int begin, int[] shifts) {
        DoubleVector best = DoubleVector.fromArray(Species.OF, x, from + shifts[0], origins, begin);
        for (int t = 1; t < shifts.length; t++) {
            best = best.max(DoubleVector.fromArray(Species.OF, x, from + shifts[t], origins, begin));
        }
        return best;
    }

    private static DoubleVector place(boolean isLast, double[] x, int from, int[] origins, int begin, int[] shifts) {
        DoubleVector best = DoubleVector.fromArray(Species.OF, x, from + shifts[0], origins, begin);
        DoubleVector shift = DoubleVector.broadcast(Species.OF, shifts[0]);
        for (int t = 1; t < shifts.length; t++) {
            DoubleVector value = DoubleVector.fromArray(Species.OF, x, from + shifts[t], origins, begin);
            VectorMask<Double> isNan = value.test(VectorOperators.IS_NAN);
            VectorMask<Double> wins = isLast
                    ? value.compare(VectorOperators.GE, best).or(isNan)
                    : value.compare(VectorOperators.GT, best).or(isNan.andNot(best.test(VectorOperators.IS_NAN)));
            best = best.blend(value, wins);
            shift = shift.blend(shifts[t], wins);
        }
        double[] firsts = new double[L];
        for (int i = 0; i < L; i++) {
            firsts[i] = origins[begin + i];
        }
        return shift.add(DoubleVector.fromArray(Species.OF, firsts, 0));
    }
}
