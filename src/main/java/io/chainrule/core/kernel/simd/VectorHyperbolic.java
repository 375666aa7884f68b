package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.kernel.simd.VectorExponential.MODERATE;

import io.chainrule.core.elementary.Hyperbolic;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

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
        return tanh(x, from, y, at, null, 0, length);
    }

    static int sechSquared(double[] x, int from, double[] y, int at, int length) {
        return tanh(x, from, null, 0, y, at, length);
    }

    /**
     * Computes tanh and its slope sech² from one exponential; either array may be null. The scalar form of tanh clamps its argument to 20.
     * This loop does not, since its steps give ±1 for larger arguments too; a vector with an element that is large or NaN is computed by
     * the scalar form.
     */
    static int tanh(double[] x, int from, double @Nullable [] tanh, int tanhAt, double @Nullable [] slope, int slopeAt, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector minus = argument.abs().mul(-2);
            if (!minus.compare(VectorOperators.GE, -MODERATE).allTrue()) {
                Scalars.apply(Hyperbolic::tanh, x, from + i, tanh, tanhAt + i, Species.LENGTH);
                Scalars.apply(Hyperbolic::sechSquared, x, from + i, slope, slopeAt + i, Species.LENGTH);
                continue;
            }
            DoubleVector shifted = minus.fma(minus.broadcast(LOG2_E), minus.broadcast(SHIFT_ONE));
            DoubleVector k = shifted.sub(SHIFT_ONE);
            DoubleVector high = k.fma(k.broadcast(-LN2_HIGH), minus);
            DoubleVector low = k.mul(-LN2_LOW);
            DoubleVector r = high.add(low);
            DoubleVector r2 = r.mul(r);
            DoubleVector even = r2.broadcast(E12).fma(r2, r2.broadcast(E10)).fma(r2, r2.broadcast(E8)).fma(r2, r2.broadcast(E6))
                    .fma(r2, r2.broadcast(E4)).mul(r2);
            DoubleVector odd = r2.broadcast(E11).fma(r2, r2.broadcast(E9)).fma(r2, r2.broadcast(E7)).fma(r2, r2.broadcast(E5))
                    .fma(r2, r2.broadcast(E3));
            DoubleVector series = r.fma(odd, even);
            DoubleVector power = shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles();

            if (slope != null) {
                DoubleVector tail = r2.fma(series, r2.fma(r2.broadcast(0.5), low));
                DoubleVector one = high.add(1);
                DoubleVector scaled = one.add(high.sub(one.sub(1)).add(tail));
                DoubleVector z = power.mul(scaled);
                scaled.div(z.fma(z.add(2), z.broadcast(1))).mul(4).mul(power).intoArray(slope, slopeAt + i);
            }
            if (tanh != null) {
                DoubleVector tail = r2.fma(series, r2.fma(r2.broadcast(0.5), high.sub(r).add(low).fma(r, low)));
                DoubleVector whole = power.sub(1);
                DoubleVector part = power.mul(high);
                DoubleVector sum = whole.add(part);
                DoubleVector rest = power.fma(tail, whole.sub(sum).add(part).add(power.sub(whole.add(1))));
                DoubleVector y = sum.add(rest);
                // The numerator and the reciprocal are the negatives of those of the scalar form, which saves changes of sign.
                DoubleVector n = y.mul(0.5);
                DoubleVector nLow = sum.sub(y).add(rest).mul(0.5);
                DoubleVector d = n.add(1);
                DoubleVector dLow = d.broadcast(1).sub(d).add(n).add(nLow);
                DoubleVector inverse = d.broadcast(-1).div(d);
                DoubleVector q = n.mul(inverse);
                LongVector value = q.fma(d, n).add(q.fma(dLow, nLow)).fma(inverse, q).reinterpretAsLongs();
                value.lanewise(VectorOperators.BITWISE_BLEND, argument.reinterpretAsLongs(), Long.MIN_VALUE).reinterpretAsDoubles()
                        .intoArray(tanh, tanhAt + i);
            }
        }
        return i;
    }
}
