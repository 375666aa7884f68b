package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/** LU factors of a row-major n × n matrix with partial pivoting, by blocks of columns, and what follows from them (LAPACK's getrf, getrs, getri). */
public final class Factorization {
    private static final int BLOCK = 32;

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

    /** Computes a block of columns at a time from the blocks before it. */
    private void eliminate(Checkpoint checkpoint) {
        double[] block = new double[n * Math.min(BLOCK, n)];
        double[] columns = new double[block.length];
        for (int first = 0; first < n; first += BLOCK) {
            checkpoint.check();
            int width = Math.min(BLOCK, n - first);
            for (int i = 0; i < n; i++) {
                System.arraycopy(lu, i * n + first, block, i * width, width);
            }
            TriangularSystem.solve(Matrix.rows(lu, 0, n), first, true, true, block, 0, width, checkpoint);
            for (int i = 0; i < first; i++) {
                System.arraycopy(block, i * width, lu, i * n + first, width);
            }
            subtractProducts(block, first, width, columns, checkpoint);
            eliminate(columns, first, width);
        }
    }

    /** Writes the rows of a block from {@code first} on, without the products of the factors' earlier parts, column after column. */
    private void subtractProducts(double[] block, int first, int width, double[] columns, Checkpoint checkpoint) {
        int rows = n - first;
        // Products are added to the negative of the matrix, since kernels do not subtract.
        Kernels.best().unary(Kernels.Unary.NEG, block, first * width, block, first * width, rows * width);
        if (first > 0) {
            Kernels.best().chains(false, rows, width, first, Matrix.rows(lu, first * n, n), Matrix.rows(block, 0, width), block,
                    first * width,
                    checkpoint);
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                columns[j * rows + i] = -block[(first + i) * width + j];
            }
        }
    }

    /** Factors columns, which begin at the diagonal, one after the other. */
    private void eliminate(double[] columns, int first, int width) {
        Kernels kernels = Kernels.best();
        int rows = n - first;
        for (int k = 0; k < width; k++) {
            int column = k * rows;
            int pivot = k;
            for (int i = k + 1; i < rows; i++) {
                if (Math.abs(columns[column + i]) > Math.abs(columns[column + pivot])) {
                    pivot = i;
                }
            }
            if (pivot != k) {
                swap(first + k, first + pivot);
                for (int j = 0; j < width; j++) {
                    double kept = columns[j * rows + k];
                    columns[j * rows + k] = columns[j * rows + pivot];
                    columns[j * rows + pivot] = kept;
                }
            }
            if (columns[column + k] == 0) {
                singular = true;
                continue;
            }
            int below = rows - k - 1;
            kernels.binary(Kernels.Binary.DIV, columns, column + k + 1, 1, columns, column + k, 0, columns, column + k + 1, below);
            for (int j = k + 1; j < width; j++) {
                kernels.addMultiple(-columns[j * rows + k], columns, column + k + 1, columns, j * rows + k + 1, below);
            }
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                lu[(first + i) * n + first + j] = columns[j * rows + i];
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
        TriangularSystem.solve(Matrix.rows(lu, 0, n), n, true, true, x, to, m, checkpoint);
        TriangularSystem.solve(Matrix.rows(lu, 0, n), n, false, false, x, to, m, checkpoint);
    }

    public void inverse(double[] x, int to, Checkpoint checkpoint) {
        double[] identity = new double[n * n];
        for (int i = 0; i < n; i++) {
            identity[i * n + i] = 1;
        }
        solve(identity, 0, n, x, to, checkpoint);
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
