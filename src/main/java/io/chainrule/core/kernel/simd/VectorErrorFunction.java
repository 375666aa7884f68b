package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.ErrorFunctionConstants.*;
import static io.chainrule.core.elementary.ExponentialOfSumConstants.*;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;

/**
 * Computes the functions of {@link io.chainrule.core.elementary.ErrorFunction} for arrays, in the same steps and with the same bits. One
 * loop without calls computes all of them, for the reason that {@link VectorCircular} gives.
 */
final class VectorErrorFunction {
    private enum Kind {
        ERF,
        ERFC,
        PHI,
        GELU
    }

    private static final int SIGNIFICAND_BITS = 52;

    private VectorErrorFunction() {}

    static int erf(double[] x, int from, double[] y, int at, int length) {
        return run(Kind.ERF, x, from, y, at, length);
    }

    static int erfc(double[] x, int from, double[] y, int at, int length) {
        return run(Kind.ERFC, x, from, y, at, length);
    }

    static int phi(double[] x, int from, double[] y, int at, int length) {
        return run(Kind.PHI, x, from, y, at, length);
    }

    static int gelu(double[] x, int from, double[] y, int at, int length) {
        return run(Kind.GELU, x, from, y, at, length);
    }

    /** Computes as many whole vectors as there are. Returns the number of their elements. */
    private static int run(Kind kind, double[] x, int from, double[] y, int at, int length) {
        boolean isErf = kind == Kind.ERF;
        boolean isGelu = kind == Kind.GELU;
        boolean isPhi = kind == Kind.PHI || isGelu;
        double end = isErf ? ERF_END : isPhi ? PHI_END : ERFC_END;
        double root = isPhi ? ROOT_HALF : 1;
        double rootLow = isPhi ? ROOT_HALF_LOW : 0;
        double scale = isPhi ? 0.5 : 1;
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector size = argument.abs();
            DoubleVector a = size.blend(end, size.compare(GT, end));
            DoubleVector square = a.mul(a);
            DoubleVector squareLow = a.fma(a, square.neg()).mul(scale);
            DoubleVector high = a.mul(root);
            DoubleVector low = a.fma(a.broadcast(rootLow), a.fma(a.broadcast(root), high.neg()));

            DoubleVector sum = high.add(1);
            DoubleVector sumLow = high.broadcast(1).sub(sum).add(high).add(low);
            DoubleVector three = high.add(3);
            DoubleVector reciprocal = high.broadcast(1).div(sum.mul(three));
            DoubleVector byThree = sum.mul(reciprocal);
            DoubleVector bySum = three.mul(reciprocal);
            DoubleVector u = high.sub(3).mul(byThree);

            DoubleVector u2 = u.mul(u);
            DoubleVector u4 = u2.mul(u2);
            DoubleVector q1 = u4.broadcast(G21).fma(u4, u4.broadcast(G17)).fma(u4, u4.broadcast(G13)).fma(u4, u4.broadcast(G9))
                    .fma(u4, u4.broadcast(G5)).fma(u4, u4.broadcast(G1));
            DoubleVector q2 = u4.broadcast(G22).fma(u4, u4.broadcast(G18)).fma(u4, u4.broadcast(G14)).fma(u4, u4.broadcast(G10))
                    .fma(u4, u4.broadcast(G6)).fma(u4, u4.broadcast(G2));
            DoubleVector q3 = u4.broadcast(G23).fma(u4, u4.broadcast(G19)).fma(u4, u4.broadcast(G15)).fma(u4, u4.broadcast(G11))
                    .fma(u4, u4.broadcast(G7)).fma(u4, u4.broadcast(G3));
            DoubleVector q4 = u4.broadcast(G20).fma(u4, u4.broadcast(G16)).fma(u4, u4.broadcast(G12)).fma(u4, u4.broadcast(G8)).fma(u4,
                    u4.broadcast(G4));
            DoubleVector q = q4.fma(u, q3).fma(u2, q2.fma(u, q1));
            DoubleVector g = u.fma(q, u.broadcast(G0));
            DoubleVector gLow = u.fma(q, u.broadcast(G0).sub(g)).add(G0_LOW);

            DoubleVector scaled = g.mul(bySum);
            DoubleVector minusScaled = scaled.neg();
            DoubleVector scaledLow = minusScaled.fma(sum, g).add(minusScaled.fma(sumLow, gLow)).mul(bySum);
            DoubleVector times = isGelu ? a : a.broadcast(1);
            DoubleVector factor = scaled.mul(times);
            DoubleVector factorLow = scaled.fma(times, factor.neg()).add(scaledLow.mul(times));

            // The following steps are those of ExponentialOfSum.times, for an argument that is at most 0.
            DoubleVector exponent = square.mul(-scale);
            DoubleVector n = exponent.fma(exponent.broadcast(BY_LN2), exponent.broadcast(ROUNDER)).sub(ROUNDER);
            DoubleVector minusN = n.neg();
            DoubleVector first = minusN.fma(n.broadcast(LN2), exponent);
            DoubleVector second = minusN.fma(n.broadcast(LN2_LOW), squareLow.neg());
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
            DoubleVector product = power.fma(factor, power.fma(factorLow, powerLow.mul(factor)));
            DoubleVector step = n.blend(LEAST_STEP, n.compare(LT, LEAST_STEP));
            DoubleVector tail = product
                    .mul(step.add(EXPONENT_ROUNDER).reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles())
                    .mul(n.sub(step).add(EXPONENT_ROUNDER).reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsDoubles()
                            .mul(scale));

            if (isGelu) {
                argument.broadcast(0).blend(argument, argument.compare(GT, 0)).sub(tail).blend(Double.NaN, argument.compare(NE, argument))
                        .intoArray(y, at + i);
                continue;
            }
            if (!isErf) {
                // The result is the tail on one side of 0, and 2 · scale minus the tail on the other.
                DoubleVector other = isPhi ? argument : argument.neg();
                tail.blend(tail.broadcast(2 * scale).sub(tail), other.compare(GT, 0)).blend(Double.NaN, argument.compare(NE, argument))
                        .intoArray(y, at + i);
                continue;
            }
            DoubleVector z = size.mul(size);
            DoubleVector p = z.broadcast(P8).fma(z, z.broadcast(P7)).fma(z, z.broadcast(P6)).fma(z, z.broadcast(P5))
                    .fma(z, z.broadcast(P4)).fma(z, z.broadcast(P3)).fma(z, z.broadcast(P2)).fma(z, z.broadcast(P1))
                    .fma(z, z.broadcast(P0));
            DoubleVector small = size.fma(size.broadcast(SLOPE), size.mul(z.fma(p, z.broadcast(SLOPE_LOW))));
            tail.broadcast(1).sub(tail).blend(small, size.compare(LT, SMALL)).reinterpretAsLongs()
                    .or(argument.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles()
                    .blend(Double.NaN, argument.compare(NE, argument)).intoArray(y, at + i);
        }
        return i;
    }
}
