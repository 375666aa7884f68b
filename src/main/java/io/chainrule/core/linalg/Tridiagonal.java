package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix by Householder's reduction to a tridiagonal matrix and the implicit QL algorithm
 * (Golub and Van Loan, 2013, §8.3; LAPACK's sytrd and steqr). Errors are a few roundings of the norm of the matrix.
 */
final class Tridiagonal {
    /** How many steps change the matrix together. */
    private static final int STEPS = 16;
    private static final int MOST_ITERATIONS = 60;

    private final int n;
    private final double[] diagonal;
    /** Element i stands beside elements i and i + 1 of the diagonal; the last is 0. */
    private final double[] beside;
    private final Reflections reflections;
    /** The eigenvectors of the tridiagonal matrix. */
    private final Rotations rotations;
    private final Checkpoint checkpoint;

    private Tridiagonal(int n, boolean vectors, Checkpoint checkpoint) {
        this.n = n;
        this.diagonal = new double[n];
        this.beside = new double[n];
        this.reflections = new Reflections(n, 1, n - 1);
        this.rotations = new Rotations(vectors ? n : 0, true);
        this.checkpoint = checkpoint;
    }

    /** Decomposes a matrix, which it overwrites. */
    static Tridiagonal of(double[] a, int n, boolean vectors, Checkpoint checkpoint) {
        Tridiagonal reduced = new Tridiagonal(n, vectors, checkpoint);
        reduced.reduce(a);
        reduced.diagonalize();
        return reduced;
    }

    /** The eigenvalues in no order. */
    double[] values() {
        return diagonal;
    }

    /** Writes the eigenvectors as columns, in this order. */
    void writeVectors(int[] order, double[] vectors, int to) {
        rotations.writeTransposed(order, vectors, to);
        reflections.multiply(vectors, to, n, checkpoint);
    }

    /** Step k turns A into A − v wᵀ − w vᵀ, with w = p − ½ (vᵀ p) v and p = A v. */
    private void reduce(double[] a) {
        Kernels kernels = Kernels.best();
        DelayedUpdates rest = new DelayedUpdates(a, n, 2 * STEPS, checkpoint);
        double[] row = new double[n];
        double[] w = new double[n];
        for (int k = 0; k < n; k++) {
            checkpoint.check();
            int i = k % STEPS;
            if (k > 0 && i == 0) {
                rest.shrink(STEPS);
            }
            rest.row(i, i, row, 0);
            diagonal[k] = row[0];
            int length = n - k - 1;
            if (length == 0) {
                return;
            }
            beside[k] = reflections.add(k, row, 1);
            double[] v = reflections.vectors();
            int at = reflections.start(k);
            rest.multiply(i + 1, i + 1, v, at, w, 0);
            kernels.addMultiple(-0.5 * kernels.dot(w, 0, v, at, length), v, at, w, 0, length);
            rest.add(v, at, i + 1, w, 0, i + 1);
            rest.add(w, 0, i + 1, v, at, i + 1);
        }
    }

    private void diagonalize() {
        for (int first = 0; first < n; first++) {
            checkpoint.check();
            for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
                int last = first;
                while (last < n - 1 && !Negligible.isBeside(diagonal, beside, last)) {
                    last++;
                }
                if (last == first) {
                    break;
                }
                iterate(first, last);
                rotations.end(last);
            }
        }
    }

    /**
     * One step with Wilkinson's shift on a part of which no element beside the diagonal is negligible. Each
     * rotation needs the result of the one before, so fma is used where it shortens that chain of operations.
     */
    private void iterate(int first, int last) {
        double ratio = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        double shift = ratio + Math.copySign(Root.hypot(ratio, 1), ratio);
        double g = diagonal[last] - diagonal[first] + beside[first] / shift;
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = last - 1; i >= first; i--) {
            double f = s * beside[i];
            double b = c * beside[i];
            double length = Math.sqrt(Math.fma(g, g, f * f));
            beside[i + 1] = length;
            if (length < Negligible.SMALL) {
                diagonal[i + 1] -= p;
                beside[last] = 0;
                return;
            }
            s = f / length;
            c = g / length;
            g = diagonal[i + 1] - p;
            double r = Math.fma(diagonal[i] - g, s, 2 * c * b);
            p = s * r;
            diagonal[i + 1] = g + p;
            g = Math.fma(c, r, -b);
            rotations.add(c, s);
        }
        diagonal[first] -= p;
        beside[first] = g;
        beside[last] = 0;
    }
}
