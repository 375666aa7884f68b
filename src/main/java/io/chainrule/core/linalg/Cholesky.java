package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/** The Cholesky factor of a row-major n × n matrix by blocks of rows (LAPACK's potrf). */
public final class Cholesky {
    /** Rows of a block are subtracted one by one, and those before it by products: 16 took the least time of 16, 24 and 32 at n = 200. */
    private static final int BLOCK = 16;

    private final int n;
    /** The transposed factor, so that all loops run along rows. It begins at {@code to}, where the factor takes its place in the end. */
    private final double[] u;
    private final int to;
    private final Checkpoint checkpoint;

    private Cholesky(int n, double[] u, int to, Checkpoint checkpoint) {
        this.n = n;
        this.u = u;
        this.to = to;
        this.checkpoint = checkpoint;
    }

    /** Writes L with L Lᵀ = (A + Aᵀ) / 2, zeros above; false where that is not positive definite. */
    public static boolean write(double[] a, int from, int n, double[] l, int to, Checkpoint checkpoint) {
        Cholesky factor = new Cholesky(n, l, to, checkpoint);
        for (int first = 0; first < n; first += BLOCK) {
            if (!factor.addRows(a, from, first, Math.min(BLOCK, n - first))) {
                return false;
            }
        }
        factor.transpose();
        return true;
    }

    private int at(int row, int column) {
        return to + row * n + column;
    }

    private void transpose() {
        for (int first = 0; first < n; first += BLOCK) {
            for (int i = first; i < n; i++) {
                for (int j = first; j < Math.min(i, first + BLOCK); j++) {
                    u[at(i, j)] = u[at(j, i)];
                    u[at(j, i)] = 0;
                }
            }
        }
    }

    /** Computes rows of the factor from the diagonal on. */
    private boolean addRows(double[] a, int from, int first, int size) {
        checkpoint.check();
        int width = n - first;
        // Products are added to the negative of the matrix, since kernels do not subtract.
        double[] negative = new double[size * width];
        for (int j = 0; j < width; j++) {
            int column = from + first + j;
            int row = from + (first + j) * n + first;
            for (int i = 0; i < Math.min(size, j); i++) {
                negative[i * width + j] = -(0.5 * a[column + (first + i) * n] + 0.5 * a[row + i]);
            }
            if (j < size) {
                negative[j * width + j] = -a[row + j];
            }
        }
        if (first > 0) {
            Kernels.best().chains(false, size, width, first, new Matrix(u, to + first, 1, n), new Matrix(u, to + first, n, 1), negative, 0,
                    checkpoint);
        }
        for (int i = 0; i < size; i++) {
            Kernels.best().unary(Kernels.Unary.NEG, negative, i * width + i, u, at(first + i, first + i), width - i);
        }
        return eliminate(first, first + size);
    }

    /** Finishes rows of which the products with the rows before {@code first} have been subtracted. */
    private boolean eliminate(int first, int end) {
        Kernels kernels = Kernels.best();
        for (int k = first; k < end; k++) {
            int diagonal = at(k, k);
            if (u[diagonal] <= 0) {
                return false;
            }
            u[diagonal] = Math.sqrt(u[diagonal]);
            kernels.binary(Kernels.Binary.DIV, u, diagonal + 1, 1, u, diagonal, 0, u, diagonal + 1, n - k - 1);
            for (int i = k + 1; i < end; i++) {
                kernels.addMultiple(-u[at(k, i)], u, at(k, i), u, at(i, i), n - i);
            }
        }
        return true;
    }
}
