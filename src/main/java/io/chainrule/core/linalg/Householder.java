package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Checkpoint;
import org.jspecify.annotations.Nullable;

/**
 * The reduced QR factors of matrices by Householder reflections (Golub and Van Loan, 2013, §5.2), with the signs that
 * LAPACK's geqrf gives them: each diagonal element of R has the opposite sign of the element that it replaces.
 */
public final class Householder {
    private Householder() {}

    /** Writes Q and R of {@code count} matrices of m rows and n columns, one after the other; null is not wanted. */
    public static void write(double[] x, int m, int n, int count, double @Nullable [] q, double @Nullable [] r, Checkpoint checkpoint) {
        int k = Math.min(m, n);
        for (int i = 0; i < count; i++) {
            checkpoint.check();
            double[][] columns = columns(x, i * m * n, m, n);
            double[][] reflectors = reduce(columns, k, checkpoint);
            if (r != null) {
                for (int row = 0; row < k; row++) {
                    for (int j = 0; j < n; j++) {
                        r[i * k * n + row * n + j] = row <= j ? columns[j][row] : 0;
                    }
                }
            }
            if (q != null) {
                writeQ(reflectors, m, k, q, i * m * k, checkpoint);
            }
        }
    }

    /** The columns of a row-major matrix as arrays of their own. */
    static double[][] columns(double[] a, int from, int m, int n) {
        double[][] columns = new double[n][m];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                columns[j][i] = a[from + i * n + j];
            }
        }
        return columns;
    }

    /** Turns the columns into those of R and returns the vector v of each reflection I − v vᵀ; v is zero where none is needed. */
    private static double[][] reduce(double[][] columns, int k, Checkpoint checkpoint) {
        double[][] reflectors = new double[k][];
        for (int j = 0; j < k; j++) {
            checkpoint.check();
            double[] column = columns[j];
            double[] v = new double[column.length];
            reflectors[j] = v;
            double below = norm(column, j + 1);
            if (below == 0) {
                continue;
            }
            double diagonal = column[j] >= 0 ? -Root.hypot(column[j], below) : Root.hypot(column[j], below);
            double root = Math.sqrt(1 + Math.abs(column[j] / diagonal));
            v[j] = Math.copySign(root, -diagonal);
            for (int i = j + 1; i < v.length; i++) {
                v[i] = column[i] / Math.abs(diagonal) / root;
                column[i] = 0;
            }
            column[j] = diagonal;
            for (int other = j + 1; other < columns.length; other++) {
                reflect(v, j, columns[other]);
            }
        }
        return reflectors;
    }

    private static void reflect(double[] v, int from, double[] x) {
        double product = 0;
        for (int i = from; i < x.length; i++) {
            product += v[i] * x[i];
        }
        for (int i = from; i < x.length; i++) {
            x[i] -= product * v[i];
        }
    }

    private static void writeQ(double[][] reflectors, int m, int k, double[] q, int to, Checkpoint checkpoint) {
        for (int j = 0; j < k; j++) {
            checkpoint.check();
            double[] column = new double[m];
            column[j] = 1;
            for (int h = j; h >= 0; h--) {
                reflect(reflectors[h], h, column);
            }
            for (int i = 0; i < m; i++) {
                q[to + i * k + j] = column[i];
            }
        }
    }

    /** The Euclidean norm of the elements from {@code from} on, without intermediate overflow or underflow. */
    static double norm(double[] x, int from) {
        double largest = 0;
        for (int i = from; i < x.length; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        if (largest == 0 || !Double.isFinite(largest)) {
            return largest;
        }
        double squares = 0;
        for (int i = from; i < x.length; i++) {
            squares += x[i] / largest * (x[i] / largest);
        }
        return largest * Math.sqrt(squares);
    }
}
