package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Family;
import io.chainrule.core.kernel.Kernels.Unary;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise loops. C2 does not vectorize the scalar loops: it knows nothing of the offsets, so it must assume that an element that is
 * written is read later. These loops compute whole vectors and return how many elements these were; the caller computes the rest. The
 * output may be the input at the same offset.
 */
final class VectorElementwise {
    private static final DoubleVector ZERO = DoubleVector.zero(Species.OF);
    private static final DoubleVector ONE = DoubleVector.broadcast(Species.OF, 1);
    private static final double[] ZEROS = {0};
    /** From here on all doubles are whole numbers. */
    private static final double WHOLE = 0x1p52;

    private VectorElementwise() {}

    static int unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        return switch (op) {
            case NEG, ABS, SQUARE, SQRT, RECIPROCAL, SIGN, RELU -> simple(op, x, xFrom, out, outFrom, n);
            case FLOOR, CEIL, ROUND, TRUNC -> rounded(op, x, xFrom, out, outFrom, n);
            case NOT -> equality(ONE, ZERO, x, xFrom, 1, ZEROS, 0, 0, out, outFrom, n);
            case IS_NAN -> equality(ZERO, ONE, x, xFrom, 1, x, xFrom, 1, out, outFrom, n);
            case IS_FINITE -> finite(x, xFrom, out, outFrom, n);
            case EXP -> VectorExponential.exp(x, xFrom, out, outFrom, n);
            case EXP2 -> VectorExponential.exp2(x, xFrom, out, outFrom, n);
            case EXPM1 -> VectorExponential.expm1(x, xFrom, out, outFrom, n);
            case LOG -> VectorLogarithm.log(x, xFrom, out, outFrom, n);
            case LOG2 -> VectorLogarithm.log2(x, xFrom, out, outFrom, n);
            case LOG10 -> VectorLogarithm.log10(x, xFrom, out, outFrom, n);
            case LOG1P -> VectorLogarithm.log1p(x, xFrom, out, outFrom, n);
            case SIGMOID -> VectorLogistic.sigmoid(x, xFrom, out, outFrom, n);
            case SOFTPLUS -> VectorLogistic.softplus(x, xFrom, out, outFrom, n);
            case LOG_SIGMOID -> VectorLogistic.logsigmoid(x, xFrom, out, outFrom, n);
            case SILU -> VectorLogistic.silu(x, xFrom, out, outFrom, n);
            case LOGISTIC_DENSITY -> VectorLogistic.density(x, xFrom, out, outFrom, n);
            case SINH -> VectorHyperbolic.sinh(x, xFrom, out, outFrom, n);
            case COSH -> VectorHyperbolic.cosh(x, xFrom, out, outFrom, n);
            case TANH -> VectorHyperbolic.tanh(x, xFrom, out, outFrom, n);
            case SECH_SQUARED -> VectorHyperbolic.sechSquared(x, xFrom, out, outFrom, n);
            case SIN -> VectorCircular.sin(x, xFrom, out, outFrom, n);
            case COS -> VectorCircular.cos(x, xFrom, out, outFrom, n);
            case TAN -> VectorCircular.tan(x, xFrom, out, outFrom, n);
            case ASIN -> VectorInverseCircular.asin(x, xFrom, out, outFrom, n);
            case ACOS -> VectorInverseCircular.acos(x, xFrom, out, outFrom, n);
            case ATAN -> VectorInverseCircular.atan(x, xFrom, out, outFrom, n);
            case ERF -> VectorErrorFunction.erf(x, xFrom, out, outFrom, n);
            case ERFC -> VectorErrorFunction.erfc(x, xFrom, out, outFrom, n);
            case NORMAL -> VectorErrorFunction.phi(x, xFrom, out, outFrom, n);
            case MISH -> VectorMish.mish(x, xFrom, out, outFrom, n);
            case MISH_GATE -> VectorMish.gate(x, xFrom, out, outFrom, n);
            case MISH_GATE_SLOPE -> VectorMish.slope(x, xFrom, out, outFrom, n);
            case CBRT -> VectorRoot.cbrt(x, xFrom, out, outFrom, n);
            case BELL -> VectorGaussian.bell(x, xFrom, out, outFrom, n);
            case NORMAL_DENSITY -> VectorGaussian.density(x, xFrom, out, outFrom, n);
            case GELU -> VectorErrorFunction.gelu(x, xFrom, out, outFrom, n);
        };
    }

    static int family(Family family, double[] x, int xFrom, double[] @Nullable [] out, int[] outFrom, int n) {
        return switch (family) {
            case LOGISTIC -> VectorLogistic.run(x, xFrom, out[0], outFrom[0], out[1], outFrom[1], out[2], outFrom[2], n);
            case TANH -> VectorHyperbolic.tanh(x, xFrom, out[0], outFrom[0], out[1], outFrom[1], n);
            case CIRCULAR -> VectorCircular.run(x, xFrom, out[0], outFrom[0], out[1], outFrom[1], out[2], outFrom[2], n);
        };
    }

    private static int simple(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            DoubleVector value = switch (op) {
                case NEG -> argument.neg();
                case ABS -> argument.abs();
                case SQUARE -> argument.mul(argument);
                case SQRT -> argument.sqrt();
                case RECIPROCAL -> ONE.div(argument);
                case SIGN -> argument.blend(withSign(ONE, argument), argument.abs().compare(VectorOperators.GT, 0));
                default -> ZERO.max(argument);
            };
            value.intoArray(out, outFrom + i);
        }
        return whole;
    }

    /**
     * Adding 2⁵² to a magnitude below it rounds to a whole number, half to even, and the step to the next one is exact. Larger numbers are
     * whole already. The result gets the sign of x, so that zeros keep theirs.
     */
    private static int rounded(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            DoubleVector size = argument.abs();
            DoubleVector nearest = size.add(WHOLE).sub(WHOLE);
            DoubleVector signed = withSign(nearest, argument);
            DoubleVector value = switch (op) {
                case FLOOR -> signed.blend(signed.sub(1), signed.compare(VectorOperators.GT, argument));
                case CEIL -> signed.blend(signed.add(1), signed.compare(VectorOperators.LT, argument));
                case TRUNC -> nearest.blend(nearest.sub(1), nearest.compare(VectorOperators.GT, size));
                default -> signed;
            };
            argument.blend(withSign(value.abs(), argument), size.compare(VectorOperators.LT, WHOLE)).intoArray(out, outFrom + i);
        }
        return whole;
    }

    /** {@code size}, which has no sign, with the sign of another number. */
    private static DoubleVector withSign(DoubleVector size, DoubleVector sign) {
        return size.reinterpretAsLongs().or(sign.reinterpretAsLongs().and(Long.MIN_VALUE)).reinterpretAsDoubles();
    }

    private static int finite(double[] x, int xFrom, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector argument = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            ZERO.blend(ONE, argument.sub(argument).compare(VectorOperators.EQ, ZERO)).intoArray(out, outFrom + i);
        }
        return whole;
    }

    /**
     * There are several loops, because C2 does not inline one switch over all functions, and each vector would be an object on the heap.
     */
    static int binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n) {
        return switch (op) {
            case ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM -> arithmetic(op, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case STRONG, STRONG_BOTH -> strong(op == Binary.STRONG_BOTH, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case POWER -> bStride == 0 ? power(b[bFrom], a, aFrom, out, outFrom, aStride == 0 ? 0 : n) : 0;
            case LOG_ADD_EXP, SHARE -> VectorLogSum.run(op == Binary.SHARE, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case EQ -> equality(ONE, ZERO, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case NE -> equality(ZERO, ONE, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LT -> less(a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GT -> less(b, bFrom, bStride, a, aFrom, aStride, out, outFrom, n);
            case LE -> atMost(a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GE -> atMost(b, bFrom, bStride, a, aFrom, aStride, out, outFrom, n);
            case AND, OR, XOR -> logic(op, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LEAK -> leak(a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
        };
    }

    private static int arithmetic(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out,
            int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector x = load(a, aFrom, aStride, i);
            DoubleVector y = load(b, bFrom, bStride, i);
            DoubleVector value = switch (op) {
                case ADD -> x.add(y);
                case SUB -> x.sub(y);
                case MUL -> x.mul(y);
                case DIV -> x.div(y);
                case MAXIMUM -> x.max(y);
                default -> x.min(y);
            };
            value.intoArray(out, outFrom + i);
        }
        return whole;
    }

    /** Computes the powers that take few operations; for other exponents it computes no element. */
    private static int power(double exponent, double[] x, int xFrom, double[] out, int outFrom, int n) {
        if (exponent == 0.5) {
            return root(x, xFrom, out, outFrom, n);
        }
        if (exponent == -1) {
            return simple(Unary.RECIPROCAL, x, xFrom, out, outFrom, n);
        }
        int whole = exponent == 2 || exponent == 3 || exponent == 4 ? Species.OF.loopBound(n) : 0;
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector base = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            DoubleVector square = base.mul(base);
            (exponent == 2 ? square : exponent == 3 ? square.mul(base) : square.mul(square)).intoArray(out, outFrom + i);
        }
        return whole;
    }

    /** Computes x^½ with the special cases of IEEE 754: it is 0 for −0, and ∞ for −∞. */
    private static int root(double[] x, int xFrom, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector base = DoubleVector.fromArray(Species.OF, x, xFrom + i);
            base.add(0).sqrt().blend(Double.POSITIVE_INFINITY, base.compare(VectorOperators.EQ, Double.NEGATIVE_INFINITY))
                    .intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static int strong(boolean both, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out,
            int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector x = load(a, aFrom, aStride, i);
            DoubleVector y = load(b, bFrom, bStride, i);
            DoubleVector value = x.mul(y).blend(ZERO, x.compare(VectorOperators.EQ, ZERO));
            if (both) {
                value = value.blend(ZERO, y.compare(VectorOperators.EQ, ZERO));
            }
            value.intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static int equality(DoubleVector equal, DoubleVector other, double[] a, int aFrom, int aStride, double[] b, int bFrom,
            int bStride, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            VectorMask<Double> isEqual = load(a, aFrom, aStride, i).compare(VectorOperators.EQ, load(b, bFrom, bStride, i));
            other.blend(equal, isEqual).intoArray(out, outFrom + i);
        }
        return whole;
    }

    /** This loop and {@link #atMost} are written out: C2 does not keep masks in registers that a switch chooses. */
    private static int less(double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            VectorMask<Double> isLess = load(a, aFrom, aStride, i).compare(VectorOperators.LT, load(b, bFrom, bStride, i));
            ZERO.blend(ONE, isLess).intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static int atMost(double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            VectorMask<Double> isAtMost = load(a, aFrom, aStride, i).compare(VectorOperators.LE, load(b, bFrom, bStride, i));
            ZERO.blend(ONE, isAtMost).intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static int logic(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom,
            int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector x = ZERO.blend(ONE, load(a, aFrom, aStride, i).compare(VectorOperators.NE, ZERO));
            DoubleVector y = ZERO.blend(ONE, load(b, bFrom, bStride, i).compare(VectorOperators.NE, ZERO));
            DoubleVector value = switch (op) {
                case AND -> x.min(y);
                case OR -> x.max(y);
                default -> x.sub(y).abs();
            };
            value.intoArray(out, outFrom + i);
        }
        return whole;
    }

    private static int leak(double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            DoubleVector x = load(a, aFrom, aStride, i);
            load(b, bFrom, bStride, i).mul(x).blend(x, x.compare(VectorOperators.GE, ZERO)).intoArray(out, outFrom + i);
        }
        return whole;
    }

    static DoubleVector load(double[] x, int from, int stride, int i) {
        return stride == 0 ? DoubleVector.broadcast(Species.OF, x[from]) : DoubleVector.fromArray(Species.OF, x, from + i);
    }

    static int select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n) {
        int whole = Species.OF.loopBound(n);
        for (int i = 0; i < whole; i += Species.LENGTH) {
            VectorMask<Double> first = load(condition, cFrom, cStride, i).compare(VectorOperators.NE, ZERO);
            load(b, bFrom, bStride, i).blend(load(a, aFrom, aStride, i), first).intoArray(out, outFrom + i);
        }
        return whole;
    }
}
