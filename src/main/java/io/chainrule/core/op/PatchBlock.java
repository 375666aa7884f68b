package io.chainrule.core.op;

import io.chainrule.core.kernel.Matrix;
import java.util.Arrays;

/** Some columns of {@link Patches}, which are those of a few runs, and their products with the kernel. */
final class PatchBlock {
    private final Patches patches;
    private final Patches.Sizes sizes;
    private final Phase last;
    private final int axes;
    private final double[] x;
    /** Room for a part of the rows, and for the products of all of them with the kernel. */
    private final double[] matrix;
    private final double[] product;
    private final int[][] at;
    /** Where each run begins to read, in the batch and in each axis except the last. */
    private final int[][] origins;
    private final int[] space;
    /** The first result along the last axis, and how many there are, which all runs of a block have in common. */
    private int start;
    private int length;
    private int used;
    /** The part of a run, from {@code begin} to before {@code endOfRun}, that lies within the input. */
    private int begin;
    private int endOfRun;

    PatchBlock(Patches patches, double[] x) {
        this.patches = patches;
        this.sizes = patches.sizes;
        this.last = patches.last;
        this.axes = patches.axes;
        this.x = x;
        int runs = patches.runsInBlock();
        int columns = runs * patches.length;
        this.matrix = new double[Math.min(Patches.DEPTH, patches.depth()) * columns];
        this.product = new double[sizes.filters() * columns];
        this.at = new int[runs][];
        this.origins = new int[runs][axes + 1];
        this.space = sizes.space().dims();
    }

    /** The number of columns of the block. */
    int width() {
        return used * length;
    }

    /** The products of the kernel and the columns, a row for each filter. */
    double[] product() {
        return product;
    }

    /**
     * Makes this the block of {@code count} runs, of which {@code from} is the first; more than one only where each is a whole row of
     * results.
     */
    void place(int from, int count) {
        used = count;
        start = from % patches.pieces * patches.length;
        length = Math.min(patches.length, last.count() - start);
        for (int u = 0; u < used; u++) {
            at[u] = patches.rows.index((from + u) / patches.pieces);
            origins[u][0] = at[u][0] * sizes.groups() * sizes.channels();
            for (int i = 0; i < axes; i++) {
                origins[u][i + 1] = at[u][i + 1] * patches.phases[i].step();
            }
        }
    }

    /** Builds rows [row, row + count) of the block, for a group's channels. */
    Matrix fill(int group, int row, int count) {
        if (patches.isAlongTaps) {
            int to = 0;
            for (int u = 0; u < used; u++) {
                for (int j = 0; j < length; j++) {
                    fillColumn(group, u, start + j, row, count, to);
                    to += count;
                }
            }
            return Matrix.transposed(matrix, 0, count);
        }
        int taps = patches.taps.length;
        for (int d = 0; d < count; d++) {
            fillRow(group * sizes.channels() + (row + d) / taps, (row + d) % taps, d * width());
        }
        return Matrix.rows(matrix, 0, width());
    }

    private void fillRow(int channel, int tap, int to) {
        int step = last.step();
        int first = last.reads()[patches.taps[tap][axes]] + start * step;
        findInside(first, step, length);
        for (int u = 0; u < used; u++) {
            read(line(channel, patches.reads[tap], origins[u]), first, step, length, to + u * length);
        }
    }

    private void fillColumn(int group, int u, int place, int row, int count, int to) {
        int taps = patches.taps.length;
        int run = last.taps().length;
        int step = last.reads()[1] - last.reads()[0];
        int done = 0;
        while (done < count) {
            int d = row + done;
            int tap = patches.taps[d % taps][axes];
            int n = Math.min(run - tap, count - done);
            int first = last.reads()[tap] + place * last.step();
            findInside(first, step, n);
            read(line(group * sizes.channels() + d / taps, patches.reads[d % taps], origins[u]), first, step, n, to + done);
            done += n;
        }
    }

    /** The index at which the line of the input begins that is read at these distances from an origin; −1 for a line of padding. */
    private int line(int channel, int[] reads, int[] origin) {
        int from = origin[0] + channel;
        for (int i = 0; i < axes; i++) {
            int read = origin[i + 1] + reads[i];
            if (read < 0 || read >= space[i]) {
                return -1;
            }
            from = from * space[i] + read;
        }
        return from * space[axes];
    }

    /** Finds which of the {@code n} elements first, first + step, … lie within a line. Where all do, divisions would take longer. */
    private void findInside(int first, int step, int n) {
        if (first >= 0 && first + (n - 1L) * step < space[axes]) {
            begin = 0;
            endOfRun = n;
        } else {
            begin = Math.clamp(-Math.floorDiv((long) first, step), 0, n);
            endOfRun = Math.clamp(Math.floorDiv(space[axes] - 1L - first, step) + 1, begin, n);
        }
    }

    /** Copies the elements first, first + step, … of a line; those before {@code begin} and from {@code endOfRun} on are 0. */
    private void read(int line, int first, int step, int n, int to) {
        if (line < 0) {
            Arrays.fill(matrix, to, to + n, 0);
            return;
        }
        Arrays.fill(matrix, to, to + begin, 0);
        int from = line + first;
        if (step == 1 && endOfRun > begin) {
            System.arraycopy(x, from + begin, matrix, to + begin, endOfRun - begin);
        } else {
            for (int j = begin; j < endOfRun; j++) {
                matrix[to + j] = x[from + j * step];
            }
        }
        Arrays.fill(matrix, to + endOfRun, to + n, 0);
    }

    /** Writes the products to their places, for the filters from {@code firstFilter} on. */
    void scatter(int firstFilter, double[] result) {
        int filters = sizes.filters();
        for (int u = 0; u < used; u++) {
            int place = 0;
            for (int i = 0; i < axes; i++) {
                Phase phase = patches.phases[i];
                place = place * sizes.places().dim(i) + phase.first() + at[u][i + 1] * phase.period();
            }
            place = place * sizes.places().dim(axes) + last.first() + start * last.period();
            for (int f = 0; f < filters; f++) {
                int to = (at[u][0] * sizes.groups() * filters + firstFilter + f) * sizes.places().length() + place;
                int from = (f * used + u) * length;
                if (last.period() == 1) {
                    System.arraycopy(product, from, result, to, length);
                } else {
                    for (int j = 0; j < length; j++) {
                        result[to + j * last.period()] = product[from + j];
                    }
                }
            }
        }
    }
}
