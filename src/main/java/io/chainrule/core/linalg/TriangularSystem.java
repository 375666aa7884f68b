package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/** The solution of triangular systems (LAPACK's trtrs) by blocks of rows, so that matrix products do nearly all of the work. */
public final class TriangularSystem {
    private static final int BLOCK = 32;

    private TriangularSystem() {}

    /**
     * Overwrites the n × m matrix at {@code to} with T⁻¹ times it, where T is a triangle of {@code t}; the rest of {@code t} is not read,
     * nor is the diagonal if it counts as ones.
     */
    public static void solve(Matrix t, int n, boolean lower, boolean unit, double[] x, int to, int m, Checkpoint checkpoint) {
        double[] factors = new double[n > BLOCK ? BLOCK * n : 0];
        for (int done = 0; done < n; done += BLOCK) {
            checkpoint.check();
            int size = Math.min(BLOCK, n - done);
            int first = lower ? done : n - done - size;
            if (done > 0) {
                int known = lower ? 0 : first + size;
                negate(t, first, size, known, done, factors);
                Kernels.best().chains(false, size, m, done, Matrix.rows(factors, 0, done), Matrix.rows(x, to + known * m, m), x,
                        to + first * m, checkpoint);
            }
            substitute(t, first, size, lower, unit, x, to, m);
        }
    }

    private static void negate(Matrix t, int row, int rows, int column, int columns, double[] factors) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                factors[i * columns + j] = -t.values()[t.index(row + i, column + j)];
            }
        }
    }

    /** Solves for the rows of one block on the diagonal. */
    private static void substitute(Matrix t, int first, int size, boolean lower, boolean unit, double[] x, int to, int m) {
        Kernels kernels = Kernels.best();
        int start = lower ? first : first + size - 1;
        int step = lower ? 1 : -1;
        for (int i = start; i != start + step * size; i += step) {
            int row = to + i * m;
            for (int k = start; k != i; k += step) {
                kernels.addMultiple(-t.values()[t.index(i, k)], x, to + k * m, x, row, m);
            }
            if (!unit) {
                kernels.binary(Kernels.Binary.DIV, x, row, 1, t.values(), t.index(i, i), 0, x, row, m);
            }
        }
    }
}
