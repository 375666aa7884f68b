package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;

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

    /**
     * Step k turns A into A − v wᵀ − w vᵀ, with w = p − ½ (vᵀ p) v and p = A v. The changes of some steps are made together, by a matrix
     * product; until then each step makes up for those before it (LAPACK's latrd).
     */
    private void reduce(double[] a) {
        for (int first = 0; first < n; first += STEPS) {
            int side = n - first;
            int steps = Math.min(STEPS, side);
            // The vectors v, w, v, w … of the steps, and w, v, w, v ….
            double[] left = new double[2 * steps * side];
            double[] right = new double[2 * steps * side];
            for (int k = 0; k < steps; k++) {
                checkpoint.check();
                step(a, first, side, k, left, right);
            }
            change(a, side, steps, left, right, checkpoint);
        }
    }

    /** Reduces row k of those that are left, and adds its vectors. */
    private void step(double[] rest, int first, int side, int k, double[] left, double[] right) {
        Kernels kernels = Kernels.best();
        double[] row = Arrays.copyOfRange(rest, k * side, (k + 1) * side);
        for (int i = 0; i < 2 * k; i++) {
            kernels.addMultiple(-left[i * side + k], right, i * side + k, row, k, side - k);
        }
        diagonal[first + k] = row[k];
        int from = k + 1;
        int length = side - from;
        if (length == 0) {
            return;
        }
        beside[first + k] = reflections.add(first + k, row, from);
        double[] all = reflections.vectors();
        int start = reflections.start(first + k);
        int v = 2 * k * side + from;
        int w = v + side;
        System.arraycopy(all, start, left, v, length);
        kernels.gemm(length, 1, length, new Matrix(rest, from * side + from, side, 1), new Matrix(left, v, 1, 1), left, w,
                Parallel.onThisThread(checkpoint));
        for (int i = 0; i < 2 * k; i++) {
            double product = kernels.dot(right, i * side + from, left, v, length);
            kernels.addMultiple(-product, left, i * side + from, left, w, length);
        }
        kernels.addMultiple(-0.5 * kernels.dot(left, v, left, w, length), left, v, left, w, length);
        System.arraycopy(left, w, right, v, length);
        System.arraycopy(left, v, right, w, length);
    }

    /** Moves what is left of a matrix after some steps to its beginning, and changes it as they ask for. */
    private static void change(double[] rest, int side, int steps, double[] left, double[] right, Checkpoint checkpoint) {
        int smaller = side - steps;
        for (int i = 0; i < smaller; i++) {
            System.arraycopy(rest, (steps + i) * side + steps, rest, i * smaller, smaller);
        }
        Kernels.best().unary(Kernels.Unary.NEG, left, 0, left, 0, left.length);
        Kernels.best().chains(false, smaller, smaller, 2 * steps, new Matrix(left, steps, 1, side), new Matrix(right, steps, side, 1), rest,
                0,
                checkpoint);
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

    /** One step with Wilkinson's shift on a part of which no element beside the diagonal is negligible. */
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
            double length = Math.sqrt(f * f + g * g);
            beside[i + 1] = length;
            if (length < Negligible.SMALL) {
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
            rotations.add(c, s);
        }
        diagonal[first] -= p;
        beside[first] = g;
        beside[last] = 0;
    }
}
