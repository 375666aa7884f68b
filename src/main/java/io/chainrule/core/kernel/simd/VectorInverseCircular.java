package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.InverseCircularConstants.*;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/**
 * Computes {@link io.chainrule.core.elementary.InverseCircular} for arrays, in the same steps and with the same bits. The loops contain no
 * calls, for the reason that {@link VectorCircular} gives.
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

    static int asin(double[] x, int from, double[] y, int at, int length) {
        return arc(false, x, from, y, at, length);
    }

    static int acos(double[] x, int from, double[] y, int at, int length) {
        return arc(true, x, from, y, at, length);
    }

    /**
     * All cases are base − factor · asin t, where t is |x|, or √((1 − |x|) / 2) for an |x| above ½, and the base a multiple of π/2 or 0.
     */
    private static int arc(boolean isCosine, double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector a = argument.abs();
            VectorMask<Double> isLarge = a.compare(GT, 0.5);
            DoubleVector z = a.mul(a).blend(a.broadcast(1).sub(a).mul(0.5), isLarge);
            DoubleVector t = a.blend(z.sqrt(), isLarge);
            DoubleVector polynomial = z.broadcast(S12).fma(z, z.broadcast(S11)).fma(z, z.broadcast(S10)).fma(z, z.broadcast(S9))
                    .fma(z, z.broadcast(S8)).fma(z, z.broadcast(S7)).fma(z, z.broadcast(S6)).fma(z, z.broadcast(S5))
                    .fma(z, z.broadcast(S4)).fma(z, z.broadcast(S3)).fma(z, z.broadcast(S2)).fma(z, z.broadcast(S1))
                    .fma(z, z.broadcast(S0));
            DoubleVector rootLow = t.neg().fma(t, z).div(t.add(t));
            DoubleVector tLow = t.broadcast(0).blend(rootLow, isLarge.and(t.compare(GT, 0))).add(t.mul(z).mul(polynomial));

            VectorMask<Double> isNegative = argument.compare(LT, 0);
            DoubleVector factor = isCosine
                    ? t.broadcast(1).blend(-2, isLarge).mul(t.broadcast(1).blend(-1, isNegative))
                    : t.broadcast(-1).blend(2, isLarge);
            DoubleVector quarters = isCosine ? t.broadcast(1).blend(factor.mul(0.5).add(1), isLarge) : t.broadcast(0).blend(1, isLarge);
            DoubleVector base = quarters.mul(HALF_PI);
            DoubleVector arc = t.mul(factor);
            DoubleVector sum = base.sub(arc);
            DoubleVector value = sum.add(base.sub(sum).sub(arc).add(quarters.mul(HALF_PI_LOW).sub(tLow.mul(factor))));
            DoubleVector signed = isCosine
                    ? value
                    : value.reinterpretAsLongs().or(argument.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles();
            signed.blend(Double.NaN, a.compare(LE, 1).not()).intoArray(y, at + i);
        }
        return i;
    }
}
