package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

/** The Cholesky factor of a row-major n × n matrix by blocks of rows (LAPACK's potrf). */
public final class Cholesky {
    private static final int BLOCK = 32;

    private final int n;
    /** The transposed factor, so that all loops run along rows. */
    private final double[] u;
    private final Checkpoint checkpoint;

    private Cholesky(int n, Checkpoint checkpoint) {
        this.n = n;
        this.u = new double[n * n];
        this.checkpoint = checkpoint;
    }

    /** Writes L with L Lᵀ = (A + Aᵀ) / 2, zeros above; false where that is not positive definite. */
    public static boolean write(double[] a, int from, int n, double[] l, int to, Checkpoint checkpoint) {
        Cholesky factor = new Cholesky(n, checkpoint);
        for (int first = 0; first < n; first += BLOCK) {
            if (!factor.addRows(a, from, first, Math.min(BLOCK, n - first))) {
                return false;
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                l[to + i * n + j] = factor.u[j * n + i];
            }
            Arrays.fill(l, to + i * n + i + 1, to + (i + 1) * n, 0);
        }
        return true;
    }

    /** Computes rows of the factor from the diagonal on. */
    private boolean addRows(double[] a, int from, int first, int size) {
        checkpoint.check();
        int width = n - first;
        // Products are added to the negative of the matrix, since kernels do not subtract.
        double[] negative = new double[size * width];
        for (int i = 0; i < size; i++) {
            int row = first + i;
            negative[i * width + i] = -a[from + row * n + row];
            for (int j = i + 1; j < width; j++) {
                int column = first + j;
                negative[i * width + j] = -(0.5 * a[from + row * n + column] + 0.5 * a[from + column * n + row]);
            }
        }
        if (first > 0) {
            Kernels.best().chains(false, size, width, first, new Matrix(u, first, 1, n), new Matrix(u, first, n, 1), negative, 0,
                    checkpoint);
        }
        for (int i = 0; i < size; i++) {
            for (int j = i; j < width; j++) {
                u[(first + i) * n + first + j] = -negative[i * width + j];
            }
        }
        return eliminate(first, first + size);
    }

    /** Finishes rows of which the products with the rows before {@code first} have been subtracted. */
    private boolean eliminate(int first, int end) {
        Kernels kernels = Kernels.best();
        for (int k = first; k < end; k++) {
            int diagonal = k * n + k;
            if (u[diagonal] <= 0) {
                return false;
            }
            u[diagonal] = Math.sqrt(u[diagonal]);
            kernels.binary(Kernels.Binary.DIV, u, diagonal + 1, 1, u, diagonal, 0, u, diagonal + 1, n - k - 1);
            for (int i = k + 1; i < end; i++) {
                kernels.addMultiple(-u[k * n + i], u, k * n + i, u, i * n + i, n - i);
            }
        }
        return true;
    }
}
