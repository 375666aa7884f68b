package io.chainrule.core.kernel;

import io.chainrule.core.tensor.Checkpoint;

/**
 * Loops over arrays that are worth an implementation by hand. Offsets and counts are in elements; a stride is 1, or 0
 * where one value is used for all elements. The output may be one of the inputs at the same offset. Implementations agree
 * to 2 ulp elementwise, and in sums of n elements to n·u·Σ|x|, where u is the unit roundoff.
 */
public interface Kernels {

    /** Functions of one operand with a loop of their own. */
    enum Unary {
        NEG,
        ABS,
        SQUARE,
        SQRT,
        RECIPROCAL,
        RELU
    }

    /** Functions of two operands with a loop of their own; comparisons give 0 or 1. */
    enum Binary {
        ADD,
        SUB,
        MUL,
        DIV,
        MAXIMUM,
        MINIMUM,
        STRONG,
        STRONG_BOTH,
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE
    }

    /** What the log calls this implementation. */
    String name();

    void unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n);

    void binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n);

    /** {@code out[i] = condition[i] != 0 ? a[i] : b[i]}. */
    void select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n);

    /** Sum, by pairs of blocks so that the error grows with log n (Higham 1993). */
    double sum(double[] x, int from, int n);

    /** Whether no element is infinite or NaN. */
    boolean isFinite(double[] x, int from, int n);

    /** Largest element; NaN if there is one. −∞ for n = 0. */
    double max(double[] x, int from, int n);

    /** {@code c = a · b} for dense row-major a [m, k], b [k, n], c [m, n] beginning at the offsets. */
    void gemm(int m, int n, int k, double[] a, int aFrom, double[] b, int bFrom, double[] c, int cFrom, Checkpoint checkpoint);

    /** The most roundings that one of {@code k} products meets on its way into an element of {@link #gemm}: its own, and those of additions. */
    static int roundings(int k) {
        return k < 4 ? Math.max(1, k) : 2 + k / 4 + k % 4;
    }

    /** The fastest implementation that this JVM can run. */
    static Kernels best() {
        return KernelLookup.BEST;
    }
}
