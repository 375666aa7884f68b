package io.chainrule.core.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/** The array form of {@link io.chainrule.core.elementary.Mish}: the same steps, the same bits. */
final class VectorMish {
    private VectorMish() {}

    static int mish(double[] x, int from, double[] y, int at, int length) {
        return gate(true, x, from, y, at, length);
    }

    static int gate(double[] x, int from, double[] y, int at, int length) {
        return gate(false, x, from, y, at, length);
    }

    private static int gate(boolean isMish, double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector e = VectorExponential.exp(minusAbs(argument));
            VectorMask<Double> isPositive = argument.compare(GT, 0);
            DoubleVector twice = e.add(e);
            DoubleVector left = e.mul(e.add(2));
            DoubleVector above = left.blend(twice.add(1), isPositive);
            DoubleVector under = left.add(2).blend(twice.mul(e.add(1)).add(1), isPositive);
            DoubleVector gate = above.div(under);
            DoubleVector value = isMish ? argument.mul(gate).blend(0, gate.eq(0)) : gate;
            value.blend(Double.NaN, argument.compare(NE, argument)).intoArray(y, at + i);
        }
        return i;
    }

    static int slope(double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector e = VectorExponential.exp(minusAbs(argument));
            VectorMask<Double> isPositive = argument.compare(GT, 0);
            DoubleVector product = e.mul(e.add(1));
            DoubleVector under = e.mul(e.add(2)).add(2).blend(e.add(e).mul(e.add(1)).add(1), isPositive);
            DoubleVector above = product.blend(e.mul(product), isPositive);
            above.mul(4).div(under.mul(under)).blend(Double.NaN, argument.compare(NE, argument)).intoArray(y, at + i);
        }
        return i;
    }

    private static DoubleVector minusAbs(DoubleVector x) {
        return x.reinterpretAsLongs().or(Long.MIN_VALUE).reinterpretAsDoubles();
    }
}
