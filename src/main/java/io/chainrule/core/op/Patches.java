package io.chainrule.core.op;

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
    static final int COLUMNS = 256;
    /** The memory of an element of the kernel, with its positions and the distances at which it reads. */
    private static final int BYTES_A_TAP = 64;

    /** The lengths of a convolution; {@code space}, {@code taps} and {@code places} are those of input, kernel and result in its axes. */
    record Sizes(int batch, int groups, int channels, int filters, Shape space, Shape taps, Shape places) {}

    final Sizes sizes;
    final Phase[] phases;
    final Phase last;
    /** The number of axes but the last. */
    final int axes;
    final int[][] taps;
    /** For each of the {@link #taps}, the distance of the element that it reads from the origin of a run, in all axes. */
    final int[][] reads;
    final boolean isAlongTaps;
    /** The rows of results: images, and places in each axis but the last. */
    final Shape rows;
    /** Results along the last axis are divided into runs of at most this length. Several runs make a block of columns. */
    final int length;
    final int pieces;

    Patches(Sizes sizes, Phase[] phases) {
        this.sizes = sizes;
        this.phases = phases;
        this.axes = phases.length - 1;
        this.last = phases[axes];
        Shape met = Shape.of(Arrays.stream(phases).mapToInt(phase -> phase.taps().length).toArray());
        this.taps = IntStream.range(0, met.length()).mapToObj(met::index).toArray(int[][]::new);
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
        this.pieces = Math.ceilDiv(last.count(), length);
    }

    /** The number of elements of the kernel that phases use. */
    static int taps(Phase[] phases) {
        return Arrays.stream(phases).mapToInt(phase -> phase.taps().length).reduce(1, (a, b) -> a * b);
    }

    /** The memory of this and of a {@link PatchBlock}, in bytes. */
    static double bytes(Sizes sizes, Phase[] phases) {
        double depth = Math.min(DEPTH, (double) sizes.channels() * taps(phases));
        double columns = Math.min(COLUMNS, (double) sizes.batch() * sizes.places().length());
        return Double.BYTES * columns * (depth + sizes.filters()) + (double) BYTES_A_TAP * taps(phases);
    }

    /** The number of rows of the matrix: channels times elements of the kernel. */
    int depth() {
        return sizes.channels() * taps.length;
    }

    int runs() {
        return rows.length() * pieces;
    }

    int runsInBlock() {
        return Math.min(COLUMNS / length, runs());
    }
}
