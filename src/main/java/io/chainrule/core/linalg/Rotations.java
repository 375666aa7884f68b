package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;

/**
 * Rotations of neighbouring rows of a square matrix, which is an identity at first; in the end its rows are singular vectors or
 * eigenvectors. Those of one step of an iteration are collected and done together, so that each row is read and written once for both of
 * its rotations.
 */
final class Rotations {
    private final int n;
    private final double[] rows;
    private final double[] cosines;
    private final double[] sines;
    /** The distance between the rows that follow each other in a step. */
    private final int direction;
    private int count;

    /** Rotations of an n × n matrix, or of none if n is 0. Those of a step go to rows below the first one, or above it if {@code upward}. */
    Rotations(int n, boolean upward) {
        this.n = n;
        this.direction = upward ? -n : n;
        this.rows = Identity.of(n);
        this.cosines = new double[n];
        this.sines = new double[n];
    }

    /** Adds a rotation of the next row, as x of {@link Kernels#rotate}, and the row before it in the step, as y. */
    void add(double cosine, double sine) {
        if (n > 0) {
            cosines[count] = cosine;
            sines[count] = sine;
            count++;
        }
    }

    /** Does the rotations of a step whose first row this is. */
    void end(int first) {
        if (count > 0) {
            Kernels.best().rotateRows(count, cosines, sines, rows, first * n, direction, n);
            count = 0;
        }
    }

    /** Writes the rows in this order as columns. */
    void writeTransposed(int[] order, double[] result, int to) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                result[to + i * n + j] = rows[order[j] * n + i];
            }
        }
    }

    void negate(int row) {
        for (int i = row * n; i < (row + 1) * n; i++) {
            rows[i] = -rows[i];
        }
    }
}
