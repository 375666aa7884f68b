package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/** Factors one matrix for {@link Factorization}: a block of columns at a time, from the blocks before it. */
final class GaussianElimination {
    private static final int BLOCK = 32;

    private final double[] lu;
    private final int from;
    private final int n;
    private final Checkpoint checkpoint;
    private final Kernels kernels = Kernels.best();

    /** Overwrites the matrix that begins at {@code from} with L and U, and permutes the row of numbers after it as the matrix's rows. */
    GaussianElimination(double[] lu, int from, int n, Checkpoint checkpoint) {
        this.lu = lu;
        this.from = from;
        this.n = n;
        this.checkpoint = checkpoint;
    }

    void run() {
        double[] block = new double[n * Math.min(BLOCK, n)];
        double[] columns = new double[block.length];
        for (int first = 0; first < n; first += BLOCK) {
            checkpoint.check();
            int width = Math.min(BLOCK, n - first);
            for (int i = 0; i < n; i++) {
                System.arraycopy(lu, at(i, first), block, i * width, width);
            }
            TriangularSystem.solve(Matrix.rows(lu, from, n), first, true, true, block, 0, width, checkpoint);
            for (int i = 0; i < first; i++) {
                System.arraycopy(block, i * width, lu, at(i, first), width);
            }
            subtractProducts(block, first, width, columns);
            eliminate(columns, first, width);
        }
    }

    private int at(int row, int column) {
        return from + row * n + column;
    }

    /** Writes the rows of a block from {@code first} on, without the products of the factors' earlier parts, column after column. */
    private void subtractProducts(double[] block, int first, int width, double[] columns) {
        int rows = n - first;
        // Products are added to the negative of the matrix, since kernels do not subtract.
        kernels.unary(Kernels.Unary.NEG, block, first * width, block, first * width, rows * width);
        if (first > 0) {
            kernels.chains(false, rows, width, first, Matrix.rows(lu, at(first, 0), n), Matrix.rows(block, 0, width), block, first * width,
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
        int rows = n - first;
        for (int k = 0; k < width; k++) {
            int column = k * rows;
            int pivot = k + largest(columns, column + k, rows - k);
            if (pivot != k) {
                swap(first + k, first + pivot);
                for (int j = 0; j < width; j++) {
                    exchange(columns, j * rows + k, j * rows + pivot, 1);
                }
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
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                lu[at(first + i, first + j)] = columns[j * rows + i];
            }
        }
    }

    /**
     * The position of the element of largest magnitude, the first of equals. NaN counts as larger than all others: as a pivot it makes all NaN
     * that is computed from it, while a smaller pivot in its place might be a zero, so that the matrix seemed to be singular.
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

    private void swap(int i, int j) {
        exchange(lu, at(i, 0), at(j, 0), n);
        exchange(lu, at(n, i), at(n, j), 1);
    }

    private static void exchange(double[] x, int one, int other, int count) {
        for (int i = 0; i < count; i++) {
            double kept = x[one + i];
            x[one + i] = x[other + i];
            x[other + i] = kept;
        }
    }
}
