package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.kernel.Parallel;
import io.chainrule.core.tensor.Checkpoint;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix by Householder's reduction to a tridiagonal matrix and the implicit QL algorithm
 * (Golub and Van Loan, 2013, §8.3; LAPACK's sytrd and steqr). Errors are a few roundings of the norm of the matrix.
 */
final class Tridiagonal {
    private static final int ROWS = 32;
    private static final int MOST_ITERATIONS = 60;
    private static final double UNIT = 0x1p-53;
    /** What is smaller than this counts as 0 in a matrix with an element 1: its square would lose digits to underflow. */
    private static final double SMALL = 0x1p-450;

    private final int n;
    private final double[] diagonal;
    /** Element i stands beside elements i and i + 1 of the diagonal; the last is 0. */
    private final double[] beside;
    private final Reflections reflections;
    private final Checkpoint checkpoint;

    private Tridiagonal(int n, Checkpoint checkpoint) {
        this.n = n;
        this.diagonal = new double[n];
        this.beside = new double[n];
        this.reflections = new Reflections(n, 1, n - 1);
        this.checkpoint = checkpoint;
    }

    /** Reduces a matrix, which it overwrites. */
    static Tridiagonal of(double[] a, int n, Checkpoint checkpoint) {
        Tridiagonal reduced = new Tridiagonal(n, checkpoint);
        reduced.reduce(a);
        return reduced;
    }

    /**
     * Each step turns A into A − v wᵀ − w vᵀ, with w = p − ½ (vᵀ p) v and p = A v. A row is changed for one step and multiplied with the
     * next step's v while it is in the cache.
     */
    private void reduce(double[] a) {
        Kernels kernels = Kernels.best();
        double[] v = reflections.vectors();
        double[] w = new double[n];
        double[] p = new double[n];
        for (int k = 0; k < n; k++) {
            checkpoint.check();
            update(a, k, k, v, w);
            diagonal[k] = a[k * n + k];
            int rest = n - k - 1;
            if (rest == 0) {
                return;
            }
            beside[k] = reflections.add(k, a, k * n + k + 1);
            int start = reflections.start(k);
            for (int i = k + 1; i < n; i += ROWS) {
                int end = Math.min(n, i + ROWS);
                for (int row = i; row < end; row++) {
                    update(a, row, k, v, w);
                }
                kernels.gemm(end - i, 1, rest, new Matrix(a, i * n + k + 1, n, 1), new Matrix(v, start, 1, 1), p, i, Parallel.NONE,
                        checkpoint);
            }
            double half = -0.5 * kernels.dot(v, start, p, k + 1, rest);
            kernels.addMultiple(half, v, start, p, k + 1, rest);
            System.arraycopy(p, k + 1, w, k + 1, rest);
        }
    }

    /** Changes the elements of a row from column {@code from} on, as the step before step {@code from} asks for. */
    private void update(double[] a, int row, int from, double[] v, double[] w) {
        if (from > 0) {
            int before = (from - 1) * n;
            Kernels.best().addMultiple(-v[before + row], w, from, a, row * n + from, n - from);
            Kernels.best().addMultiple(-w[row], v, before + from, a, row * n + from, n - from);
        }
    }

    /** Multiplies the columns of a matrix, eigenvectors of the tridiagonal matrix, so that they become those of the matrix that was reduced. */
    void restore(double[] vectors, int from) {
        reflections.multiply(vectors, from, n, checkpoint);
    }

    /** Returns the eigenvalues. Rows of the identity, or none, become the eigenvectors of the tridiagonal matrix. */
    double[] diagonalize(double[] rows) {
        for (int first = 0; first < n; first++) {
            checkpoint.check();
            for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
                int last = first;
                while (last < n - 1 && !isNegligible(last)) {
                    last++;
                }
                if (last == first) {
                    break;
                }
                iterate(first, last, rows);
            }
        }
        return diagonal;
    }

    private boolean isNegligible(int i) {
        return Math.abs(beside[i]) <= Math.max(SMALL, UNIT * (Math.abs(diagonal[i]) + Math.abs(diagonal[i + 1])));
    }

    /** One step with Wilkinson's shift on a part of which no element beside the diagonal is negligible. */
    private void iterate(int first, int last, double[] rows) {
        double ratio = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        double shift = ratio + Math.copySign(Root.hypot(ratio, 1), ratio);
        double g = diagonal[last] - diagonal[first] + beside[first] / shift;
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = last - 1; i >= first; i--) {
            double f = s * beside[i];
            double b = c * beside[i];
            double length = Math.sqrt(f * f + g * g);
            beside[i + 1] = length;
            if (length < SMALL) {
                diagonal[i + 1] -= p;
                beside[last] = 0;
                return;
            }
            s = f / length;
            c = g / length;
            g = diagonal[i + 1] - p;
            double r = (diagonal[i] - g) * s + 2 * c * b;
            p = s * r;
            diagonal[i + 1] = g + p;
            g = c * r - b;
            if (rows.length > 0) {
                Kernels.best().rotate(c, s, rows, i * n, rows, (i + 1) * n, n);
            }
        }
        diagonal[first] -= p;
        beside[first] = g;
        beside[last] = 0;
    }
}
