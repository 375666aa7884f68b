package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;

import io.chainrule.core.elementary.Exponential;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Computes the functions of {@link io.chainrule.core.elementary.Exponential} for arrays, in the same steps and with the same bits. Each
 * loop calls a single function, for the reason that the package's description gives.
 */
final class VectorExponential {
    /** For |x| up to here e^x is normal, and so is the product of e^−|x| with a number of at least ⅛. */
    static final double MODERATE = 700;
    /** Below it e^x rounds to 0. */
    private static final double ALL_BUT_ZERO = -746;

    private VectorExponential() {}

    /**
     * If all results of a vector are normal, the loop neither clamps its arguments nor scales in two steps, which saves a quarter of the
     * time. If all arguments are far below 0, as in masked scores, the results are 0. The scalar form computes all other vectors.
     */
    static int exp(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            if (!argument.abs().compare(VectorOperators.LE, MODERATE).allTrue()) {
                if (argument.compare(VectorOperators.LT, ALL_BUT_ZERO).allTrue()) {
                    DoubleVector.zero(Species.OF).intoArray(y, at + i);
                } else {
                    Scalars.apply(Exponential::exp, x, from + i, y, at + i, Species.LENGTH);
                }
                continue;
            }
            DoubleVector shifted = argument.fma(argument.broadcast(LOG2_E), argument.broadcast(SHIFT_ONE));
            DoubleVector k = shifted.sub(SHIFT_ONE);
            DoubleVector high = k.fma(argument.broadcast(-LN2_HIGH), argument);
            onePlus(high, tail(high, k.mul(-LN2_LOW))).mul(power(shifted)).intoArray(y, at + i);
        }
        return whole;
    }

    /** e^x of any arguments, as part of another function. */
    static DoubleVector exp(DoubleVector x) {
        DoubleVector within = clamp(x, -746, 710);
        DoubleVector shifted = within.fma(x.broadcast(LOG2_E), x.broadcast(SHIFT_ONE_IN_TWO));
        DoubleVector k = shifted.sub(SHIFT_ONE_IN_TWO);
        DoubleVector high = k.fma(x.broadcast(-LN2_HIGH), within);
        DoubleVector y = onePlus(high, tail(high, k.mul(-LN2_LOW)));
        return scaled(y, shifted).blend(Double.NaN, x.compare(VectorOperators.NE, x));
    }

    static int exp2(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            exp2(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector exp2(DoubleVector x) {
        DoubleVector within = clamp(x, -1076, 1024);
        DoubleVector shifted = within.add(SHIFT_ONE_IN_TWO);
        DoubleVector fraction = within.sub(shifted.sub(SHIFT_ONE_IN_TWO));
        DoubleVector high = fraction.mul(LN2_HIGH);
        DoubleVector low = fraction.fma(x.broadcast(LN2_LOW), fraction.fma(x.broadcast(LN2_HIGH), high.neg()));
        DoubleVector y = onePlus(high, tail(high, low));
        return scaled(y, shifted).blend(Double.NaN, x.compare(VectorOperators.NE, x));
    }

    static int expm1(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            expm1(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector expm1(DoubleVector x) {
        DoubleVector within = clamp(x, -40, 710);
        DoubleVector shifted = within.fma(x.broadcast(LOG2_E), x.broadcast(SHIFT_HALF));
        DoubleVector k = shifted.sub(SHIFT_HALF);
        DoubleVector high = k.fma(x.broadcast(-LN2_HIGH), within);
        DoubleVector tail = accurateTail(high, k.mul(-LN2_LOW));
        DoubleVector power = power(shifted);
        DoubleVector whole = power.sub(0.5);
        DoubleVector shift = whole.sub(power);
        DoubleVector lost = power.sub(whole.sub(shift)).sub(shift.add(0.5));
        DoubleVector part = power.mul(high);
        DoubleVector sum = whole.add(part);
        DoubleVector y = sum.add(power.fma(tail, whole.sub(sum).add(part).add(lost))).mul(2);
        return y.blend(x, x.abs().compare(VectorOperators.LT, 0x1p-54)).blend(Double.NaN, x.compare(VectorOperators.NE, x));
    }

    private static DoubleVector clamp(DoubleVector x, double least, double most) {
        return x.blend(least, x.compare(VectorOperators.LT, least)).blend(most, x.compare(VectorOperators.GT, most));
    }

    static DoubleVector tail(DoubleVector high, DoubleVector low) {
        return series(high.add(low), low);
    }

    static DoubleVector accurateTail(DoubleVector high, DoubleVector low) {
        DoubleVector r = high.add(low);
        return series(r, high.sub(r).add(low).fma(r, low));
    }

    private static DoubleVector series(DoubleVector r, DoubleVector low) {
        DoubleVector square = r.mul(r);
        return square.fma(r.fma(odd(square), even(square)), square.fma(r.broadcast(0.5), low));
    }

    static DoubleVector even(DoubleVector square) {
        return square.broadcast(E12).fma(square, square.broadcast(E10)).fma(square, square.broadcast(E8))
                .fma(square, square.broadcast(E6)).fma(square, square.broadcast(E4)).mul(square);
    }

    static DoubleVector odd(DoubleVector square) {
        return square.broadcast(E11).fma(square, square.broadcast(E9)).fma(square, square.broadcast(E7))
                .fma(square, square.broadcast(E5)).fma(square, square.broadcast(E3));
    }

    static DoubleVector onePlus(DoubleVector high, DoubleVector tail) {
        DoubleVector one = high.add(1);
        return one.add(high.sub(one.sub(1)).add(tail));
    }

    static DoubleVector power(DoubleVector shifted) {
        return shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles();
    }

    private static DoubleVector scaled(DoubleVector y, DoubleVector shifted) {
        LongVector bits = shifted.reinterpretAsLongs();
        LongVector first = bits.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS);
        LongVector second = bits.lanewise(VectorOperators.LSHL, SIGNIFICAND_BITS).sub(first);
        return y.mul(first.reinterpretAsDoubles()).mul(second.reinterpretAsDoubles());
    }
}
