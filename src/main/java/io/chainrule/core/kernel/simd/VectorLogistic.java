package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.elementary.ExponentialConstants.SIGNIFICAND_BITS;
import static io.chainrule.core.elementary.LogarithmConstants.*;
import static io.chainrule.core.kernel.simd.VectorExponential.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The vector form of {@link io.chainrule.core.elementary.Logistic}: the same steps, the same bits in each lane. */
public final class VectorLogistic {
    private VectorLogistic() {}

    public static DoubleVector sigmoid(DoubleVector x) {
        DoubleVector shifted = shifted(x);
        DoubleVector high = high(x, shifted);
        DoubleVector tail = tail(high, shifted.sub(SHIFT_ONE_IN_TWO).mul(-LN2_LOW));
        DoubleVector one = high.add(1);
        DoubleVector rest = high.sub(one.sub(1)).add(tail);
        DoubleVector y = one.add(rest);
        DoubleVector yLow = one.sub(y).add(rest);
        LongVector bits = shifted.reinterpretAsLongs();
        LongVector firstBits = bits.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS);
        DoubleVector first = firstBits.reinterpretAsDoubles();
        DoubleVector second = bits.lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).sub(firstBits).reinterpretAsDoubles();
        DoubleVector power = first.mul(second);
        DoubleVector d = y.fma(power, x.broadcast(1));
        DoubleVector dLow = yLow.fma(power, y.fma(power, d.sub(1).neg()));
        VectorMask<Double> negative = x.compare(VectorOperators.LT, 0);
        DoubleVector n = x.broadcast(1).blend(y, negative);
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector q = n.mul(inverse);
        DoubleVector minus = q.neg();
        DoubleVector result = minus.fma(d, n).add(minus.fma(dLow, x.broadcast(0).blend(yLow, negative))).fma(inverse, q);
        return result.blend(result.mul(first).mul(second), negative).blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }

    /** Longer than C2 inlines: its argument and its result are boxed, once for each vector. */
    public static DoubleVector softplus(DoubleVector x) {
        DoubleVector shifted = shifted(x);
        DoubleVector high = high(x, shifted);
        DoubleVector tail = tail(high, shifted.sub(SHIFT_ONE_IN_TWO).mul(-LN2_LOW));
        DoubleVector one = high.add(1);
        DoubleVector low = high.sub(one.sub(1)).add(tail);
        DoubleVector y = one.add(low);
        DoubleVector yLow = one.sub(y).add(low);
        LongVector bits = shifted.reinterpretAsLongs();
        LongVector firstBits = bits.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS);
        DoubleVector first = firstBits.reinterpretAsDoubles();
        DoubleVector second = bits.lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).sub(firstBits).reinterpretAsDoubles();
        DoubleVector power = first.mul(second);
        DoubleVector half = power.mul(0.5);
        DoubleVector d = y.fma(half, x.broadcast(1));
        DoubleVector dLow = yLow.fma(half, y.fma(half, d.sub(1).neg()));
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector s = y.mul(inverse);
        DoubleVector minus = s.neg();
        DoubleVector error = minus.fma(d, y).add(minus.fma(dLow, yLow));
        DoubleVector scaled = s.mul(power);
        DoubleVector square = scaled.mul(scaled);
        DoubleVector w = square.mul(square);
        DoubleVector even = w.broadcast(W8).fma(w, w.broadcast(W6)).fma(w, w.broadcast(W4)).fma(w, w.broadcast(W2))
                .fma(w, w.broadcast(W0));
        DoubleVector odd = w.broadcast(W9).fma(w, w.broadcast(W7)).fma(w, w.broadcast(W5)).fma(w, w.broadcast(W3))
                .fma(w, w.broadcast(W1));
        DoubleVector rest = error.fma(inverse, s.mul(square).mul(odd.fma(square, even)));
        DoubleVector log = s.add(rest);
        DoubleVector logLow = s.sub(log).add(rest);
        DoubleVector part = log.mul(first).mul(second);
        DoubleVector positive = x.blend(0, x.compare(VectorOperators.LE, 0));
        DoubleVector sum = positive.add(part);
        DoubleVector shift = sum.sub(positive);
        return sum.add(logLow.fma(power, positive.sub(sum.sub(shift)).add(part.sub(shift))))
                .blend(x, x.compare(VectorOperators.GT, 40)).blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }

    public static DoubleVector logsigmoid(DoubleVector x) {
        return softplus(x.neg()).neg().blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }

    private static DoubleVector shifted(DoubleVector x) {
        return minusAbs(x).fma(x.broadcast(LOG2_E), x.broadcast(SHIFT_ONE_IN_TWO));
    }

    private static DoubleVector high(DoubleVector x, DoubleVector shifted) {
        return shifted.sub(SHIFT_ONE_IN_TWO).fma(x.broadcast(-LN2_HIGH), minusAbs(x));
    }

    private static DoubleVector minusAbs(DoubleVector x) {
        DoubleVector a = x.abs();
        return a.blend(746, a.compare(VectorOperators.GT, 746)).neg();
    }
}
