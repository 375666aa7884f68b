package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.LogarithmConstants.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Computes the functions of {@link io.chainrule.core.elementary.Logarithm} for arrays, in the same steps and with the same bits. Each loop
 * calls a single function, for the reason that the package's description gives.
 */
final class VectorLogarithm {
    private VectorLogarithm() {}

    static int log(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            log(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector log(DoubleVector x) {
        VectorMask<Double> subnormal = x.compare(VectorOperators.LT, Double.MIN_NORMAL);
        LongVector bits = shiftedBits(x, subnormal);
        DoubleVector k = exponent(bits).sub(x.broadcast(EXPONENT).blend(SUBNORMAL_EXPONENT, subnormal));
        DoubleVector f = significand(bits).sub(1);
        DoubleVector d = f.fma(x.broadcast(0.5), x.broadcast(1));
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector s = f.mul(inverse);
        DoubleVector rest = rest(s, error(s, f, d), inverse);
        DoubleVector whole = k.mul(LN2_TOP);
        DoubleVector sum = whole.add(s);
        DoubleVector y = sum.add(whole.sub(sum).add(s).add(k.fma(x.broadcast(LN2_REST), rest)));
        return y.blend(Double.NaN, x.compare(VectorOperators.GE, 0).not()).blend(Double.NEGATIVE_INFINITY, x.eq(0))
                .blend(Double.POSITIVE_INFINITY, x.eq(Double.POSITIVE_INFINITY));
    }

    static int log2(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            log2(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector log2(DoubleVector x) {
        return toBase(x, LOG2_E_HIGH, LOG2_E_LOW, 1, 0);
    }

    static int log10(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            log10(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector log10(DoubleVector x) {
        return toBase(x, LOG10_E_HIGH, LOG10_E_LOW, LOG10_2_TOP, LOG10_2_REST);
    }

    private static DoubleVector toBase(DoubleVector x, double eHigh, double eLow, double twoTop, double twoRest) {
        VectorMask<Double> subnormal = x.compare(VectorOperators.LT, Double.MIN_NORMAL);
        LongVector bits = shiftedBits(x, subnormal);
        DoubleVector k = exponent(bits).sub(x.broadcast(EXPONENT).blend(SUBNORMAL_EXPONENT, subnormal));
        DoubleVector f = significand(bits).sub(1);
        DoubleVector d = f.fma(x.broadcast(0.5), x.broadcast(1));
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector s = f.mul(inverse);
        DoubleVector rest = rest(s, error(s, f, d), inverse);
        DoubleVector log = s.add(rest);
        DoubleVector low = s.sub(log).add(rest);
        DoubleVector factor = x.broadcast(eHigh);
        DoubleVector part = log.mul(factor);
        DoubleVector partLow = low.fma(factor, log.fma(x.broadcast(eLow), log.fma(factor, part.neg())));
        DoubleVector whole = k.mul(twoTop);
        DoubleVector sum = whole.add(part);
        DoubleVector y = sum.add(whole.sub(sum).add(part).add(k.fma(x.broadcast(twoRest), partLow)));
        return y.blend(Double.NaN, x.compare(VectorOperators.GE, 0).not()).blend(Double.NEGATIVE_INFINITY, x.eq(0))
                .blend(Double.POSITIVE_INFINITY, x.eq(Double.POSITIVE_INFINITY));
    }

    static int log1p(double[] x, int from, double[] y, int at, int length) {
        int whole = Species.OF.loopBound(length);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            log1p(DoubleVector.fromArray(Species.OF, x, from + i)).intoArray(y, at + i);
        }
        return whole;
    }

    private static DoubleVector log1p(DoubleVector x) {
        DoubleVector u = x.add(1);
        LongVector bits = u.reinterpretAsLongs().add(SHIFT);
        DoubleVector f = significand(bits).sub(1);
        DoubleVector fLow = lowPart(x, u).mul(0.5).mul(bits.not().and(EXPONENT_MASK).reinterpretAsDoubles());
        DoubleVector high = f.add(fLow);
        DoubleVector low = f.sub(high).add(fLow);
        DoubleVector d = high.fma(x.broadcast(0.5), x.broadcast(1));
        DoubleVector inverse = x.broadcast(1).div(d);
        DoubleVector s = high.mul(inverse);
        DoubleVector rest = rest(s, error(s, high, low, d), inverse);
        DoubleVector k = bits.lanewise(VectorOperators.LSHR, SIGNIFICAND_BITS).or(WHOLE).reinterpretAsDoubles().sub(EXPONENT);
        DoubleVector whole = k.mul(LN2_TOP);
        DoubleVector sum = whole.add(s);
        DoubleVector y = sum.add(whole.sub(sum).add(s).add(k.fma(x.broadcast(LN2_REST), rest)));
        return y.blend(x, x.abs().compare(VectorOperators.LT, 0x1p-54)).blend(Double.NaN, x.compare(VectorOperators.GE, -1).not())
                .blend(Double.NEGATIVE_INFINITY, x.eq(-1)).blend(x, x.eq(Double.POSITIVE_INFINITY));
    }

    private static DoubleVector lowPart(DoubleVector x, DoubleVector u) {
        DoubleVector shift = u.sub(1);
        return u.sub(shift).sub(1).neg().add(x.sub(shift));
    }

    private static LongVector shiftedBits(DoubleVector x, VectorMask<Double> subnormal) {
        return x.blend(x.mul(SUBNORMAL_SCALE), subnormal).reinterpretAsLongs().add(SHIFT);
    }

    private static DoubleVector significand(LongVector bits) {
        return bits.and(SIGNIFICAND_MASK).add(SQRT_HALF).reinterpretAsDoubles();
    }

    private static DoubleVector exponent(LongVector bits) {
        return bits.lanewise(VectorOperators.LSHR, SIGNIFICAND_BITS).or(WHOLE).reinterpretAsDoubles();
    }

    private static DoubleVector error(DoubleVector s, DoubleVector f, DoubleVector d) {
        DoubleVector minus = s.neg();
        return minus.fma(f.fma(f.broadcast(0.5), d.sub(1).neg()), minus.fma(d, f));
    }

    private static DoubleVector error(DoubleVector s, DoubleVector f, DoubleVector fLow, DoubleVector d) {
        DoubleVector minus = s.neg();
        DoubleVector half = f.broadcast(0.5);
        return minus.fma(fLow.fma(half, f.fma(half, d.sub(1).neg())), minus.fma(d, f).add(fLow));
    }

    private static DoubleVector rest(DoubleVector s, DoubleVector error, DoubleVector inverse) {
        DoubleVector square = s.mul(s);
        DoubleVector w = square.mul(square);
        DoubleVector even = w.broadcast(P6).fma(w, w.broadcast(P4)).fma(w, w.broadcast(P2)).fma(w, w.broadcast(P0));
        DoubleVector odd = w.broadcast(P5).fma(w, w.broadcast(P3)).fma(w, w.broadcast(P1));
        return error.fma(inverse, s.mul(square).mul(odd.fma(square, even)));
    }
}
