package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Checkpoint;

/**
 * The singular values and vectors of a square matrix by Householder's reduction to an upper bidiagonal matrix B (Golub and Kahan 1965) and
 * implicit QR steps with those of J. Demmel and W. Kahan, 1990, where a shift would cancel digits: LAPACK's gebrd and bdsqr. Errors are a
 * few roundings of the norm of the matrix.
 */
final class Bidiagonal {
    /** How many steps change the matrix together. */
    private static final int STEPS = 16;
    private static final int MOST_ITERATIONS = 60;

    private final int n;
    private final double[] diagonal;
    /** Element i stands beside element i of the diagonal, in the next column. */
    private final double[] beside;
    private final Reflections left;
    private final Reflections right;
    /** The singular vectors of the bidiagonal matrix. */
    private final Rotations leftRotations;
    private final Rotations rightRotations;
    private final Checkpoint checkpoint;
    private double cosine;
    private double sine;

    private Bidiagonal(int n, boolean vectors, Checkpoint checkpoint) {
        this.n = n;
        this.diagonal = new double[n];
        this.beside = new double[n];
        this.left = new Reflections(n, 0, n);
        this.right = new Reflections(n, 1, n - 1);
        this.leftRotations = new Rotations(vectors ? n : 0, false);
        this.rightRotations = new Rotations(vectors ? n : 0, false);
        this.checkpoint = checkpoint;
    }

    /** Decomposes a row-major matrix, which it overwrites. */
    static Bidiagonal of(double[] a, int n, boolean vectors, Checkpoint checkpoint) {
        Bidiagonal b = new Bidiagonal(n, vectors, checkpoint);
        b.reduce(a);
        b.diagonalize();
        return b;
    }

    /** The singular values in no order. */
    double[] values() {
        return diagonal;
    }

    /** The left singular vectors as columns, in this order, of a matrix with this many rows, of which those from the n-th on are 0. */
    double[] left(int[] order, int rows) {
        return restore(left, leftRotations, order, rows);
    }

    /** The right singular vectors as columns, in this order. */
    double[] right(int[] order) {
        return restore(right, rightRotations, order, n);
    }

    private double[] restore(Reflections reflections, Rotations rotations, int[] order, int rows) {
        double[] vectors = new double[rows * n];
        rotations.writeTransposed(order, vectors, 0);
        reflections.multiply(vectors, 0, n, checkpoint);
        return vectors;
    }

    /** Step k reflects a column by v and a row by u: A becomes A − v yᵀ − x uᵀ, with y = Aᵀ v and x = (A − v yᵀ) u. */
    private void reduce(double[] a) {
        DelayedUpdates rest = new DelayedUpdates(a, n, 2 * STEPS, checkpoint);
        double[] v = left.vectors();
        double[] u = right.vectors();
        double[] line = new double[n];
        double[] product = new double[n];
        for (int k = 0; k < n; k++) {
            checkpoint.check();
            int i = k % STEPS;
            if (k > 0 && i == 0) {
                rest.shrink(STEPS);
            }
            rest.column(i, i, line, 0);
            diagonal[k] = left.add(k, line, 0);
            if (k == n - 1) {
                return;
            }
            rest.multiplyTransposed(i, i + 1, v, left.start(k), product, 0);
            rest.add(v, left.start(k), i, product, 0, i + 1);
            rest.row(i, i + 1, line, 0);
            beside[k] = right.add(k, line, 0);
            rest.multiply(i + 1, i + 1, u, right.start(k), product, 0);
            rest.add(product, 0, i + 1, u, right.start(k), i + 1);
        }
    }

    private void diagonalize() {
        for (int last = n - 1; last > 0; last--) {
            checkpoint.check();
            for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
                int first = last;
                while (first > 0 && !Negligible.isBeside(diagonal, beside, first - 1)) {
                    first--;
                }
                if (first == last) {
                    break;
                }
                double shift = shift(first, last);
                if (shift == 0) {
                    iterate(first, last);
                } else {
                    iterate(first, last, shift);
                }
                leftRotations.end(first);
                rightRotations.end(first);
            }
        }
        for (int i = 0; i < n; i++) {
            if (diagonal[i] < 0) {
                diagonal[i] = -diagonal[i];
                rightRotations.negate(i);
            }
        }
    }

    /**
     * The smaller singular value of the last two rows and columns. It is 0 where that is negligible beside the first element, or where an
     * element of the diagonal is so small that a step with a shift would overflow.
     */
    private double shift(int first, int last) {
        for (int i = first; i < last; i++) {
            if (Math.abs(diagonal[i]) < Negligible.SMALL) {
                return 0;
            }
        }
        double x = Math.abs(diagonal[last - 1]);
        double y = Math.abs(diagonal[last]);
        double largest = 0.5 * (Root.hypot(x + y, beside[last - 1]) + Root.hypot(x - y, beside[last - 1]));
        double shift = Math.max(x, y) / largest * Math.min(x, y);
        double ratio = shift / Math.abs(diagonal[first]);
        return ratio * ratio < Negligible.UNIT ? 0 : shift;
    }

    /** A QR step with a shift, by rotations of columns and rows in turn. */
    private void iterate(int first, int last, double shift) {
        double f = (Math.abs(diagonal[first]) - shift) * (Math.copySign(1, diagonal[first]) + shift / diagonal[first]);
        double g = beside[first];
        for (int i = first; i < last; i++) {
            double length = rotation(f, g);
            if (i > first) {
                beside[i - 1] = length;
            }
            f = Math.fma(cosine, diagonal[i], sine * beside[i]);
            beside[i] = Math.fma(cosine, beside[i], -sine * diagonal[i]);
            g = sine * diagonal[i + 1];
            diagonal[i + 1] = cosine * diagonal[i + 1];
            rightRotations.add(cosine, sine);
            diagonal[i] = rotation(f, g);
            f = Math.fma(cosine, beside[i], sine * diagonal[i + 1]);
            diagonal[i + 1] = Math.fma(cosine, diagonal[i + 1], -sine * beside[i]);
            if (i + 1 < last) {
                g = sine * beside[i + 1];
                beside[i + 1] = cosine * beside[i + 1];
            }
            leftRotations.add(cosine, sine);
        }
        beside[last - 1] = f;
    }

    /** A QR step without a shift, which keeps the relative accuracy of small values. */
    private void iterate(int first, int last) {
        double ofColumns = 1;
        double ofRows = 1;
        double sineOfRows = 0;
        for (int i = first; i < last; i++) {
            double length = rotation(diagonal[i] * ofColumns, beside[i]);
            ofColumns = cosine;
            double sineOfColumns = sine;
            if (i > first) {
                beside[i - 1] = sineOfRows * length;
            }
            rightRotations.add(cosine, sine);
            diagonal[i] = rotation(ofRows * length, diagonal[i + 1] * sineOfColumns);
            ofRows = cosine;
            sineOfRows = sine;
            leftRotations.add(cosine, sine);
        }
        double end = diagonal[last] * ofColumns;
        diagonal[last] = end * ofRows;
        beside[last - 1] = end * sineOfRows;
    }

    /** Finds the rotation that turns (x, y) into (length, 0), and returns the length. */
    private double rotation(double x, double y) {
        double length = Math.sqrt(Math.fma(x, x, y * y));
        if (length < Negligible.SMALL) {
            cosine = 1;
            sine = 0;
            return x;
        }
        cosine = x / length;
        sine = y / length;
        return length;
    }
}
