package io.chainrule.core.kernel;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sums of the columns of a row-major matrix. Each column is added in the order of {@link Blocks}, so its sum has the bits of the sum of a
 * copy of that column. The loops go along rows, which are contiguous in memory.
 */
final class ColumnSums {
    /** How many columns are added together. A row of them fills a page of memory, and their lanes' sums, 32 KB, stay in the cache. */
    private static final int WIDTH = 512;

    private final double[] x;
    private final int stride;
    private final double @Nullable [] factors;
    private final int factorFrom;
    private final int factorStep;
    /** One row of sums for each level of the tree, then one for each lane. */
    private final double[] sums;
    private final int width;
    private final int lanes;

    private ColumnSums(double[] x, int rows, int columns, int stride, double @Nullable [] factors, int factorFrom, int factorStep) {
        this.x = x;
        this.stride = stride;
        this.factors = factors;
        this.factorFrom = factorFrom;
        this.factorStep = factorStep;
        this.width = Math.min(columns, WIDTH);
        this.lanes = (Blocks.levels(rows) + 1) * width;
        this.sums = new double[lanes + LANES * width];
    }

    /** Writes to {@code out[j]} the sum of x[i, j] over i. */
    static void sum(double[] x, int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint) {
        if (rows == 0) {
            Arrays.fill(out, outFrom, outFrom + columns, 0);
        } else {
            new ColumnSums(x, rows, columns, columns, null, 0, 0).run(from, rows, columns, out, outFrom, checkpoint);
        }
    }

    /** Writes to {@code out[j]} the sum of x[i, j]·factor[i] over i, for rows that begin {@code stride} apart. */
    static void dot(double[] x, int from, int stride, int rows, int columns, double[] factors, int factorFrom, int factorStep,
            double[] out, int outFrom, Checkpoint checkpoint) {
        new ColumnSums(x, rows, columns, stride, factors, factorFrom, factorStep).run(from, rows, columns, out, outFrom, checkpoint);
    }

    private void run(int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint) {
        for (int j = 0; j < columns; j += width) {
            int w = Math.min(width, columns - j);
            tree(from + j, 0, rows, w, 0, checkpoint);
            System.arraycopy(sums, 0, out, outFrom + j, w);
        }
    }

    /** Leaves the sums of rows [row, row + n) at {@code to}. */
    private void tree(int from, int row, int n, int w, int to, Checkpoint checkpoint) {
        if (n <= BLOCK) {
            checkpoint.check();
            block(from, row, n, w, to);
            return;
        }
        int left = Blocks.left(n);
        tree(from, row, left, w, to, checkpoint);
        tree(from, row + left, n - left, w, to + width, checkpoint);
        add(to, to + width, to, w);
    }

    private void add(int a, int b, int to, int w) {
        for (int j = 0; j < w; j++) {
            sums[to + j] = sums[a + j] + sums[b + j];
        }
    }

    private void block(int from, int row, int n, int w, int to) {
        Arrays.fill(sums, lanes, sums.length, factors == null ? -0.0 : 0.0);
        for (int lane = 0; lane < LANES; lane++) {
            int i = row + lane;
            int at = lanes + lane * width;
            for (; i + 3 * LANES < row + n; i += 4 * LANES) {
                addFour(from + i * stride, i, at, w);
            }
            for (; i < row + n; i += LANES) {
                addOne(from + i * stride, i, at, w);
            }
        }
        int t = lanes;
        for (int pairs = LANES / 2; pairs > 0; pairs /= 2) {
            for (int pair = 0; pair < pairs; pair++) {
                add(t + 2 * pair * width, t + (2 * pair + 1) * width, pairs == 1 ? to : t + pair * width, w);
            }
        }
    }

    /** Adds four rows that belong to one lane, so that the lane's sums are read and written once for four additions. */
    private void addFour(int r0, int i, int at, int w) {
        int r1 = r0 + LANES * stride;
        int r2 = r1 + LANES * stride;
        int r3 = r2 + LANES * stride;
        double[] s = sums;
        double[] y = x;
        if (factors == null) {
            for (int j = 0; j < w; j++) {
                s[at + j] = s[at + j] + y[r0 + j] + y[r1 + j] + y[r2 + j] + y[r3 + j];
            }
            return;
        }
        double f0 = factor(factors, i);
        double f1 = factor(factors, i + LANES);
        double f2 = factor(factors, i + 2 * LANES);
        double f3 = factor(factors, i + 3 * LANES);
        for (int j = 0; j < w; j++) {
            s[at + j] = Math.fma(y[r3 + j], f3, Math.fma(y[r2 + j], f2, Math.fma(y[r1 + j], f1, Math.fma(y[r0 + j], f0, s[at + j]))));
        }
    }

    private void addOne(int r, int i, int at, int w) {
        double[] s = sums;
        double[] y = x;
        if (factors == null) {
            for (int j = 0; j < w; j++) {
                s[at + j] += y[r + j];
            }
            return;
        }
        double f = factor(factors, i);
        for (int j = 0; j < w; j++) {
            s[at + j] = Math.fma(y[r + j], f, s[at + j]);
        }
    }

    private double factor(double[] factors, int i) {
        return factors[factorFrom + i * factorStep];
    }
}
