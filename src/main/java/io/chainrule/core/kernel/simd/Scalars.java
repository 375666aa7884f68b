package io.chainrule.core.kernel.simd;

import java.util.function.DoubleUnaryOperator;

/** Computes a vector's elements by the scalar form, where an argument is one that few programs have and the vector form does not cover. */
final class Scalars {
    private Scalars() {}

    static void apply(DoubleUnaryOperator function, double[] x, int from, double[] y, int at, int length) {
        for (int i = 0; i < length; i++) {
            y[at + i] = function.applyAsDouble(x[from + i]);
        }
    }
}
