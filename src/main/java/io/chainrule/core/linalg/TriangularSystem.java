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
        new TriangularSystem(t, lower, unit, x, to, m, checkpoint).solve(0, n);
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
