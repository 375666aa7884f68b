package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.InverseCircularConstants.*;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;

/**
 * Computes {@link io.chainrule.core.elementary.InverseCircular#atan} for arrays, in the same steps and with the same bits. The loop
 * contains no calls, for the reason that {@link VectorCircular} gives.
 */
final class VectorInverseCircular {
    private VectorInverseCircular() {}

    static int atan(double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector size = argument.abs();
            DoubleVector a = size.blend(ATAN_END, size.compare(GT, ATAN_END));
            DoubleVector p = a.broadcast(1).blend(0, a.compare(GT, STEEP));
            DoubleVector q = a.broadcast(0).blend(1, a.compare(GT, FLAT));
            DoubleVector eighths = q.add(1).sub(p);
            DoubleVector above = a.fma(p, q.neg());
            DoubleVector under = a.fma(q, p);
            DoubleVector underLow = a.fma(q, p.sub(under));

            DoubleVector reciprocal = a.broadcast(1).div(under);
            DoubleVector t = above.mul(reciprocal);
            DoubleVector low = t.neg().fma(under, above).sub(t.mul(underLow)).mul(reciprocal);
            DoubleVector z = t.mul(t);
            DoubleVector polynomial = z.broadcast(A12).fma(z, z.broadcast(A11)).fma(z, z.broadcast(A10)).fma(z, z.broadcast(A9))
                    .fma(z, z.broadcast(A8)).fma(z, z.broadcast(A7)).fma(z, z.broadcast(A6)).fma(z, z.broadcast(A5))
                    .fma(z, z.broadcast(A4)).fma(z, z.broadcast(A3)).fma(z, z.broadcast(A2)).fma(z, z.broadcast(A1))
                    .fma(z, z.broadcast(A0));
            DoubleVector rest = t.mul(z).fma(polynomial, z.neg().fma(low, low));
            DoubleVector base = eighths.mul(EIGHTH);
            DoubleVector sum = base.add(t);
            sum.add(base.sub(sum).add(t).add(eighths.fma(z.broadcast(EIGHTH_LOW), rest))).reinterpretAsLongs()
                    .or(argument.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles()
                    .blend(Double.NaN, argument.compare(NE, argument)).intoArray(y, at + i);
        }
        return i;
    }
}
