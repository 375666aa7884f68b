package io.chainrule.core;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** How many decimal digits of a value are certain, from a bound on its error. */
final class Digits {
    /** −log₁₀ of the unit roundoff, rounded down: no double has more. */
    static final double MOST = 15.9;
    private static final double STEPS = 10;
    /** The bound is computed in doubles, with less than this relative error. */
    private static final double ROOM = 1 + 0x1p-20;

    private Digits() {}

    /** The digits of each element, rounded down to one decimal; {@code bounds} is null where the value is exact. */
    static Tensor of(Tensor values, @Nullable Tensor bounds) {
        double[] digits = new double[values.length()];
        for (int i = 0; i < digits.length; i++) {
            digits[i] = of(values.data()[i], bounds == null ? 0 : bounds.data()[i]);
        }
        return Tensor.of(values.shape(), digits);
    }

    private static double of(double value, double bound) {
        double error = bound * ROOM;
        double least = Math.abs(value) - error;
        if (!Double.isFinite(value) || !(error == 0 || least > 0)) {
            return 0;
        }
        return error == 0 ? MOST : Math.clamp(Math.floor(-Logarithm.log10(error / least) * STEPS - 1e-9) / STEPS, 0, MOST);
    }
}
