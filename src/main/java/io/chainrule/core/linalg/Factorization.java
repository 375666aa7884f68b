package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/**
 * LU factors of a row-major n × n matrix with partial pivoting, by blocks of columns, and what follows from them (LAPACK's getrf, getrs,
 * getri).
 */
public final class Factorization {
    private final int n;
    /**
     * The factors, of which L has a diagonal of ones that is not stored; after them, for each of their rows, the row of the matrix that it
     * comes from.
     */
    private final double[] lu;
    private final int from;

    private Factorization(double[] lu, int from, int n) {
        this.lu = lu;
        this.from = from;
        this.n = n;
    }

    /** PA = LU, with partial pivoting, of the matrix that begins at {@code from}. */
    public static Factorization of(double[] a, int from, int n, Checkpoint checkpoint) {
        double[] result = new double[(n + 1) * n];
        write(a, from, n, result, 0, checkpoint);
        return at(result, 0, n);
    }

    /** Factors a matrix, and writes the factors and the order of the rows, n + 1 rows in all, for {@link #at} to read. */
    public static void write(double[] a, int from, int n, double[] result, int to, Checkpoint checkpoint) {
        new GaussianElimination(a, from, result, to, n, checkpoint).run();
    }

    /** What {@link #write} wrote there. */
    public static Factorization at(double[] written, int from, int n) {
        return new Factorization(written, from, n);
    }

    public boolean isSingular() {
        for (int i = 0; i < n; i++) {
            if (pivot(i) == 0) {
                return true;
            }
        }
        return false;
    }

    private double pivot(int i) {
        return lu[from + i * (n + 1)];
    }

    /** The row of the matrix that row i of the factors comes from. */
    private int row(int i) {
        return (int) lu[from + n * n + i];
    }

    /** The determinant of P, whose cycles of k rows take k − 1 swaps each. */
    private int parity() {
        boolean[] seen = new boolean[n];
        int cycles = 0;
        for (int i = 0; i < n; i++) {
            cycles += seen[i] ? 0 : 1;
            for (int next = i; !seen[next]; next = row(next)) {
                seen[next] = true;
            }
        }
        return (n - cycles) % 2 == 0 ? 1 : -1;
    }

    public double determinant() {
        double product = parity();
        for (int i = 0; i < n; i++) {
            product *= pivot(i);
        }
        return product;
    }

    /** The sign of the determinant: 1, −1 or 0; NaN if an element is. */
    public double sign() {
        double sign = parity();
        for (int i = 0; i < n; i++) {
            sign *= Math.signum(pivot(i));
        }
        return sign;
    }

    public double logAbsDeterminant() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Logarithm.log(Math.abs(pivot(i)));
        }
        return isSingular() ? Double.NEGATIVE_INFINITY : sum;
    }

    /** The sum of the magnitudes of the pivots' logarithms. */
    double sumOfLogarithms() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.abs(Logarithm.log(Math.abs(pivot(i))));
        }
        return sum;
    }

    /** A bound on |A − Pᵀ L U|, element by element: n u |L| |U| (Higham 2002, theorem 9.3). */
    double[] backwardError() {
        double[] error = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k <= i; k++) {
                double left = i == k ? 1 : Math.abs(lu[from + i * n + k]);
                for (int j = k; j < n; j++) {
                    error[row(i) * n + j] += (n + 1) * 0x1p-53 * left * Math.abs(lu[from + k * n + j]);
                }
            }
        }
        return error;
    }

    /** Solves A X = B for {@code m} columns; {@code x} may not be {@code b}. */
    public void solve(double[] b, int bFrom, int m, double[] x, int to, Checkpoint checkpoint) {
        for (int i = 0; i < n; i++) {
            System.arraycopy(b, bFrom + row(i) * m, x, to + i * m, m);
        }
        Matrix factors = Matrix.rows(lu, from, n);
        TriangularSystem.solve(factors, n, true, true, x, to, m, checkpoint);
        TriangularSystem.solve(factors, n, false, false, x, to, m, checkpoint);
    }

    /** Solves Aᵀ X = B, likewise. */
    public void solveTransposed(double[] b, int bFrom, int m, double[] x, int to, Checkpoint checkpoint) {
        double[] permuted = Arrays.copyOfRange(b, bFrom, bFrom + n * m);
        Matrix factors = Matrix.transposed(lu, from, n);
        TriangularSystem.solve(factors, n, true, false, permuted, 0, m, checkpoint);
        TriangularSystem.solve(factors, n, false, true, permuted, 0, m, checkpoint);
        for (int i = 0; i < n; i++) {
            System.arraycopy(permuted, i * m, x, to + row(i) * m, m);
        }
    }

    public void inverse(double[] x, int to, Checkpoint checkpoint) {
        solve(Identity.of(n), 0, n, x, to, checkpoint);
    }

    /**
     * Writes each element's cofactor of the matrix that was factored, which begins at {@code aFrom}: det(A) A⁻ᵀ, or, where A is singular,
     * the signed determinant of the matrix without its row and column.
     */
    public void cofactors(double[] a, int aFrom, double[] result, int to, Checkpoint checkpoint) {
        double determinant = determinant();
        if (!isSingular() && determinant != 0) {
            double[] inverse = new double[n * n];
            inverse(inverse, 0, checkpoint);
            for (int i = 0; i < n * n; i++) {
                result[to + i] = determinant * inverse[i % n * n + i / n];
            }
            return;
        }
        double[] minor = new double[(n - 1) * (n - 1)];
        for (int i = 0; i < n * n; i++) {
            int at = 0;
            for (int j = 0; j < n * n; j++) {
                if (j / n != i / n && j % n != i % n) {
                    minor[at++] = a[aFrom + j];
                }
            }
            result[to + i] = ((i / n + i % n) % 2 == 0 ? 1 : -1) * of(minor, 0, n - 1, checkpoint).determinant();
        }
    }
}
