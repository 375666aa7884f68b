package io.chainrule.core.kernel.simd;

import static io.chainrule.core.elementary.RootConstants.*;
import static jdk.incubator.vector.VectorOperators.BITWISE_BLEND;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Computes {@link io.chainrule.core.elementary.Root#cbrt} for arrays, in the same steps and with the same bits. The loop contains no calls,
 * for the reason that {@link VectorCircular} gives.
 */
final class VectorRoot {
    private static final double THIRD = 1.0 / 3;
    /** The bits of 2^52, whose last ones hold a whole number. */
    private static final long WHOLE = 1075L << SIGNIFICAND_BITS;
    private static final double EXPONENT = 0x1p52 + 1023;
    /** Added to y, it rounds y to a whole number, which the last bits of the sum hold. */
    private static final double ROUNDER = 0x1.8p52;

    private VectorRoot() {}

    static int cbrt(double[] x, int from, double[] y, int at, int length) {
        int i = 0;
        for (; i <= length - Species.LENGTH; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, from + i);
            DoubleVector a = argument.abs();
            VectorMask<Double> isSubnormal = a.compare(LT, Double.MIN_NORMAL);
            LongVector bits = a.blend(a.mul(SUBNORMAL_SCALE), isSubnormal).reinterpretAsLongs();
            DoubleVector exponent = bits.lanewise(LSHR, SIGNIFICAND_BITS).or(WHOLE).reinterpretAsDoubles().sub(EXPONENT);
            // The largest whole number up to n/3 is the one nearest to (n − 1)/3.
            DoubleVector third = exponent.sub(1).fma(a.broadcast(THIRD), a.broadcast(ROUNDER)).sub(ROUNDER);
            DoubleVector m = bits.sub(third.mul(3).add(ROUNDER).reinterpretAsLongs().lanewise(LSHL, SIGNIFICAND_BITS))
                    .reinterpretAsDoubles();
            DoubleVector guess = m.broadcast(C5).fma(m, m.broadcast(C4)).fma(m, m.broadcast(C3)).fma(m, m.broadcast(C2))
                    .fma(m, m.broadcast(C1)).fma(m, m.broadcast(C0));
            DoubleVector cube = guess.mul(guess).mul(guess);
            DoubleVector two = m.broadcast(2);
            DoubleVector root = guess.mul(two.fma(m, cube).div(two.fma(cube, m)));
            DoubleVector square = root.mul(root);
            DoubleVector product = square.mul(root);
            DoubleVector low = square.fma(root, product.neg()).add(root.fma(root, square.neg()).mul(root));
            DoubleVector value = root.add(m.sub(product).sub(low).div(square.mul(3)));
            LongVector power = third.sub(third.broadcast(0).blend(SUBNORMAL_THIRD, isSubnormal)).add(ROUNDER + 1023).reinterpretAsLongs()
                    .lanewise(LSHL, SIGNIFICAND_BITS);
            value.mul(power.reinterpretAsDoubles()).reinterpretAsLongs()
                    .lanewise(BITWISE_BLEND, argument.reinterpretAsLongs(), Long.MIN_VALUE).reinterpretAsDoubles()
                    .blend(argument, a.eq(0).or(a.eq(Double.POSITIVE_INFINITY))).blend(Double.NaN, argument.compare(NE, argument))
                    .intoArray(y, at + i);
        }
        return i;
    }
}
