package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ExponentialConstants.*;
import static io.chainrule.core.elementary.ExponentialConstants.SIGNIFICAND_BITS;
import static io.chainrule.core.elementary.LogarithmConstants.*;
import static io.chainrule.core.kernel.simd.VectorExponential.MODERATE;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.chainrule.core.elementary.Logistic;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * Computes the functions of {@link Logistic} for arrays, in the same steps and with the same bits. A vector with an element that is NaN or
 * beyond {@link VectorExponential#MODERATE} is left to the scalar form, so the loops need no clamps and one power of two. Apart from that
 * they make no calls, for the reason that {@link VectorCircular} gives.
 */
final class VectorLogistic {
    private VectorLogistic() {}

    static int sigmoid(double[] x, int from, double[] y, int at, int length) {
        return run(x, from, y, at, null, 0, null, 0, length);
    }

    static int silu(double[] x, int from, double[] y, int at, int length) {
        return run(x, from, null, 0, y, at, null, 0, length);
    }

    static int density(double[] x, int from, double[] y, int at, int length) {
        return run(x, from, null, 0, null, 0, y, at, length);
    }

    /** Computes those of the three functions that have an array, from one exponential. */
    static int run(double[] x, int from, double @Nullable [] sigmoid, int sigmoidAt, double @Nullable [] silu, int siluAt,
            double @Nullable [] density, int densityAt, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector minus = argument.reinterpretAsLongs().or(Long.MIN_VALUE).reinterpretAsDoubles();
            if (!minus.compare(GE, -MODERATE).allTrue()) {
                Scalars.apply(Logistic::sigmoid, x, from + i, sigmoid, sigmoidAt + i, Species.LENGTH);
                Scalars.apply(Logistic::silu, x, from + i, silu, siluAt + i, Species.LENGTH);
                Scalars.apply(Logistic::density, x, from + i, density, densityAt + i, Species.LENGTH);
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
            DoubleVector tail = r2.fma(r.fma(odd, even), r2.fma(r2.broadcast(0.5), low));
            DoubleVector one = high.add(1);
            DoubleVector rest = high.sub(one.sub(1)).add(tail);
            DoubleVector z = one.add(rest);
            DoubleVector power = shifted.reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles();

            if (density != null) {
                DoubleVector e = power.mul(z);
                z.div(e.fma(e.add(2), e.broadcast(1))).mul(power).intoArray(density, densityAt + i);
            }
            if (sigmoid == null && silu == null) {
                continue;
            }
            DoubleVector zLow = one.sub(z).add(rest);
            DoubleVector d = z.fma(power, z.broadcast(1));
            DoubleVector dLow = zLow.fma(power, z.fma(power, d.broadcast(1).sub(d)));
            VectorMask<Double> negative = argument.compare(LT, 0);
            DoubleVector n = z.broadcast(1).blend(z, negative);
            DoubleVector nLow = z.broadcast(0).blend(zLow, negative);
            DoubleVector inverse = z.broadcast(1).div(d);
            DoubleVector q = n.mul(inverse);
            DoubleVector minusQ = q.neg();
            DoubleVector gate = minusQ.fma(d, n).add(minusQ.fma(dLow, nLow)).fma(inverse, q);
            if (sigmoid != null) {
                gate.blend(gate.mul(power), negative).intoArray(sigmoid, sigmoidAt + i);
            }
            if (silu != null) {
                DoubleVector product = argument.mul(gate);
                product.blend(product.mul(power), negative).intoArray(silu, siluAt + i);
            }
        }
        return i;
    }

    static int softplus(double[] x, int from, double[] y, int at, int length) {
        return integral(1, x, from, y, at, length);
    }

    static int logsigmoid(double[] x, int from, double[] y, int at, int length) {
        return integral(-1, x, from, y, at, length);
    }

    /** Computes sign · softplus(sign · x). */
    private static int integral(double sign, double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i).mul(sign);
            DoubleVector minusAbs = argument.reinterpretAsLongs().or(Long.MIN_VALUE).reinterpretAsDoubles();
            if (!minusAbs.compare(GE, -MODERATE).allTrue()) {
                Scalars.apply(sign > 0 ? Logistic::softplus : Logistic::logsigmoid, x, from + i, y, at + i, Species.LENGTH);
                continue;
            }
            DoubleVector shifted = minusAbs.fma(minusAbs.broadcast(LOG2_E), minusAbs.broadcast(SHIFT_ONE));
            DoubleVector k = shifted.sub(SHIFT_ONE);
            DoubleVector high = k.fma(k.broadcast(-LN2_HIGH), minusAbs);
            DoubleVector low = k.mul(-LN2_LOW);
            DoubleVector r = high.add(low);
            DoubleVector r2 = r.mul(r);
            DoubleVector evenPart = r2.broadcast(E12).fma(r2, r2.broadcast(E10)).fma(r2, r2.broadcast(E8)).fma(r2, r2.broadcast(E6))
                    .fma(r2, r2.broadcast(E4)).mul(r2);
            DoubleVector oddPart = r2.broadcast(E11).fma(r2, r2.broadcast(E9)).fma(r2, r2.broadcast(E7)).fma(r2, r2.broadcast(E5))
                    .fma(r2, r2.broadcast(E3));
            DoubleVector tail = r2.fma(r.fma(oddPart, evenPart), r2.fma(r2.broadcast(0.5), low));
            DoubleVector one = high.add(1);
            DoubleVector beyond = high.sub(one.sub(1)).add(tail);
            DoubleVector z = one.add(beyond);
            DoubleVector zLow = one.sub(z).add(beyond);
            DoubleVector power = shifted.reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles();
            DoubleVector half = power.mul(0.5);
            DoubleVector d = z.fma(half, z.broadcast(1));
            DoubleVector dLow = zLow.fma(half, z.fma(half, d.broadcast(1).sub(d)));
            DoubleVector inverse = z.broadcast(1).div(d);
            DoubleVector s = z.mul(inverse);
            DoubleVector minus = s.neg();
            DoubleVector error = minus.fma(d, z).add(minus.fma(dLow, zLow));
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
            DoubleVector part = log.mul(power);
            DoubleVector positive = argument.blend(0, argument.compare(LE, 0));
            DoubleVector sum = positive.add(part);
            DoubleVector shift = sum.sub(positive);
            sum.add(logLow.fma(power, positive.sub(sum.sub(shift)).add(part.sub(shift)))).blend(argument, argument.compare(GT, 40))
                    .mul(sign).intoArray(y, at + i);
        }
        return i;
    }
}
