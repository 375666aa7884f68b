package io.chainrule.core.kernel;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/** Plain loops that run on every JVM. Loops over contiguous elements are simple enough for C2 to vectorise. */
public final class ScalarKernels implements Kernels {
    private static final int SUM_BLOCK = 256;
    private static final int ROWS_BETWEEN_CHECKS = 16;
    private static final int DEPTH_BLOCK = 256;
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
        // One loop per function: where one loop serves many lambdas, the JIT calls them for each element and does not inline them.
        switch (op) {
            case ADD -> loop((x, y) -> x + y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case SUB -> loop((x, y) -> x - y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MUL -> loop((x, y) -> x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case DIV -> loop((x, y) -> x / y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MAXIMUM -> loop(Math::max, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case MINIMUM -> loop(Math::min, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case STRONG -> loop((x, y) -> x == 0 ? 0 : x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case STRONG_BOTH -> loop((x, y) -> x == 0 || y == 0 ? 0 : x * y, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case EQ -> loop((x, y) -> x == y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case NE -> loop((x, y) -> x != y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LT -> loop((x, y) -> x < y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case LE -> loop((x, y) -> x <= y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GT -> loop((x, y) -> x > y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
            case GE -> loop((x, y) -> x >= y ? 1 : 0, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n);
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
        if (n > SUM_BLOCK) {
            int half = n / 2 / SUM_BLOCK * SUM_BLOCK;
            int first = Math.max(half, SUM_BLOCK);
            return sum(x, from, first) + sum(x, from + first, n - first);
        }
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            s0 += x[from + i];
            s1 += x[from + i + 1];
            s2 += x[from + i + 2];
            s3 += x[from + i + 3];
        }
        for (; i < n; i++) {
            s0 += x[from + i];
        }
        return (s0 + s1) + (s2 + s3);
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

    /** The sum of 0 times each element: NaN where one is not finite. */
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
    public double max(double[] x, int from, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, x[from + i]);
        }
        return max;
    }

    @Override
    public void gemm(int m, int n, int k, double[] a, int aFrom, double[] b, int bFrom, double[] c, int cFrom, Checkpoint checkpoint) {
        if (n == 1) {
            for (int i = 0; i < m; i++) {
                if (i % (ROWS_BETWEEN_CHECKS * 16) == 0) {
                    checkpoint.check();
                }
                c[cFrom + i] = dot(a, aFrom + i * k, b, bFrom, k);
            }
            return;
        }
        Arrays.fill(c, cFrom, cFrom + m * n, 0);
        for (int depth = 0; depth < k; depth += DEPTH_BLOCK) {
            int end = Math.min(k, depth + DEPTH_BLOCK);
            for (int i = 0; i < m; i++) {
                if (i % ROWS_BETWEEN_CHECKS == 0) {
                    checkpoint.check();
                }
                int row = cFrom + i * n;
                int p = depth;
                for (; p + 3 < end; p += 4) {
                    int left = aFrom + i * k + p;
                    addFourRows(n, a[left], a[left + 1], a[left + 2], a[left + 3], b, bFrom + p * n, c, row);
                }
                for (; p < end; p++) {
                    double factor = a[aFrom + i * k + p];
                    int right = bFrom + p * n;
                    for (int j = 0; j < n; j++) {
                        c[row + j] += factor * b[right + j];
                    }
                }
            }
        }
    }

    /** Takes four rows of b at a time, so that each element of c is read and written once for four products. */
    private static void addFourRows(int n, double a0, double a1, double a2, double a3, double[] b, int right, double[] c, int row) {
        int r1 = right + n;
        int r2 = r1 + n;
        int r3 = r2 + n;
        for (int j = 0; j < n; j++) {
            c[row + j] += (a0 * b[right + j] + a1 * b[r1 + j]) + (a2 * b[r2 + j] + a3 * b[r3 + j]);
        }
    }

    private static double dot(double[] a, int aFrom, double[] b, int bFrom, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            s0 += a[aFrom + i] * b[bFrom + i];
            s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
            s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
            s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
        }
        for (; i < n; i++) {
            s0 += a[aFrom + i] * b[bFrom + i];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
