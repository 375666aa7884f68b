package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The loops of a convolution by im2col: the elements that one result reads are a column of a matrix, which is built in
 * blocks and multiplied by the kernel (Chellapilla, Puri and Simard 2006). Memory besides the operands: a copy of one
 * group's kernel, and blocks of bounded size.
 */
final class Im2Col {
    private static final int COLUMNS = 256;
    static final int DEPTH = 256;

    private final List<Window> windows;
    private final Shape space;
    private final Shape taps;
    private final Shape places;
    private final int batch;
    private final int groups;
    private final int channels;
    private final int filters;
    private final double[] x;
    private final double[] kernel;
    private final double[] result;
    private final double[] matrix;
    private double[] product;
    private double[] total;
    private final double[] packed;

    Im2Col(List<Window> windows, int groups, Shape[] operands, Shape shape, double[][] values, double[] result) {
        int rank = shape.rank();
        this.windows = windows;
        this.groups = groups;
        this.space = operands[0].sub(2, rank);
        this.taps = operands[1].sub(2, rank);
        this.places = shape.sub(2, rank);
        this.batch = shape.dim(0);
        this.channels = operands[1].dim(1);
        this.filters = operands[1].dim(0) / groups;
        this.x = values[0];
        this.kernel = values[1];
        this.result = result;
        this.packed = new double[kernel.length / groups];
        int depth = Math.min(DEPTH, packed.length / filters);
        int columns = (int) Math.min(COLUMNS, (long) batch * places.length());
        this.matrix = new double[depth * columns];
        this.product = new double[filters * columns];
        this.total = new double[filters * columns];
    }

    void run(Checkpoint checkpoint) {
        Arrays.fill(result, 0);
        List<List<Phase>> choices = new ArrayList<>();
        int[] counts = new int[windows.size()];
        for (int i = 0; i < counts.length; i++) {
            choices.add(Phase.of(windows.get(i), taps.dim(i), places.dim(i)));
            counts[i] = choices.get(i).size();
        }
        Shape combinations = Shape.of(counts);
        for (int c = 0; c < combinations.length(); c++) {
            int[] chosen = combinations.index(c);
            Phase[] phases = new Phase[chosen.length];
            Arrays.setAll(phases, i -> choices.get(i).get(chosen[i]));
            for (int group = 0; group < groups; group++) {
                multiply(group, phases, checkpoint);
            }
        }
    }

    private void multiply(int group, Phase[] phases, Checkpoint checkpoint) {
        Shape met = Shape.of(Arrays.stream(phases).mapToInt(phase -> phase.taps().length).toArray());
        int[][] chosen = new int[met.length()][];
        Arrays.setAll(chosen, met::index);
        int depth = channels * chosen.length;
        if (depth == 0) {
            return;
        }
        pack(group, phases, chosen, depth);
        Runs runs = new Runs(phases);
        for (int from = 0; from < runs.count(); from += runs.inBlock) {
            runs.place(from);
            for (int row = 0; row < depth; row += DEPTH) {
                checkpoint.check();
                int rows = Math.min(DEPTH, depth - row);
                for (int d = 0; d < rows; d++) {
                    runs.gather(group * channels + (row + d) / chosen.length, chosen[(row + d) % chosen.length], d * runs.width);
                }
                Kernels.best().gemm(filters, runs.width, rows, packed, filters * row, matrix, 0, product, 0, checkpoint);
                add(row == 0, filters * runs.width);
            }
            runs.scatter(group * filters);
        }
    }

    private void add(boolean first, int n) {
        if (first) {
            double[] spare = total;
            total = product;
            product = spare;
        } else {
            Kernels.best().binary(Kernels.Binary.ADD, total, 0, 1, product, 0, 1, total, 0, n);
        }
    }

    /** Copies the elements of a group's kernel that this phase uses, in the order of the matrix's blocks of rows. */
    private void pack(int group, Phase[] phases, int[][] chosen, int depth) {
        int[] strides = Strides.of(taps);
        int[] offsets = new int[chosen.length];
        for (int t = 0; t < offsets.length; t++) {
            for (int i = 0; i < phases.length; i++) {
                offsets[t] += phases[i].taps()[chosen[t][i]] * strides[i];
            }
        }
        int to = 0;
        for (int row = 0; row < depth; row += DEPTH) {
            int end = Math.min(depth, row + DEPTH);
            for (int filter = group * filters; filter < (group + 1) * filters; filter++) {
                for (int d = row; d < end; d++) {
                    packed[to++] = kernel[(filter * channels + d / offsets.length) * taps.length() + offsets[d % offsets.length]];
                }
            }
        }
    }

    /** The results along the last axis in runs, several of which make a block of columns. */
    private final class Runs {
        private final Phase[] phases;
        private final Phase last;
        private final int axes;
        private final Shape rows;
        private final int length;
        private final int pieces;
        private final int inBlock;
        private final int[][] at;
        private final int[] start;
        private final int[] lengths;
        private int used;
        private int width;

        Runs(Phase[] phases) {
            this.phases = phases;
            this.axes = phases.length - 1;
            this.last = phases[axes];
            int[] dims = new int[axes + 1];
            dims[0] = batch;
            for (int i = 0; i < axes; i++) {
                dims[i + 1] = phases[i].count();
            }
            this.rows = Shape.of(dims);
            this.length = Math.min(last.count(), COLUMNS);
            this.pieces = (last.count() + length - 1) / length;
            this.inBlock = Math.min(COLUMNS / length, count());
            this.at = new int[inBlock][];
            this.start = new int[inBlock];
            this.lengths = new int[inBlock];
        }

        int count() {
            return rows.length() * pieces;
        }

        void place(int from) {
            used = Math.min(inBlock, count() - from);
            width = 0;
            for (int u = 0; u < used; u++) {
                at[u] = rows.index((from + u) / pieces);
                start[u] = (from + u) % pieces * length;
                lengths[u] = Math.min(length, last.count() - start[u]);
                width += lengths[u];
            }
        }

        /** Writes a row of the matrix: the element of a channel that each result of the block multiplies by one element of the kernel. */
        void gather(int channel, int[] tap, int to) {
            int column = to;
            for (int u = 0; u < used; u++) {
                int from = at[u][0] * groups * channels + channel;
                boolean inside = true;
                for (int i = 0; i < axes; i++) {
                    int read = phases[i].reads()[tap[i]] + at[u][i + 1] * phases[i].step();
                    inside &= read >= 0 && read < space.dim(i);
                    from = from * space.dim(i) + read;
                }
                int first = last.reads()[tap[axes]] + start[u] * last.step();
                int n = lengths[u];
                int begin = inside ? Math.clamp(-Math.floorDiv((long) first, last.step()), 0, n) : n;
                int end = inside ? Math.clamp(Math.floorDiv(space.dim(axes) - 1L - first, last.step()) + 1, begin, n) : n;
                Arrays.fill(matrix, column, column + begin, 0);
                copy(from * space.dim(axes) + first + begin * last.step(), column + begin, end - begin);
                Arrays.fill(matrix, column + end, column + n, 0);
                column += n;
            }
        }

        private void copy(int from, int to, int n) {
            int step = last.step();
            if (step == 1) {
                System.arraycopy(x, n == 0 ? 0 : from, matrix, to, n);
            } else {
                for (int j = 0; j < n; j++) {
                    matrix[to + j] = x[from + j * step];
                }
            }
        }

        void scatter(int firstFilter) {
            int column = 0;
            for (int u = 0; u < used; u++) {
                int place = 0;
                for (int i = 0; i < axes; i++) {
                    place = place * places.dim(i) + phases[i].first() + at[u][i + 1] * phases[i].period();
                }
                place = place * places.dim(axes) + last.first() + start[u] * last.period();
                for (int f = 0; f < filters; f++) {
                    int to = (at[u][0] * groups * filters + firstFilter + f) * places.length() + place;
                    int from = f * width + column;
                    for (int j = 0; j < lengths[u]; j++) {
                        result[to + j * last.period()] = total[from + j];
                    }
                }
                column += lengths[u];
            }
        }
    }
}
