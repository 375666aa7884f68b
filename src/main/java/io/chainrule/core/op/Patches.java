package io.chainrule.core.op;

import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The matrix of the elements that the results of a convolution read, which is built in blocks. It has a column for each result in these
 * phases, and a row for each channel and element of the kernel. Blocks are filled along the last axis of the results or of the kernel,
 * whichever is longer, because short copies are slow: the gradient by a kernel is a convolution with few results and a long kernel.
 */
final class Patches {
    static final int DEPTH = 256;
    private static final int COLUMNS = 256;

    /** The lengths of a convolution; {@code space}, {@code taps} and {@code places} are those of input, kernel and result in its axes. */
    record Sizes(int batch, int groups, int channels, int filters, Shape space, Shape taps, Shape places) {}

    /** The input, and room for a block and for its product with the kernel. */
    record Blocks(double[] x, double[] matrix, double[] product) {
        Blocks(double[] x, Sizes sizes, int depth) {
            int columns = (int) Math.min(COLUMNS, (long) sizes.batch * sizes.places.length());
            this(x, new double[Math.min(DEPTH, depth) * columns], new double[sizes.filters * columns]);
        }
    }

    private final Sizes sizes;
    private final Phase[] phases;
    private final Blocks blocks;
    private final int axes;
    private final Phase last;
    private final int[][] taps;
    /** For each of the {@link #taps}, the distance of the element that it reads from the origin of a run, in all axes. */
    private final int[][] reads;
    private final boolean isAlongTaps;
    private final Shape rows;
    /** Results along the last axis are divided into runs of at most this length. Several runs make a block of columns. */
    private final int length;
    private final int pieces;
    private final int inBlock;
    private final int[][] at;
    /** Where each run begins to read, in the batch and in each axis except the last. */
    private final int[][] origins;
    private final int[] space;
    private final int[] start;
    private final int[] lengths;
    private int used;
    private int width;
    /** The part of a run, from {@code begin} to before {@code endOfRun}, that lies within the input. */
    private int begin;
    private int endOfRun;

    Patches(Sizes sizes, Phase[] phases, Blocks blocks) {
        this.sizes = sizes;
        this.phases = phases;
        this.blocks = blocks;
        this.axes = phases.length - 1;
        this.last = phases[axes];
        this.taps = taps(phases);
        this.reads = new int[taps.length][phases.length];
        for (int t = 0; t < taps.length; t++) {
            for (int i = 0; i < phases.length; i++) {
                reads[t][i] = phases[i].reads()[taps[t][i]];
            }
        }
        this.isAlongTaps = last.taps().length > last.count();
        int[] dims = new int[axes + 1];
        dims[0] = sizes.batch();
        for (int i = 0; i < axes; i++) {
            dims[i + 1] = phases[i].count();
        }
        this.rows = Shape.of(dims);
        this.length = Math.min(last.count(), COLUMNS);
        this.pieces = (last.count() + length - 1) / length;
        this.inBlock = Math.min(COLUMNS / length, runs());
        this.at = new int[inBlock][];
        this.origins = new int[inBlock][axes + 1];
        this.space = sizes.space().dims();
        this.start = new int[inBlock];
        this.lengths = new int[inBlock];
    }

    /** The number of rows: channels times elements of the kernel. */
    int depth() {
        return sizes.channels() * taps.length;
    }

    /** The elements of the kernel that these phases use, as positions in the phases. */
    static int[][] taps(Phase[] phases) {
        Shape met = Shape.of(Arrays.stream(phases).mapToInt(phase -> phase.taps().length).toArray());
        return IntStream.range(0, met.length()).mapToObj(met::index).toArray(int[][]::new);
    }

    int runs() {
        return rows.length() * pieces;
    }

    int runsInBlock() {
        return inBlock;
    }

    /** The number of columns of the block. */
    int width() {
        return width;
    }

    /** Moves the block to the columns of the runs from {@code from} on. */
    void place(int from) {
        used = Math.min(inBlock, runs() - from);
        width = 0;
        for (int u = 0; u < used; u++) {
            at[u] = rows.index((from + u) / pieces);
            origins[u][0] = at[u][0] * sizes.groups() * sizes.channels();
            for (int i = 0; i < axes; i++) {
                origins[u][i + 1] = at[u][i + 1] * phases[i].step();
            }
            start[u] = (from + u) % pieces * length;
            lengths[u] = Math.min(length, last.count() - start[u]);
            width += lengths[u];
        }
    }

    /** Builds rows [row, row + count) of the block, for a group's channels. */
    Matrix fill(int group, int row, int count) {
        if (isAlongTaps) {
            int to = 0;
            for (int u = 0; u < used; u++) {
                for (int j = 0; j < lengths[u]; j++) {
                    fillColumn(group, u, start[u] + j, row, count, to);
                    to += count;
                }
            }
            return Matrix.transposed(blocks.matrix, 0, count);
        }
        for (int d = 0; d < count; d++) {
            fillRow(group * sizes.channels() + (row + d) / taps.length, (row + d) % taps.length, d * width);
        }
        return Matrix.rows(blocks.matrix, 0, width);
    }

    private void fillRow(int channel, int tap, int to) {
        int column = to;
        int step = last.step();
        for (int u = 0; u < used; u++) {
            int first = last.reads()[taps[tap][axes]] + start[u] * step;
            if (u == 0 || pieces > 1) {
                begin = begin(first, step, lengths[u]);
                endOfRun = end(first, step, lengths[u]);
            }
            read(line(channel, reads[tap], origins[u]), first, step, lengths[u], column);
            column += lengths[u];
        }
    }

    private void fillColumn(int group, int u, int place, int row, int count, int to) {
        int run = last.taps().length;
        int step = run > 1 ? last.reads()[1] - last.reads()[0] : 1;
        int done = 0;
        while (done < count) {
            int d = row + done;
            int[] tap = taps[d % taps.length];
            int n = Math.min(run - tap[axes], count - done);
            int first = last.reads()[tap[axes]] + place * last.step();
            begin = begin(first, step, n);
            endOfRun = end(first, step, n);
            read(line(group * sizes.channels() + d / taps.length, reads[d % taps.length], origins[u]), first, step, n, to + done);
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

    /** How many of the {@code n} elements first, first + step, … lie before the beginning of a line. */
    private static int begin(int first, int step, int n) {
        return first >= 0 ? 0 : Math.clamp(-Math.floorDiv((long) first, step), 0, n);
    }

    /** How many of the {@code n} elements lie before the end of a line, including those before its beginning. */
    private int end(int first, int step, int n) {
        long end = space[axes];
        return first >= 0 && first + (n - 1L) * step < end
                ? n
                : Math.clamp(Math.floorDiv(end - 1L - first, step) + 1, begin(first, step, n), n);
    }

    /** Copies the elements first, first + step, … of a line; those before {@code begin} and from {@code endOfRun} on are 0. */
    private void read(int line, int first, int step, int n, int to) {
        double[] matrix = blocks.matrix;
        if (line < 0) {
            Arrays.fill(matrix, to, to + n, 0);
            return;
        }
        for (int j = 0; j < begin; j++) {
            matrix[to + j] = 0;
        }
        int from = line + first;
        if (step == 1 && endOfRun > begin) {
            System.arraycopy(blocks.x, from + begin, matrix, to + begin, endOfRun - begin);
        } else {
            for (int j = begin; j < endOfRun; j++) {
                matrix[to + j] = blocks.x[from + j * step];
            }
        }
        for (int j = endOfRun; j < n; j++) {
            matrix[to + j] = 0;
        }
    }

    /** Writes the product of the kernel and the block to its places, for the filters from {@code firstFilter} on. */
    void scatter(int firstFilter, double[] result) {
        int column = 0;
        int filters = sizes.filters();
        for (int u = 0; u < used; u++) {
            int place = 0;
            for (int i = 0; i < axes; i++) {
                place = place * sizes.places().dim(i) + phases[i].first() + at[u][i + 1] * phases[i].period();
            }
            place = place * sizes.places().dim(axes) + last.first() + start[u] * last.period();
            for (int f = 0; f < filters; f++) {
                int to = (at[u][0] * sizes.groups() * filters + firstFilter + f) * sizes.places().length() + place;
                int from = f * width + column;
                if (last.period() == 1) {
                    System.arraycopy(blocks.product, from, result, to, lengths[u]);
                } else {
                    for (int j = 0; j < lengths[u]; j++) {
                        result[to + j * last.period()] = blocks.product[from + j];
                    }
                }
            }
            column += lengths[u];
        }
    }
}
