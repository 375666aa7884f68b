package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What an {@link Elementwise} op computes: one result from one number for each operand, or a run of results from arrays. */
sealed interface ElementFunction {

    /** Computes one result. Arguments beyond the op's number of operands are not read. */
    double apply(double a, double b, double c);

    /** Computes {@code n} results from {@code o} on; operand k begins at {@code from[k]} and advances by {@code stride[k]}, 0 or 1. */
    void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n);

    /** A function of one operand. If it has a form for {@code arrays}, that computes them; it may be a single {@code kernel}. */
    record One(DoubleUnaryOperator of, Kernels.@Nullable Unary kernel, @Nullable KernelLoop arrays) implements ElementFunction {
        static One of(Kernels.Unary kernel) {
            return new One(kernel.function(), kernel, KernelLoop.of(kernel));
        }

        @Override
        public double apply(double a, double b, double c) {
            return of.applyAsDouble(a);
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n) {
            if (arrays != null) {
                arrays.run(x[0], from[0], out, o, n);
                return;
            }
            double[] a = x[0];
            int start = from[0];
            for (int i = 0; i < n; i++) {
                out[o + i] = of.applyAsDouble(a[start + i]);
            }
        }
    }

    /** A function of two operands. If it has a {@code kernel}, that computes arrays. */
    record Two(DoubleBinaryOperator of, Kernels.@Nullable Binary kernel) implements ElementFunction {
        @Override
        public double apply(double a, double b, double c) {
            return of.applyAsDouble(a, b);
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n) {
            if (kernel != null) {
                Kernels.best().binary(kernel, x[0], from[0], stride[0], x[1], from[1], stride[1], out, o, n);
                return;
            }
            for (int i = 0; i < n; i++) {
                out[o + i] = of.applyAsDouble(x[0][from[0] + i * stride[0]], x[1][from[1] + i * stride[1]]);
            }
        }
    }

    /** A function of three operands. */
    record Three(Elementwise.Ternary of) implements ElementFunction {
        @Override
        public double apply(double a, double b, double c) {
            return of.apply(a, b, c);
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n) {
            for (int i = 0; i < n; i++) {
                out[o + i] = of.apply(x[0][from[0] + i * stride[0]], x[1][from[1] + i * stride[1]], x[2][from[2] + i * stride[2]]);
            }
        }
    }

    /** The second operand where the first is not 0, else the third. */
    record Select() implements ElementFunction {
        @Override
        public double apply(double a, double b, double c) {
            return a != 0 ? b : c;
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n) {
            Kernels.best().select(x[0], from[0], stride[0], x[1], from[1], stride[1], x[2], from[2], stride[2], out, o, n);
        }
    }

    /** The first operand. */
    record First() implements ElementFunction {
        @Override
        public double apply(double a, double b, double c) {
            return a;
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int n) {
            if (stride[0] == 1) {
                System.arraycopy(x[0], from[0], out, o, n);
            } else {
                Arrays.fill(out, o, o + n, x[0][from[0]]);
            }
        }
    }
}
