package io.chainrule.core.linalg;

import io.chainrule.core.kernel.Kernels;

/**
 * Rotations of neighbouring rows of a square matrix, which is an identity at first; in the end its rows are singular vectors or
 * eigenvectors. Rotations are collected until some steps of an iteration have ended, and then done to a strip of columns after another,
 * which stays in the first-level cache. Each row of it is read and written once for both of its rotations.
 */
final class Rotations {
    /** How many steps are collected. */
    private static final int STEPS = 16;
    /** The columns of a strip. */
    private static final int STRIP = 32;

    private final int n;
    private final double[] rows;
    private final double[] cosines;
    private final double[] sines;
    /** For each step that has ended, its first row and the end of its rotations. */
    private final int[] firsts = new int[STEPS];
    private final int[] ends = new int[STEPS];
    /** The distance between the rows that follow each other in a step, in rows. */
    private final int direction;
    private int count;
    private int steps;

    /** Rotations of an n × n matrix, or of none if n is 0. Those of a step go to rows below the first one, or above it if {@code upward}. */
    Rotations(int n, boolean upward) {
        this.n = n;
        this.direction = upward ? -1 : 1;
        this.rows = new double[n * n];
        this.cosines = new double[STEPS * n];
        this.sines = new double[STEPS * n];
        for (int i = 0; i < n; i++) {
            rows[i * n + i] = 1;
        }
    }

    /** Adds the rotation of the row after that of the rotation before; of the first row, if a step begins. The later row is the x of {@link Kernels#rotate}. */
    void add(double cosine, double sine) {
        if (n > 0) {
            cosines[count] = cosine;
            sines[count] = sine;
            count++;
        }
    }

    /** Ends a step, whose first row this is. */
    void end(int first) {
        firsts[steps] = first;
        ends[steps] = count;
        steps++;
        if (steps == STEPS) {
            run();
        }
    }

    private void run() {
        for (int column = 0; column < n; column += STRIP) {
            int from = 0;
            for (int step = 0; step < steps; step++) {
                Kernels.best().rotateRows(ends[step] - from, cosines, sines, from, rows, firsts[step] * n + column, direction * n,
                        Math.min(STRIP, n - column));
                from = ends[step];
            }
        }
        count = 0;
        steps = 0;
    }

    /** Writes the rows in this order as columns. */
    void writeTransposed(int[] order, double[] result, int to) {
        run();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                result[to + i * n + j] = rows[order[j] * n + i];
            }
        }
    }

    void negate(int row) {
        run();
        for (int i = row * n; i < (row + 1) * n; i++) {
            rows[i] = -rows[i];
        }
    }
}
