package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import java.util.Arrays;

/**
 * A square matrix A − Σ lᵢ rᵢᵀ. The sum is subtracted for many i together, by a matrix product, which is faster than one by one. Until
 * then A is stored with the vectors, and every method that reads the matrix subtracts their products from what it returns (as LAPACK's
 * latrd and labrd do). As rows and columns are finished, the matrix shrinks to what is below and to the right
 * of them.
 */
final class DelayedUpdates {
    /** How many rows are added up in one sum. */
    private static final int ROWS = 8;

    private final double[] a;
    private final double[] left;
    private final double[] right;
    private final double[] factors;
    private final double[] sums;
    private final Checkpoint checkpoint;
    private int side;
    private int count;

    /** Of a row-major matrix, which is overwritten; at most this many updates are stored. */
    DelayedUpdates(double[] a, int side, int most, Checkpoint checkpoint) {
        this.a = a;
        this.side = side;
        this.left = new double[most * side];
        this.right = new double[most * side];
        this.factors = new double[most];
        this.sums = new double[side];
        this.checkpoint = checkpoint;
    }

    /** Writes row i from column {@code begin} on. */
    void row(int i, int begin, double[] out, int to) {
        System.arraycopy(a, i * side + begin, out, to, side - begin);
        for (int p = 0; p < count; p++) {
            factors[p] = -left[p * side + i];
        }
        subtract(right, begin, out, to);
    }

    /** Writes column j from row {@code begin} on. */
    void column(int j, int begin, double[] out, int to) {
        for (int i = begin; i < side; i++) {
            out[to + i - begin] = a[i * side + j];
        }
        for (int p = 0; p < count; p++) {
            factors[p] = -right[p * side + j];
        }
        subtract(left, begin, out, to);
    }

    /** Writes the product of the part from this row and column on and a vector, from there on. */
    void multiply(int row, int column, double[] x, int from, double[] out, int to) {
        multiply(side - row, side - column, new Matrix(a, row * side + column, side, 1), x, from, out, to);
        project(right, column, x, from);
        subtract(left, row, out, to);
    }

    /**
     * Writes the product of a vector and the part from this row and column on. It is summed up for some rows and then over these sums: in
     * one long sum of equal numbers the rounding errors would be equal too, and add up.
     */
    void multiplyTransposed(int row, int column, double[] x, int from, double[] out, int to) {
        int columns = side - column;
        Arrays.fill(out, to, to + columns, 0);
        for (int first = row; first < side; first += ROWS) {
            int rows = Math.min(ROWS, side - first);
            Kernels.best().chains(true, 1, columns, rows, Matrix.rows(x, from + first - row, rows),
                    new Matrix(a, first * side + column, side, 1), sums, 0, checkpoint);
            Kernels.best().binary(Kernels.Binary.ADD, out, to, 1, sums, 0, 1, out, to, columns);
        }
        project(left, row, x, from);
        subtract(right, column, out, to);
    }

    private void multiply(int m, int k, Matrix matrix, double[] x, int from, double[] out, int to) {
        Kernels.best().gemm(m, 1, k, matrix, Matrix.rows(x, from, 1), out, to, Parallel.onThisThread(checkpoint));
    }

    /** Makes the products of a vector and the vectors of the updates the factors that are subtracted. */
    private void project(double[] vectors, int begin, double[] x, int from) {
        multiply(count, side - begin, new Matrix(vectors, begin, side, 1), x, from, factors, 0);
        Kernels.best().unary(Kernels.Unary.NEG, factors, 0, factors, 0, count);
    }

    private void subtract(double[] vectors, int begin, double[] out, int to) {
        Kernels.best().chains(false, 1, side - begin, count, Matrix.rows(factors, 0, count), new Matrix(vectors, begin, side, 1), out, to,
                checkpoint);
    }

    /** Has l rᵀ subtracted; the elements of l are those from a row on, those of r from a column on. */
    void add(double[] l, int fromL, int row, double[] r, int fromR, int column) {
        System.arraycopy(l, fromL, left, count * side + row, side - row);
        System.arraycopy(r, fromR, right, count * side + column, side - column);
        count++;
    }

    /** Leaves out the first rows and columns, and subtracts all stored updates from the rest. */
    void shrink(int finished) {
        int smaller = side - finished;
        for (int i = 0; i < smaller; i++) {
            System.arraycopy(a, (finished + i) * side + finished, a, i * smaller, smaller);
        }
        Kernels.best().unary(Kernels.Unary.NEG, left, 0, left, 0, count * side);
        Kernels.best().chains(false, smaller, smaller, count, new Matrix(left, finished, 1, side), new Matrix(right, finished, side, 1), a,
                0,
                checkpoint);
        side = smaller;
        count = 0;
    }
}
