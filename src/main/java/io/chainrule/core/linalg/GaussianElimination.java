package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/**
 * Factors one matrix for {@link Factorization}. After some columns have been factored, the part of the matrix to the right and below is
 * changed by one product, so that products do most of the work. That part lies dense at the beginning of an array, as kernels write it.
 */
final class GaussianElimination {
    /**
     * Columns of a block are eliminated one by one, and the rest changed by products: 16 took the least time of 16, 24 and 32 at n = 200.
     */
    private static final int BLOCK = 16;

    private final double[] lu;
    private final int from;
    private final int n;
    private final Checkpoint checkpoint;
    private final Kernels kernels = Kernels.best();
    private final double[] rest;
    private final double[] columns;
    private final double[] kept;

    /** Writes L, U and the permutation of the matrix that begins at {@code source}, as {@link Factorization#at} reads them. */
    GaussianElimination(double[] a, int source, double[] lu, int from, int n, Checkpoint checkpoint) {
        this.lu = lu;
        this.from = from;
        this.n = n;
        this.checkpoint = checkpoint;
        this.rest = new double[n * n];
        this.columns = new double[n * Math.min(BLOCK, n)];
        this.kept = new double[n];
        System.arraycopy(a, source, rest, 0, n * n);
        for (int i = 0; i < n; i++) {
            lu[at(n, i)] = i;
        }
    }

    void run() {
        for (int first = 0; first < n; first += BLOCK) {
            checkpoint.check();
            int side = n - first;
            int width = Math.min(BLOCK, side);
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < width; j++) {
                    columns[j * side + i] = rest[i * side + j];
                }
            }
            eliminate(first, width);
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < width; j++) {
                    lu[at(first + i, first + j)] = columns[j * side + i];
                }
            }
            if (width < side) {
                change(first, width);
            }
        }
    }

    private int at(int row, int column) {
        return from + row * n + column;
    }

    /** Factors columns, which begin at the diagonal, one after the other. */
    private void eliminate(int first, int width) {
        int rows = n - first;
        for (int k = 0; k < width; k++) {
            int column = k * rows;
            int pivot = k + largest(columns, column + k, rows - k);
            if (pivot != k) {
                swap(first, width, k, pivot);
            }
            if (columns[column + k] == 0) {
                continue;
            }
            int below = rows - k - 1;
            kernels.binary(Kernels.Binary.DIV, columns, column + k + 1, 1, columns, column + k, 0, columns, column + k + 1, below);
            for (int j = k + 1; j < width; j++) {
                kernels.addMultiple(-columns[j * rows + k], columns, column + k + 1, columns, j * rows + k + 1, below);
            }
        }
    }

    /**
     * The position of the element of largest magnitude, the first of equals. NaN counts as larger than all others: as a pivot it makes all
     * NaN that is computed from it, while a smaller pivot in its place might be a zero, so that the matrix seemed to be singular.
     */
    private static int largest(double[] x, int from, int count) {
        int found = 0;
        double largest = -1;
        for (int i = 0; i < count; i++) {
            double size = Math.abs(x[from + i]);
            if (!(size <= largest)) {
                if (Double.isNaN(size)) {
                    return i;
                }
                found = i;
                largest = size;
            }
        }
        return found;
    }

    /** Exchanges two rows, counted from {@code first}, of all that has been factored or is left. */
    private void swap(int first, int width, int i, int j) {
        int side = n - first;
        for (int column = 0; column < width; column++) {
            double value = columns[column * side + i];
            columns[column * side + i] = columns[column * side + j];
            columns[column * side + j] = value;
        }
        exchange(rest, i * side + width, j * side + width, side - width);
        exchange(lu, at(first + i, 0), at(first + j, 0), first);
        exchange(lu, at(n, first + i), at(n, first + j), 1);
    }

    private void exchange(double[] x, int one, int other, int count) {
        System.arraycopy(x, one, kept, 0, count);
        System.arraycopy(x, other, x, one, count);
        System.arraycopy(kept, 0, x, other, count);
    }

    /** Computes the rows of U beside factored columns, and subtracts the product of the columns and these rows from what is left. */
    private void change(int first, int width) {
        int side = n - first;
        int smaller = side - width;
        double[] rows = new double[width * smaller];
        for (int i = 0; i < width; i++) {
            System.arraycopy(rest, i * side + width, rows, i * smaller, smaller);
        }
        TriangularSystem.solve(Matrix.rows(lu, at(first, first), n), width, true, true, rows, 0, smaller, checkpoint);
        for (int i = 0; i < width; i++) {
            System.arraycopy(rows, i * smaller, lu, at(first + i, first + width), smaller);
        }
        for (int i = 0; i < smaller; i++) {
            System.arraycopy(rest, (width + i) * side + width, rest, i * smaller, smaller);
        }
        // Products with the negative rows are added, since kernels do not subtract.
        kernels.unary(Kernels.Unary.NEG, rows, 0, rows, 0, rows.length);
        kernels.chains(false, smaller, smaller, width, new Matrix(columns, width, 1, side), Matrix.rows(rows, 0, smaller), rest, 0,
                checkpoint);
    }
}
