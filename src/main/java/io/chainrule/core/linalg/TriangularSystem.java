package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;

/** The solution of triangular systems (LAPACK's trtrs) by halves of the triangle, so that matrix products do nearly all of the work. */
public final class TriangularSystem {
    private static final int SMALL = 8;

    private final Matrix t;
    private final boolean lower;
    private final boolean unit;
    private final double[] x;
    private final int to;
    private final int m;
    private final Checkpoint checkpoint;

    private TriangularSystem(Matrix t, boolean lower, boolean unit, double[] x, int to, int m, Checkpoint checkpoint) {
        this.t = t;
        this.lower = lower;
        this.unit = unit;
        this.x = x;
        this.to = to;
        this.m = m;
        this.checkpoint = checkpoint;
    }

    /**
     * Overwrites the n × m matrix at {@code to} with T⁻¹ times it, where T is a triangle of {@code t}; the rest of {@code t} is not read,
     * nor is the diagonal if it counts as ones.
     */
    public static void solve(Matrix t, int n, boolean lower, boolean unit, double[] x, int to, int m, Checkpoint checkpoint) {
        TriangularSystem system = new TriangularSystem(t, lower, unit, x, to, m, checkpoint);
        if (m == 1 && n > SMALL && t.columnStride() == 1) {
            system.substituteByRows(n);
        } else if (m == 1 && n > SMALL && t.rowStride() == 1) {
            system.substituteByColumns(n);
        } else {
            system.solve(0, n);
        }
    }

    /** Solves for a vector, of which products of matrices would have one column only: each element by a row of the triangle. */
    private void substituteByRows(int n) {
        for (int k = 0; k < n; k++) {
            int i = lower ? k : n - 1 - k;
            int known = lower ? 0 : i + 1;
            x[to + i] -= Kernels.best().dot(t.values(), t.index(i, known), x, to + known, k);
            divide(i);
        }
    }

    /**
     * The same where columns of the triangle lie in memory as rows do otherwise: each element is subtracted from those that depend on it.
     */
    private void substituteByColumns(int n) {
        for (int k = 0; k < n; k++) {
            int i = lower ? k : n - 1 - k;
            int depending = lower ? i + 1 : 0;
            divide(i);
            Kernels.best().addMultiple(-x[to + i], t.values(), t.index(depending, i), x, to + depending, n - 1 - k);
        }
    }

    private void divide(int i) {
        if (!unit) {
            x[to + i] /= t.values()[t.index(i, i)];
        }
    }

    private void solve(int from, int end) {
        if (end - from <= SMALL) {
            substitute(lower ? from : end - 1, end - from);
            return;
        }
        int middle = from + (end - from + SMALL) / (2 * SMALL) * SMALL;
        if (lower) {
            solve(from, middle);
            subtract(middle, end, from, middle);
            solve(middle, end);
        } else {
            solve(middle, end);
            subtract(from, middle, middle, end);
            solve(from, middle);
        }
    }

    /** Subtracts from rows of x the products of the triangle and known rows. */
    private void subtract(int row, int end, int known, int endOfKnown) {
        int columns = endOfKnown - known;
        // Products with the negative rows are added, since kernels do not subtract.
        double[] negative = new double[columns * m];
        Kernels.best().unary(Kernels.Unary.NEG, x, to + known * m, negative, 0, columns * m);
        Matrix factors = new Matrix(t.values(), t.index(row, known), t.rowStride(), t.columnStride());
        Kernels.best().chains(false, end - row, m, columns, factors, Matrix.rows(negative, 0, m), x, to + row * m, checkpoint);
    }

    /** Solves for rows by the rows between them and {@code start}, which is the first one to be known. */
    private void substitute(int start, int count) {
        Kernels kernels = Kernels.best();
        int step = lower ? 1 : -1;
        for (int i = start; i != start + step * count; i += step) {
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
