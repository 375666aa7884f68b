package io.chainrule.core.kernel.simd;

import java.util.function.DoubleUnaryOperator;

/** What is left to the scalar form: vectors with arguments that few programs have. */
final class Scalars {
    private Scalars() {}

    static void apply(DoubleUnaryOperator function, double[] x, int from, double[] y, int at, int length) {
        for (int i = 0; i < length; i++) {
            y[at + i] = function.applyAsDouble(x[from + i]);
        }
    }
}
