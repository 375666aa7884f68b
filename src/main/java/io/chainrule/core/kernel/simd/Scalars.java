package io.chainrule.core.kernel.simd;

import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Computes a vector's elements by the scalar form, where an argument is one that few programs have and the vector form does not cover. */
final class Scalars {
    private Scalars() {}

    /** Does nothing if there is no array to write to. */
    static void apply(DoubleUnaryOperator function, double[] x, int from, double @Nullable [] y, int at, int length) {
        for (int i = 0; y != null && i < length; i++) {
            y[at + i] = function.applyAsDouble(x[from + i]);
        }
    }
}
