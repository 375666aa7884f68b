package io.chainrule.core.kernel;

import io.chainrule.core.elementary.Circular;
import io.chainrule.core.elementary.ErrorFunction;
import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Gaussian;
import io.chainrule.core.elementary.Hyperbolic;
import io.chainrule.core.elementary.InverseCircular;
import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.elementary.Mish;
import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Checkpoint;
import java.util.function.DoubleUnaryOperator;

/**
 * Loops over arrays that are worth an implementation by hand. Offsets and counts are in elements; a stride is 1, or 0
 * where one value is used for all elements. The output of an elementwise loop may be one of the inputs at the same offset.
 *
 * <p>Implementations agree in every bit, whatever the machine and the number of threads: {@link Blocks} says in which order numbers are
 * added. Only the sign and payload of a NaN are left open, which processors choose in different ways.
 */
public interface Kernels {

    /** Functions of one operand with a loop of their own, which gives the bits of the function of one number. */
    enum Unary {
        NEG(x -> -x),
        ABS(Math::abs),
        SQUARE(x -> x * x),
        SQRT(Math::sqrt),
        RECIPROCAL(x -> 1 / x),
        RELU(x -> Math.max(0.0, x)),
        EXP(Exponential::exp),
        EXP2(Exponential::exp2),
        EXPM1(Exponential::expm1),
        LOG(Logarithm::log),
        LOG2(Logarithm::log2),
        LOG10(Logarithm::log10),
        LOG1P(Logarithm::log1p),
        SIGMOID(Logistic::sigmoid),
        SOFTPLUS(Logistic::softplus),
        LOG_SIGMOID(Logistic::logsigmoid),
        SILU(Logistic::silu),
        LOGISTIC_DENSITY(Logistic::density),
        SINH(Hyperbolic::sinh),
        COSH(Hyperbolic::cosh),
        TANH(Hyperbolic::tanh),
        SECH_SQUARED(Hyperbolic::sechSquared),
        SIN(Circular::sin),
        COS(Circular::cos),
        TAN(Circular::tan),
        ASIN(InverseCircular::asin),
        ACOS(InverseCircular::acos),
        ATAN(InverseCircular::atan),
        ERF(ErrorFunction::erf),
        ERFC(ErrorFunction::erfc),
        NORMAL(ErrorFunction::phi),
        GELU(ErrorFunction::gelu),
        MISH(Mish::mish),
        MISH_GATE(Mish::gate),
        MISH_GATE_SLOPE(Mish::slope),
        CBRT(Root::cbrt),
        BELL(Gaussian::bell),
        NORMAL_DENSITY(Gaussian::density);

        private final DoubleUnaryOperator function;

        Unary(DoubleUnaryOperator function) {
            this.function = function;
        }

        public DoubleUnaryOperator function() {
            return function;
        }
    }

    /** Functions of two operands with a loop of their own; comparisons give 0 or 1. */
    enum Binary {
        ADD,
        SUB,
        MUL,
        DIV,
        POWER,
        MAXIMUM,
        MINIMUM,
        STRONG,
        STRONG_BOTH,
        LOG_ADD_EXP,
        SHARE,
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

    /** Sum in the order of {@link Blocks}. */
    double sum(double[] x, int from, int n);

    /** The sum of each column of a row-major matrix, as {@link #sum} of a copy of that column. */
    void sumRows(double[] x, int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint);

    /** Whether no element is infinite or NaN. */
    boolean isFinite(double[] x, int from, int n);

    /** Largest element; NaN if there is one. −∞ for n = 0. */
    double max(double[] x, int from, int n);

    /**
     * {@code c = a · b} for a [m, k], b [k, n] and dense row-major c [m, n] beginning at {@code cFrom}. An element is the chain
     * {@code s = fma(a[i, p], b[p, j], s)} for p = 0 … k − 1 that begins with s = 0. Where n is 1, it is the sum of k products in the order
     * of {@link Blocks}. Neither a transposed operand nor the number of threads changes a bit.
     */
    void gemm(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel, Checkpoint checkpoint);

    /** The same for dense row-major operands beginning at the offsets, on this thread. */
    default void gemm(int m, int n, int k, double[] a, int aFrom, double[] b, int bFrom, double[] c, int cFrom, Checkpoint checkpoint) {
        gemm(m, n, k, Matrix.rows(a, aFrom, k), Matrix.rows(b, bFrom, n), c, cFrom, Parallel.NONE, checkpoint);
    }

    /**
     * {@code c = c + a · b} as by {@link #gemm}, but every chain begins with the element of c, also where n is 1; with {@code fresh}, c counts
     * as 0. So a product can be made in parts along k, without changing a bit.
     */
    void chains(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint);

    /** The most roundings that one of {@code k} products meets on its way into an element of a {@link #gemm} with {@code n} columns. */
    static int roundings(int n, int k) {
        return n == 1 ? Blocks.roundings(k) : Math.max(1, k);
    }

    /** The fastest implementation that this JVM can run. */
    static Kernels best() {
        return KernelLookup.BEST;
    }
}
