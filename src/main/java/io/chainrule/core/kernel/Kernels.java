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
import io.chainrule.core.tensor.Parallel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Loops over arrays that have an implementation by hand for each machine. Offsets and counts are in elements. A stride is 1, or 0 if one
 * value is used for all elements. The output of an elementwise loop may be one of its inputs at the same offset.
 *
 * <p>Implementations agree in every bit, whatever the machine and the number of threads: {@link Blocks} says in which order numbers are
 * added. Only the sign and payload of a NaN are left open, which processors choose in different ways.
 */
public interface Kernels {
    /** The rows of a panel for {@link #correlate}. */
    int PANEL_ROWS = 8;

    /** Functions of one operand that have a loop of their own. The loop gives the same bits as {@link #function}. */
    enum Unary {
        NEG(x -> -x),
        ABS(Math::abs),
        SQUARE(x -> x * x),
        SQRT(Math::sqrt),
        RECIPROCAL(x -> 1 / x),
        SIGN(Math::signum),
        FLOOR(Math::floor),
        CEIL(Math::ceil),
        ROUND(Math::rint),
        TRUNC(x -> Math.copySign(Math.floor(Math.abs(x)), x)),
        NOT(x -> x == 0 ? 1 : 0),
        IS_NAN(x -> Double.isNaN(x) ? 1 : 0),
        IS_FINITE(x -> Double.isFinite(x) ? 1 : 0),
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

    /**
     * Functions of one operand that share most of their steps, such as e^−|x|, so that one loop computes several of them in less time than
     * one loop for each: the sigmoid and its density take 2.0 ns an element, and 2.6 ns one after the other. A function belongs to at most
     * one of these families.
     */
    enum Family {
        LOGISTIC(Unary.SIGMOID, Unary.SILU, Unary.LOGISTIC_DENSITY),
        TANH(Unary.TANH, Unary.SECH_SQUARED),
        CIRCULAR(Unary.SIN, Unary.COS, Unary.TAN);

        private static final Map<Unary, Family> BY_FUNCTION = new EnumMap<>(Unary.class);

        static {
            for (Family family : values()) {
                family.functions.forEach(function -> BY_FUNCTION.put(function, family));
            }
        }

        private final List<Unary> functions;

        Family(Unary... functions) {
            this.functions = List.of(functions);
        }

        public List<Unary> functions() {
            return functions;
        }

        /** The family that a function belongs to; null if there is none. */
        public static @Nullable Family of(Unary function) {
            return BY_FUNCTION.get(function);
        }
    }

    /**
     * Functions of two operands that have a loop of their own. Comparisons and logic give 0 or 1. {@code LEAK} is the first operand where
     * it is at least 0, else its product with the second.
     */
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
        GE,
        AND,
        OR,
        XOR,
        LEAK
    }

    /**
     * What {@link #largest} finds of a window: its largest element, the first of equals, or the position of the first or the last of them.
     */
    enum Largest {
        ELEMENT,
        FIRST,
        LAST
    }

    /** What the log calls this implementation. */
    String name();

    void unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n);

    /**
     * Computes several functions of a family, with the bits of {@link #unary}. Function number k is written to {@code out[k]} from
     * {@code outFrom[k]} on; it is left out where that is null. Only the array of the highest number may be x, at the same place.
     */
    default void family(Family family, double[] x, int xFrom, double[] @Nullable [] out, int[] outFrom, int n) {
        List<Unary> functions = family.functions();
        for (int k = 0; k < functions.size(); k++) {
            double[] written = out[k];
            if (written != null) {
                unary(functions.get(k), x, xFrom, written, outFrom[k], n);
            }
        }
    }

    void binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n);

    /** {@code out[i] = condition[i] != 0 ? a[i] : b[i]}. */
    void select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n);

    /** The sum of n elements, added in the order of {@link Blocks}. */
    double sum(double[] x, int from, int n);

    /** The sum of each column of a row-major matrix, with the bits of {@link #sum} of a copy of that column. */
    void sumRows(double[] x, int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint);

    /** Whether no element is infinite or NaN. */
    boolean isFinite(double[] x, int from, int n);

    /** The largest element; NaN if an element is NaN, and −∞ for n = 0. */
    double max(double[] x, int from, int n);

    /** How many elements come before the first one that equals a value; n if none does. 0 and −0 are equal, and NaN equals nothing. */
    int find(double value, double[] x, int from, int n);

    /**
     * For n windows, of which number w has the elements {@code x[from + origins[begin + w] + shifts[t]]}. Positions are counted from
     * {@code from}. NaN is larger than all others, and 0 and −0 are equally large.
     */
    void largest(Largest which, double[] x, int from, int[] origins, int begin, int n, int[] shifts, double[] out, int outFrom);

    /**
     * Computes {@code c = a · b} for a [m, k], b [k, n] and dense row-major c [m, n] that begins at {@code cFrom}. Each element is computed
     * by {@code s = fma(a[i, p], b[p, j], s)} for p = 0 … k − 1, from s = 0. If n is 1, it is instead the sum of k products in the order of
     * {@link Blocks}. The bits depend neither on how operands are stored nor on the number of threads.
     */
    void gemm(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel);

    /** Computes the same for dense row-major operands that begin at these offsets, on the caller's thread. */
    default void gemm(int m, int n, int k, double[] a, int aFrom, double[] b, int bFrom, double[] c, int cFrom, Checkpoint checkpoint) {
        gemm(m, n, k, Matrix.rows(a, aFrom, k), Matrix.rows(b, bFrom, n), c, cFrom, Parallel.onThisThread(checkpoint));
    }

    /**
     * Computes {@code c = c + a · b}. Each element is computed by {@code s = fma(a[i, p], b[p, j], s)} for p = 0 … k − 1, also if n is 1; s
     * begins with 0 if {@code fresh}, otherwise with the element. So a product can be computed in parts along k with the bits of the whole.
     */
    void chains(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint);

    /**
     * {@code c[i, j] = Σ a[i, p] · x[from + shifts[p] + j]} for dense row-major c [m, n], each element a chain of fma along p that begins
     * with 0: a product with rows of x that may overlap, as those that a convolution reads. Element (i, p) of a stands at
     * {@code (i / 8 · k + p) · 8 + i mod 8} of {@code panels}; the last row is repeated to the end of its panel.
     */
    void correlate(int m, int n, int k, double[] panels, double[] x, int from, int[] shifts, double[] c, Checkpoint checkpoint);

    /**
     * The same for columns of x that begin anywhere: {@code c[i, j] = Σ a[i, p] · x[from[j] + shifts[p]]} for n columns. Here c is in
     * panels too, and element (i, j) stands at {@code (i / 8 · n + j) · 8 + i mod 8}.
     */
    void correlateAt(int m, int n, int k, double[] panels, double[] x, int[] from, int[] shifts, double[] c, Checkpoint checkpoint);

    /** The sum of n products in the order of {@link Blocks}. */
    double dot(double[] x, int xFrom, double[] y, int yFrom, int n);

    /** {@code y = fma(factor, x, y)} for n elements each, which do not overlap. */
    void addMultiple(double factor, double[] x, int xFrom, double[] y, int yFrom, int n);

    /**
     * Rotates two vectors of n elements, which do not overlap, in their plane: {@code x = fma(c, x, −(s · y))} and
     * {@code y = fma(c, y, s · x)}.
     */
    void rotate(double c, double s, double[] x, int xFrom, double[] y, int yFrom, int n);

    /**
     * Rotates rows of a matrix with their neighbours, one pair after the other: {@link #rotate} with {@code c[at + k]} and {@code s[at +
     * k]} for row k + 1 as x and row k as y, for k = 0 … count − 1. Row k has n elements from {@code from + k * step} on; the step may be
     * negative.
     */
    void rotateRows(int count, double[] c, double[] s, int at, double[] x, int from, int step, int n);

    /**
     * {@link #rotateRows} twice from the same row on: {@code count + 1} rotations by the first elements of c and s, and then {@code count}
     * by the elements from {@code second} on.
     */
    void rotateRowsTwice(int count, double[] c, double[] s, int second, double[] x, int from, int step, int n);

    /** The most roundings that one of the {@code k} products in an element of {@link #gemm} takes part in, for {@code n} columns. */
    static int roundings(int n, int k) {
        return n == 1 ? Blocks.roundings(k) : Math.max(1, k);
    }

    /**
     * Has the JVM compile the loops before they are needed, where they are slow until then. It takes about ten seconds, in pieces of up to
     * a second. {@code between} is called before each, and may wait.
     */
    default void warmUp(Checkpoint between) {}

    /** The fastest implementation that this JVM can run. */
    static Kernels best() {
        return KernelLookup.BEST;
    }
}
