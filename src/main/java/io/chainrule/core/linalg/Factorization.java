package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * Dense factorizations of one row-major n × n matrix: LU with partial pivoting (LAPACK's getrf, getrs, getri), Cholesky
 * (potrf), and the solution of triangular systems (trtrs).
 */
public final class Factorization {
    private static final int ROWS_BETWEEN_CHECKS = 64;

    private final int n;
    private final double[] lu;
    private final int[] rows;
    private int swaps;
    private boolean singular;

    private Factorization(int n, double[] lu) {
        this.n = n;
        this.lu = lu;
        this.rows = new int[n];
        Arrays.setAll(rows, i -> i);
    }

    /** PA = LU, with partial pivoting, of the matrix that begins at {@code from}. */
    public static Factorization of(double[] a, int from, int n, Checkpoint checkpoint) {
        Factorization f = new Factorization(n, Arrays.copyOfRange(a, from, from + n * n));
        f.eliminate(checkpoint);
        return f;
    }

    private void eliminate(Checkpoint checkpoint) {
        for (int k = 0; k < n; k++) {
            if (k % ROWS_BETWEEN_CHECKS == 0) {
                checkpoint.check();
            }
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(lu[i * n + k]) > Math.abs(lu[pivot * n + k])) {
                    pivot = i;
                }
            }
            if (pivot != k) {
                swap(k, pivot);
            }
            double top = lu[k * n + k];
            if (top == 0) {
                singular = true;
                continue;
            }
            for (int i = k + 1; i < n; i++) {
                double factor = lu[i * n + k] / top;
                lu[i * n + k] = factor;
                subtract(lu, i * n + k + 1, factor, lu, k * n + k + 1, n - k - 1);
            }
        }
    }

    private void swap(int i, int j) {
        for (int c = 0; c < n; c++) {
            double kept = lu[i * n + c];
            lu[i * n + c] = lu[j * n + c];
            lu[j * n + c] = kept;
        }
        int row = rows[i];
        rows[i] = rows[j];
        rows[j] = row;
        swaps++;
    }

    /** x −= factor · y, where y may be of the same array. */
    private static void subtract(double[] x, int at, double factor, double[] y, int from, int count) {
        for (int j = 0; j < count; j++) {
            x[at + j] -= factor * y[from + j];
        }
    }

    public boolean isSingular() {
        return singular;
    }

    public double determinant() {
        double product = swaps % 2 == 0 ? 1 : -1;
        for (int i = 0; i < n; i++) {
            product *= lu[i * n + i];
        }
        return product;
    }

    /** The sign of the determinant: 1, −1 or 0; NaN if an element is. */
    public double sign() {
        double sign = swaps % 2 == 0 ? 1 : -1;
        for (int i = 0; i < n; i++) {
            sign *= Math.signum(lu[i * n + i]);
        }
        return sign;
    }

    public double logAbsDeterminant() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Logarithm.log(Math.abs(lu[i * n + i]));
        }
        return singular ? Double.NEGATIVE_INFINITY : sum;
    }

    /** The sum of the magnitudes of the pivots' logarithms. */
    double sumOfLogarithms() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.abs(Logarithm.log(Math.abs(lu[i * n + i])));
        }
        return sum;
    }

    /** A bound on |A − Pᵀ L U|, element by element: n u |L| |U| (Higham 2002, theorem 9.3). */
    double[] backwardError() {
        double[] error = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k <= i; k++) {
                double left = i == k ? 1 : Math.abs(lu[i * n + k]);
                for (int j = k; j < n; j++) {
                    error[rows[i] * n + j] += (n + 1) * 0x1p-53 * left * Math.abs(lu[k * n + j]);
                }
            }
        }
        return error;
    }

    /** Solves A X = B for {@code m} columns; {@code x} may not be {@code b}. */
    public void solve(double[] b, int from, int m, double[] x, int to, Checkpoint checkpoint) {
        for (int i = 0; i < n; i++) {
            System.arraycopy(b, from + rows[i] * m, x, to + i * m, m);
        }
        substitute(lu, 0, n, false, true, true, x, to, m, checkpoint);
        substitute(lu, 0, n, false, false, false, x, to, m, checkpoint);
    }

    public void inverse(double[] x, int to, Checkpoint checkpoint) {
        double[] identity = new double[n * n];
        for (int i = 0; i < n; i++) {
            identity[i * n + i] = 1;
        }
        solve(identity, 0, n, x, to, checkpoint);
    }

    /** Overwrites {@code x}, n × m, with T⁻¹ x, where T is a triangle of the matrix at {@code from}, or its transpose. */
    public static void substitute(double[] a, int from, int n, boolean transposed, boolean lower, boolean unit, double[] x, int to, int m,
            Checkpoint checkpoint) {
        boolean forward = lower != transposed;
        for (int step = 0; step < n; step++) {
            if (step % ROWS_BETWEEN_CHECKS == 0) {
                checkpoint.check();
            }
            int i = forward ? step : n - 1 - step;
            for (int before = 0; before < step; before++) {
                int k = forward ? before : n - 1 - before;
                subtract(x, to + i * m, transposed ? a[from + k * n + i] : a[from + i * n + k], x, to + k * m, m);
            }
            if (!unit) {
                for (int j = 0; j < m; j++) {
                    x[to + i * m + j] /= a[from + i * n + i];
                }
            }
        }
    }

    /** Writes L with L Lᵀ = (A + Aᵀ) / 2, zeros above; false where that is not positive definite. */
    public static boolean cholesky(double[] a, int from, int n, double[] l, Checkpoint checkpoint) {
        for (int i = 0; i < n; i++) {
            if (i % ROWS_BETWEEN_CHECKS == 0) {
                checkpoint.check();
            }
            for (int j = 0; j <= i; j++) {
                double rest = i == j ? a[from + i * n + j] : 0.5 * a[from + i * n + j] + 0.5 * a[from + j * n + i];
                for (int k = 0; k < j; k++) {
                    rest -= l[from + i * n + k] * l[from + j * n + k];
                }
                if (i == j && rest <= 0) {
                    return false;
                }
                l[from + i * n + j] = i == j ? Math.sqrt(rest) : rest / l[from + j * n + j];
            }
            Arrays.fill(l, from + i * n + i + 1, from + (i + 1) * n, 0);
        }
        return true;
    }

    /**
     * Writes each element's cofactor: det(A) A⁻ᵀ, or, where A is singular, the signed determinant of the matrix without its row
     * and column.
     */
    public static void cofactors(double[] a, int from, int n, double[] result, Checkpoint checkpoint) {
        Factorization whole = of(a, from, n, checkpoint);
        double determinant = whole.determinant();
        if (!whole.singular && determinant != 0) {
            double[] inverse = new double[n * n];
            whole.inverse(inverse, 0, checkpoint);
            for (int i = 0; i < n * n; i++) {
                result[from + i] = determinant * inverse[i % n * n + i / n];
            }
            return;
        }
        double[] minor = new double[(n - 1) * (n - 1)];
        for (int i = 0; i < n * n; i++) {
            int at = 0;
            for (int j = 0; j < n * n; j++) {
                if (j / n != i / n && j % n != i % n) {
                    minor[at++] = a[from + j];
                }
            }
            result[from + i] = ((i / n + i % n) % 2 == 0 ? 1 : -1) * of(minor, 0, n - 1, checkpoint).determinant();
        }
    }
}
