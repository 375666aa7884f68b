package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels.Binary;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops with choices or repeated operands, which C2 leaves scalar. They take whole vectors and return how many elements they did; the caller
 * does the rest.
 */
final class VectorElementwise {
    private static final DoubleVector ZERO = DoubleVector.zero(Species.OF);
    private static final DoubleVector ONE = DoubleVector.broadcast(Species.OF, 1);

    private VectorElementwise() {}

    static int binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector x = load(a, aFrom, aStride, i);
            DoubleVector y = load(b, bFrom, bStride, i);
            apply(op, x, y).intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static DoubleVector load(double[] x, int from, int stride, int i) {
        return stride == 0 ? DoubleVector.broadcast(Species.OF, x[from]) : DoubleVector.fromArray(Species.OF, x, from + i);
    }

    private static DoubleVector apply(Binary op, DoubleVector x, DoubleVector y) {
        return switch (op) {
            case ADD -> x.add(y);
            case SUB -> x.sub(y);
            case MUL -> x.mul(y);
            case DIV -> x.div(y);
            case MAXIMUM -> x.max(y);
            case MINIMUM -> x.min(y);
            case STRONG -> x.mul(y).blend(ZERO, x.compare(VectorOperators.EQ, ZERO));
            case STRONG_BOTH -> x.mul(y).blend(ZERO, x.compare(VectorOperators.EQ, ZERO).or(y.compare(VectorOperators.EQ, ZERO)));
            case EQ -> truth(x.compare(VectorOperators.EQ, y));
            case NE -> truth(x.compare(VectorOperators.NE, y));
            case LT -> truth(x.compare(VectorOperators.LT, y));
            case LE -> truth(x.compare(VectorOperators.LE, y));
            case GT -> truth(x.compare(VectorOperators.GT, y));
            case GE -> truth(x.compare(VectorOperators.GE, y));
        };
    }

    private static DoubleVector truth(VectorMask<Double> mask) {
        return ZERO.blend(ONE, mask);
    }

    static int select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            VectorMask<Double> first = load(condition, cFrom, cStride, i).compare(VectorOperators.NE, ZERO);
            load(b, bFrom, bStride, i).blend(load(a, aFrom, aStride, i), first).intoArray(out, outFrom + i);
        }
        return whole;
    }
}
