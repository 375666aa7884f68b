package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialOfSumConstants.*;
import static io.chainrule.core.elementary.GaussianConstants.*;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;

/**
 * Computes the functions of {@link io.chainrule.core.elementary.Gaussian} for arrays, in the same steps and with the same bits. The loop
 * contains no calls, for the reason that {@link VectorCircular} gives.
 */
final class VectorGaussian {
    private static final int SIGNIFICAND_BITS = 52;

    private VectorGaussian() {}

    static int bell(double[] x, int from, double[] y, int at, int length) {
        return run(BELL_END, 1, 1, 0, x, from, y, at, length);
    }

    static int density(double[] x, int from, double[] y, int at, int length) {
        return run(DENSITY_END, 0.5, BY_ROOT_TWO_PI, BY_ROOT_TWO_PI_LOW, x, from, y, at, length);
    }

    private static int run(double end, double rate, double factor, double factorLow, double[] x, int from, double[] y, int at,
            int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector size = argument.abs();
            DoubleVector a = size.blend(end, size.compare(GT, end));
            DoubleVector square = a.mul(a);
            DoubleVector high = square.mul(-rate);
            DoubleVector low = a.fma(a, square.neg()).mul(-rate);

            // The following steps are those of ExponentialOfSum.times, for an argument that is at most 0.
            DoubleVector n = high.fma(high.broadcast(BY_LN2), high.broadcast(ROUNDER)).sub(ROUNDER);
            DoubleVector minusN = n.neg();
            DoubleVector first = minusN.fma(n.broadcast(LN2), high);
            DoubleVector second = minusN.fma(n.broadcast(LN2_LOW), low);
            DoubleVector r = first.add(second);
            DoubleVector rest = first.sub(r).add(second);
            DoubleVector r2 = r.mul(r);
            DoubleVector even = r2.broadcast(Q10).fma(r2, r2.broadcast(Q8)).fma(r2, r2.broadcast(Q6)).fma(r2, r2.broadcast(Q4))
                    .fma(r2, r2.broadcast(Q2)).fma(r2, r2.broadcast(Q0));
            DoubleVector odd = r2.broadcast(Q9).fma(r2, r2.broadcast(Q7)).fma(r2, r2.broadcast(Q5)).fma(r2, r2.broadcast(Q3)).fma(r2,
                    r2.broadcast(Q1));
            DoubleVector one = r.add(1);
            DoubleVector part = r.broadcast(1).sub(one).add(r).add(r2.fma(r.fma(odd, even), rest.fma(r, rest)));
            DoubleVector power = one.add(part);
            DoubleVector powerLow = one.sub(power).add(part);
            DoubleVector product = power.fma(r.broadcast(factor), power.fma(r.broadcast(factorLow), powerLow.mul(factor)));
            DoubleVector step = n.blend(LEAST_STEP, n.compare(LT, LEAST_STEP));
            product.mul(step.add(EXPONENT_ROUNDER).reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles())
                    .mul(n.sub(step).add(EXPONENT_ROUNDER).reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles())
                    .blend(Double.NaN, argument.compare(NE, argument)).intoArray(y, at + i);
        }
        return i;
    }
}
