package io.chainrule.core.kernel;

import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Plain loops that run on every JVM. */
public final class ScalarKernels implements Kernels {
    private static final int FINITE_BLOCK = 1 << 12;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public void unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        switch (op) {
            case NEG -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = -x[xFrom + i];
                }
            }
            case ABS -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = Math.abs(x[xFrom + i]);
                }
            }
            case SQUARE -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = x[xFrom + i] * x[xFrom + i];
                }
            }
            case SQRT -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = Math.sqrt(x[xFrom + i]);
                }
            }
            case RECIPROCAL -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = 1 / x[xFrom + i];
                }
            }
            case RELU -> {
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = Math.max(0.0, x[xFrom + i]);
                }
            }
            default -> {
                // The call for each element takes less time than any of these functions.
                DoubleUnaryOperator function = op.function();
                for (int i = 0; i < n; i++) {
                    out[outFrom + i] = function.applyAsDouble(x[xFrom + i]);
                }
            }
        }
    }

    @Override
    public void binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom,
            int n) {
        if (aStride == 1 && bStride == 1) {
            switch (op) {
                case ADD -> {
                    for (int i = 0; i < n; i++) {
                        out[outFrom + i] = a[aFrom + i] + b[bFrom + i];
                    }
                    return;
                }
                case SUB -> {
                    for (int i = 0; i < n; i++) {
                        out[outFrom + i] = a[aFrom + i] - b[bFrom + i];
                    }
                    return;
                }
                case MUL -> {
                    for (int i = 0; i < n; i++) {
                        out[outFrom + i] = a[aFrom + i] * b[bFrom + i];
                    }
                    return;
                }
                case DIV -> {
                    for (int i = 0; i < n; i++) {
                        out[outFrom + i] = a[aFrom + i] / b[bFrom + i];
                    }
                    return;
                }
                case STRONG -> {
                    for (int i = 0; i < n; i++) {
                        double left = a[aFrom + i];
                        out[outFrom + i] = left == 0 ? 0 : left * b[bFrom + i];
                    }
                    return;
                }
                default -> {
                }
            }
        }
        // Each function has a call of the loop of its own. In a loop that many lambdas share, the JIT would not inline them but call them.
        switch (op) {
            case ADD -> loop((x, y) -> x + y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case SUB -> loop((x, y) -> x - y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MUL -> loop((x, y) -> x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case DIV -> loop((x, y) -> x / y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case POWER -> loop(Power::pow, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MAXIMUM -> loop(Math::max, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MINIMUM -> loop(Math::min, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case STRONG -> loop((x, y) -> x == 0 ? 0 : x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case STRONG_BOTH -> loop((x, y) -> x == 0 || y == 0 ? 0 : x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LOG_ADD_EXP -> loop(Logistic::logAddExp, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case SHARE -> loop(Logistic::share, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case EQ -> loop((x, y) -> x == y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case NE -> loop((x, y) -> x != y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LT -> loop((x, y) -> x < y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LE -> loop((x, y) -> x <= y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GT -> loop((x, y) -> x > y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GE -> loop((x, y) -> x >= y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case AND -> loop((x, y) -> x != 0 && y != 0 ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case OR -> loop((x, y) -> x != 0 || y != 0 ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case XOR -> loop((x, y) -> x != 0 ^ y != 0 ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LEAK -> loop((x, y) -> x >= 0 ? x : y * x, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
        }
    }

    private static void loop(DoubleBinaryOperator f, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out,
            int outFrom, int n) {
        for (int i = 0; i < n; i++) {
            out[outFrom + i] = f.applyAsDouble(a[aFrom + i * aStride], b[bFrom + i * bStride]);
        }
    }

    @Override
    public void select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n) {
        for (int i = 0; i < n; i++) {
            out[outFrom + i] = condition[cFrom + i * cStride] != 0 ? a[aFrom + i * aStride] : b[bFrom + i * bStride];
        }
    }

    @Override
    public double sum(double[] x, int from, int n) {
        return BlockSums.sum(x, from, n);
    }

    @Override
    public void sumRows(double[] x, int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint) {
        ColumnSums.sum(x, from, rows, columns, out, outFrom, checkpoint);
    }

    @Override
    public boolean isFinite(double[] x, int from, int n) {
        for (int done = 0; done < n; done += FINITE_BLOCK) {
            if (Double.isNaN(zero(x, from + done, Math.min(FINITE_BLOCK, n - done)))) {
                return false;
            }
        }
        return true;
    }

    /** The sum of 0 · x over the elements x. It is NaN if an element is not finite, which needs no branch for each element. */
    private static double zero(double[] x, int from, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            s0 += x[from + i] * 0;
            s1 += x[from + i + 1] * 0;
            s2 += x[from + i + 2] * 0;
            s3 += x[from + i + 3] * 0;
        }
        for (; i < n; i++) {
            s0 += x[from + i] * 0;
        }
        return (s0 + s1) + (s2 + s3);
    }

    @Override
    public int find(double value, double[] x, int from, int n) {
        int i = 0;
        while (i < n && x[from + i] != value) {
            i++;
        }
        return i;
    }

    @Override
    public double max(double[] x, int from, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, x[from + i]);
        }
        return max;
    }

    @Override
    public void chains(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        if (fresh) {
            Arrays.fill(c, cFrom, cFrom + m * n, 0);
        }
        RowProducts.add(m, n, k, a, b, c, cFrom, checkpoint);
    }

    @Override
    public void gemm(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel) {
        parallel.share(m, parallel.grain(2L * n * k), (from, end) -> {
            if (n == 1) {
                MatrixVector.multiply(end - from, k, a.fromRow(from), b, c, cFrom + from, parallel);
            } else {
                RowProducts.multiply(end - from, n, k, a.fromRow(from), b, c, cFrom + from * n, parallel);
            }
        });
    }

    @Override
    public void correlate(int m, int n, int k, double[] panels, double[] x, int from, int[] shifts, double[] c, Checkpoint checkpoint) {
        ShiftedProducts.multiply(m, n, k, panels, x, from, shifts, c, checkpoint);
    }

    @Override
    public void largest(Largest which, double[] x, int from, int[] origins, int begin, int n, int[] shifts, double[] out, int outFrom) {
        Windows.largest(which, x, from, origins, begin, n, shifts, out, outFrom);
    }

    @Override
    public void correlateAt(int m, int n, int k, double[] panels, double[] x, int[] from, int[] shifts, double[] c,
            Checkpoint checkpoint) {
        ShiftedProducts.multiplyAt(m, n, k, panels, x, from, shifts, c, checkpoint);
    }

    @Override
    public double dot(double[] x, int xFrom, double[] y, int yFrom, int n) {
        return BlockSums.dot(x, xFrom, 1, y, yFrom, 1, n);
    }

    @Override
    public void addMultiple(double factor, double[] x, int xFrom, double[] y, int yFrom, int n) {
        for (int i = 0; i < n; i++) {
            y[yFrom + i] = Math.fma(factor, x[xFrom + i], y[yFrom + i]);
        }
    }

    @Override
    public void rotate(double c, double s, double[] x, int xFrom, double[] y, int yFrom, int n) {
        for (int i = 0; i < n; i++) {
            double ofX = x[xFrom + i];
            double ofY = y[yFrom + i];
            x[xFrom + i] = Math.fma(c, ofX, -(s * ofY));
            y[yFrom + i] = Math.fma(c, ofY, s * ofX);
        }
    }

    @Override
    public void rotateRows(int count, double[] c, double[] s, int at, double[] x, int from, int step, int n) {
        for (int k = 0; k < count; k++) {
            int row = from + k * step;
            rotate(c[at + k], s[at + k], x, row + step, x, row, n);
        }
    }

    @Override
    public void rotateRowsTwice(int count, double[] c, double[] s, int second, double[] x, int from, int step, int n) {
        rotateRows(count + 1, c, s, 0, x, from, step, n);
        rotateRows(count, c, s, second, x, from, step, n);
    }
}
