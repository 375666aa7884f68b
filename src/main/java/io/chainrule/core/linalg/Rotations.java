package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;

/**
 * Rotations of neighbouring rows of a square matrix, which is an identity at first; in the end its rows are singular vectors or
 * eigenvectors. Those of two steps of an iteration are collected and done together, so that each row is read and written once for four
 * rotations.
 */
final class Rotations {
    private static final int NONE = -1;

    private final int n;
    private final double[] rows;
    /** Those of the step that waits, and from the n-th on those of the step that is being added. */
    private final double[] cosines;
    private final double[] sines;
    /** The distance between the rows that follow each other in a step. */
    private final int direction;
    private int waitingFirst = NONE;
    private int waiting;
    private int count;

    /**
     * Rotations of an n × n matrix, or of none if n is 0. Those of a step go to rows below the first one, or above it if {@code upward}.
     */
    Rotations(int n, boolean upward) {
        this.n = n;
        this.direction = upward ? -n : n;
        this.rows = Identity.of(n);
        this.cosines = new double[2 * n];
        this.sines = new double[2 * n];
    }

    /** Adds a rotation of the next row, as x of {@link Kernels#rotate}, and the row before it in the step, as y. */
    void add(double cosine, double sine) {
        if (n > 0) {
            cosines[n + count] = cosine;
            sines[n + count] = sine;
            count++;
        }
    }

    /** Ends a step, whose first row this is. */
    void end(int first) {
        if (count > 0 && first == waitingFirst && count <= waiting) {
            runTwo();
        } else if (count > 0) {
            runOne();
            System.arraycopy(cosines, n, cosines, 0, count);
            System.arraycopy(sines, n, sines, 0, count);
            waitingFirst = first;
            waiting = count;
        }
        count = 0;
    }

    /** Does the rotations of both steps. The kernel takes one rotation less for the second step; what is left over follows. */
    private void runTwo() {
        Kernels kernels = Kernels.best();
        int from = waitingFirst * n;
        int together = Math.min(count, waiting - 1);
        kernels.rotateRowsTwice(together, cosines, sines, n, rows, from, direction, n);
        if (count > together) {
            kernels.rotateRows(count - together, cosines, sines, n + together, rows, from + together * direction, direction, n);
        } else if (waiting > together + 1) {
            kernels.rotateRows(waiting - together - 1, cosines, sines, together + 1, rows, from + (together + 1) * direction, direction, n);
        }
        waitingFirst = NONE;
    }

    /** Does the rotations of the step that waits, if there is one. */
    private void runOne() {
        if (waitingFirst != NONE) {
            Kernels.best().rotateRows(waiting, cosines, sines, 0, rows, waitingFirst * n, direction, n);
            waitingFirst = NONE;
        }
    }

    /** Writes the rows in this order as columns. */
    void writeTransposed(int[] order, double[] result, int to) {
        runOne();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                result[to + i * n + j] = rows[order[j] * n + i];
            }
        }
    }

    void negate(int row) {
        runOne();
        for (int i = row * n; i < (row + 1) * n; i++) {
            rows[i] = -rows[i];
        }
    }
}
