package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;

/**
 * Computes a function of one number for arrays, by kernels, with the bits of the function itself. A loop that calls a function for each
 * element takes 5 to 10 ns an element, since C2 does not inline calls of many functions; a kernel of one instruction takes 0.2.
 */
@FunctionalInterface
interface KernelLoop {
    /** The elements that intermediate values are kept of at a time, so that they stay in the first-level cache. */
    int CHUNK = 512;

    KernelLoop SAME = (x, from, out, o, n) -> System.arraycopy(x, from, out, o, n);

    /** Computes {@code out[o + i]} from {@code x[from + i]} for i = 0 … n − 1. Both may be the same place of one array. */
    void run(double[] x, int from, double[] out, int o, int n);

    static KernelLoop of(Unary kernel) {
        return (x, from, out, o, n) -> Kernels.best().unary(kernel, x, from, out, o, n);
    }

    /** The op of x and a number. */
    static KernelLoop of(Binary kernel, double number) {
        double[] numbers = {number};
        return (x, from, out, o, n) -> Kernels.best().binary(kernel, x, from, 1, numbers, 0, 0, out, o, n);
    }

    /** {@code Math.min(Math.max(x, low), high)}. */
    static KernelLoop clamped(double low, double high) {
        return of(Binary.MAXIMUM, low).then(of(Binary.MINIMUM, high));
    }

    /** The op of the results of two forms. */
    static KernelLoop of(Binary kernel, KernelLoop left, KernelLoop right) {
        return inChunks((x, from, out, o, n) -> {
            double[] first = new double[n];
            double[] second = new double[n];
            left.run(x, from, first, 0, n);
            right.run(x, from, second, 0, n);
            Kernels.best().binary(kernel, first, 0, 1, second, 0, 1, out, o, n);
        });
    }

    /** {@code above} where x > 0, else {@code below}. */
    static KernelLoop atZero(KernelLoop above, KernelLoop below) {
        KernelLoop isAbove = of(Binary.GT, 0);
        return inChunks((x, from, out, o, n) -> {
            double[] condition = new double[n];
            double[] first = new double[n];
            double[] second = new double[n];
            isAbove.run(x, from, condition, 0, n);
            above.run(x, from, first, 0, n);
            below.run(x, from, second, 0, n);
            Kernels.best().select(condition, 0, 1, first, 0, 1, second, 0, 1, out, o, n);
        });
    }

    private static KernelLoop inChunks(KernelLoop form) {
        return (x, from, out, o, n) -> {
            for (int i = 0; i < n; i += CHUNK) {
                form.run(x, from + i, out, o + i, Math.min(CHUNK, n - i));
            }
        };
    }

    /** This form, and {@code next} of its result. */
    default KernelLoop then(KernelLoop next) {
        return (x, from, out, o, n) -> {
            run(x, from, out, o, n);
            next.run(out, o, out, o, n);
        };
    }
}
