package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.kernel.simd.VectorExponential.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** The vector form of {@link io.chainrule.core.elementary.Hyperbolic}: the same steps, the same bits in each lane. */
public final class VectorHyperbolic {
    private VectorHyperbolic() {}

    public static DoubleVector sinh(DoubleVector x) {
        DoubleVector a = x.abs();
        DoubleVector y = halfSum(a.blend(711, a.compare(VectorOperators.GT, 711)), -1);
        return y.reinterpretAsLongs().or(x.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles()
                .blend(x, a.compare(VectorOperators.LT, 0x1p-28)).blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }

    public static DoubleVector cosh(DoubleVector x) {
        DoubleVector a = x.abs();
        return halfSum(a.blend(711, a.compare(VectorOperators.GT, 711)), 1).blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }

    /** Longer than C2 inlines: its argument and its result are boxed, once for each vector. */
    private static DoubleVector halfSum(DoubleVector a, double sign) {
        DoubleVector shifted = a.fma(a.broadcast(LOG2_E), a.broadcast(SHIFT_HALF_IN_TWO));
        DoubleVector k = shifted.sub(SHIFT_HALF_IN_TWO);
        DoubleVector high = k.fma(a.broadcast(-LN2_HIGH), a);
        DoubleVector low = k.mul(-LN2_LOW);
        DoubleVector r = high.add(low);
        DoubleVector square = r.mul(r);
        DoubleVector odd = r.mul(odd(square));
        DoubleVector even = even(square);
        DoubleVector common = square.fma(a.broadcast(0.5), high.sub(r).add(low).mul(r));
        LongVector bits = shifted.reinterpretAsLongs();
        LongVector first = bits.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS);
        LongVector second = bits.lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).sub(first);
        DoubleVector inverse = first.neg().add(POWER_AND_INVERSE).reinterpretAsDoubles().mul(0.5)
                .mul(second.neg().add(POWER_AND_INVERSE).reinterpretAsDoubles());
        DoubleVector ratio = inverse.mul(sign).mul(inverse);
        DoubleVector up = high.add(1);
        DoubleVector upTail = high.sub(up.sub(1)).add(square.fma(even.add(odd), common.add(low)));
        DoubleVector down = high.sub(1).neg();
        DoubleVector downTail = down.sub(1).neg().sub(high).add(square.fma(even.sub(odd), common.sub(low)));
        DoubleVector term = ratio.mul(down);
        DoubleVector sum = up.add(term);
        return sum.add(up.sub(sum).add(term).add(ratio.fma(downTail, upTail))).mul(first.reinterpretAsDoubles())
                .mul(second.reinterpretAsDoubles());
    }

    public static DoubleVector tanh(DoubleVector x) {
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
        DoubleVector n = y.mul(-0.5);
        DoubleVector nLow = sum.sub(y).add(rest).mul(-0.5);
        DoubleVector d = n.sub(1).neg();
        DoubleVector dLow = d.sub(1).neg().sub(n).sub(nLow);
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector q = n.mul(inverse);
        DoubleVector minus = q.neg();
        return minus.fma(d, n).add(minus.fma(dLow, nLow)).fma(inverse, q).reinterpretAsLongs()
                .or(x.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles().blend(Double.NaN, x.test(VectorOperators.IS_NAN));
    }
}
