package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.kernel.simd.VectorExponential.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** Computes the functions of {@link io.chainrule.core.elementary.Hyperbolic} for arrays, in the same steps and with the same bits. */
final class VectorHyperbolic {
    private VectorHyperbolic() {}

    static int sinh(double[] x, int from, double[] y, int at, int length) {
        return halfSum(-1, x, from, y, at, length);
    }

    static int cosh(double[] x, int from, double[] y, int at, int length) {
        return halfSum(1, x, from, y, at, length);
    }

    /**
     * Computes ½ (e^a + sign e^−a) for a = |x|; if {@code sign} is negative, the result gets the sign of x. The loop contains no calls, for
     * the reason that {@link VectorCircular} gives.
     */
    private static int halfSum(double sign, double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector size = argument.abs();
            DoubleVector a = size.blend(711, size.compare(VectorOperators.GT, 711));
            DoubleVector shifted = a.fma(a.broadcast(LOG2_E), a.broadcast(SHIFT_HALF_IN_TWO));
            DoubleVector k = shifted.sub(SHIFT_HALF_IN_TWO);
            DoubleVector high = k.fma(a.broadcast(-LN2_HIGH), a);
            DoubleVector low = k.mul(-LN2_LOW);
            DoubleVector r = high.add(low);
            DoubleVector square = r.mul(r);
            DoubleVector odd = square.broadcast(E11).fma(square, square.broadcast(E9)).fma(square, square.broadcast(E7))
                    .fma(square, square.broadcast(E5)).fma(square, square.broadcast(E3)).mul(r);
            DoubleVector even = square.broadcast(E12).fma(square, square.broadcast(E10)).fma(square, square.broadcast(E8))
                    .fma(square, square.broadcast(E6)).fma(square, square.broadcast(E4)).mul(square);
            DoubleVector common = square.fma(a.broadcast(0.5), high.sub(r).add(low).mul(r));
            LongVector bits = shifted.reinterpretAsLongs();
            LongVector first = bits.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS);
            LongVector second = bits.lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).sub(first);
            DoubleVector inverse = first.neg().add(POWER_AND_INVERSE).reinterpretAsDoubles().mul(0.5)
                    .mul(second.neg().add(POWER_AND_INVERSE).reinterpretAsDoubles());
            DoubleVector ratio = inverse.mul(sign).mul(inverse);
            DoubleVector up = high.add(1);
            DoubleVector upTail = high.sub(up.sub(1)).add(square.fma(even.add(odd), common.add(low)));
            DoubleVector down = high.broadcast(1).sub(high);
            DoubleVector downTail = down.broadcast(1).sub(down).sub(high).add(square.fma(even.sub(odd), common.sub(low)));
            DoubleVector term = ratio.mul(down);
            DoubleVector sum = up.add(term);
            DoubleVector half = sum.add(up.sub(sum).add(term).add(ratio.fma(downTail, upTail))).mul(first.reinterpretAsDoubles())
                    .mul(second.reinterpretAsDoubles());
            DoubleVector value = sign > 0
                    ? half
                    : half.reinterpretAsLongs().or(argument.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles()
                            .blend(argument, size.compare(VectorOperators.LT, 0x1p-28));
            value.blend(Double.NaN, argument.compare(VectorOperators.NE, argument)).intoArray(y, at + i);
        }
        return i;
    }

    static int tanh(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            tanh(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector tanh(DoubleVector x) {
        DoubleVector a = x.abs();
        DoubleVector within = a.blend(20, a.compare(VectorOperators.GT, 20)).mul(-2);
        DoubleVector shifted = within.fma(x.broadcast(LOG2_E), x.broadcast(SHIFT_ONE));
        DoubleVector k = shifted.sub(SHIFT_ONE);
        DoubleVector high = k.fma(x.broadcast(-LN2_HIGH), within);
        DoubleVector tail = accurateTail(high, k.mul(-LN2_LOW));
        DoubleVector power = power(shifted);
        DoubleVector whole = power.sub(1);
        DoubleVector part = power.mul(high);
        DoubleVector sum = whole.add(part);
        DoubleVector rest = power.fma(tail, whole.sub(sum).add(part).add(power.sub(whole.add(1))));
        DoubleVector y = sum.add(rest);
        // The numerator and the reciprocal are the negatives of those of the scalar form, which saves changes of sign.
        DoubleVector n = y.mul(0.5);
        DoubleVector nLow = sum.sub(y).add(rest).mul(0.5);
        DoubleVector d = n.add(1);
        DoubleVector dLow = x.broadcast(1).sub(d).add(n).add(nLow);
        DoubleVector inverse = x.broadcast(-1).div(d);
        DoubleVector q = n.mul(inverse);
        LongVector value = q.fma(d, n).add(q.fma(dLow, nLow)).fma(inverse, q).reinterpretAsLongs();
        return value.lanewise(VectorOperators.BITWISE_BLEND, x.reinterpretAsLongs(), Long.MIN_VALUE).reinterpretAsDoubles()
                .blend(Double.NaN, x.compare(VectorOperators.NE, x));
    }
}
