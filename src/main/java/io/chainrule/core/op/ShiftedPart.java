package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;

/**
 * Computes some of the results of {@link ShiftedRows}, on one thread. Results are numbered by group, then by image, then within the image;
 * all filters of the group are computed for each of them.
 */
final class ShiftedPart {
    private final ShiftedRows rows;
    private final Patches.Sizes sizes;
    private final double[] x;
    private final double[][] panels;
    private final double[] result;
    private final double[] copy;
    /** Of which group and image this is a copy. */
    private int copied = -1;
    private final double[] products;
    private final int[] origins;
    private final int[] to;

    ShiftedPart(ShiftedRows rows, double[] x, double[][] panels, double[] result) {
        this.rows = rows;
        this.sizes = rows.sizes;
        this.x = x;
        this.panels = panels;
        this.result = result;
        this.copy = new double[Math.toIntExact(rows.frame.copied(sizes))];
        this.products = new double[Math.multiplyExact(rows.filters, rows.together)];
        this.origins = new int[rows.areNeighbours ? 0 : rows.together];
        this.to = new int[origins.length];
    }

    void run(int from, int end, Checkpoint checkpoint) {
        boolean isOfOneImage = rows.areNeighbours || rows.frame.isPadded();
        int inRun = (isOfOneImage ? 1 : sizes.batch()) * rows.count;
        for (int begin = from; begin < end;) {
            int stop = Math.min(Math.min(end, (begin / inRun + 1) * inRun), begin + rows.together);
            if (rows.areNeighbours) {
                neighbours(begin / rows.count, begin % rows.count, stop - begin, checkpoint);
            } else {
                wanted(begin, stop - begin, checkpoint);
            }
            begin = stop;
        }
    }

    /** Where an image of a group begins in the array that is read; makes a copy of it first if it has padding. */
    private int place(int part) {
        int image = part % sizes.batch() * sizes.groups() + part / sizes.batch();
        if (!rows.frame.isPadded()) {
            return image * sizes.channels() * sizes.space().length();
        }
        if (part != copied) {
            pad(image * sizes.channels() * sizes.space().length());
            copied = part;
        }
        return 0;
    }

    private double[] read() {
        return rows.frame.isPadded() ? copy : x;
    }

    /** Where the results of a group's first filter begin for an image. */
    private int target(int part) {
        return (part % sizes.batch() * sizes.groups() + part / sizes.batch()) * sizes.filters() * sizes.places().length();
    }

    private void neighbours(int part, int begin, int n, Checkpoint checkpoint) {
        int end = begin + n;
        // At least as many as fit into a tile; those before the beginning are computed again, and not written.
        int start = Math.max(0, Math.min(begin, end - ShiftedRows.LEAST_TOGETHER));
        int from = place(part) + start;
        Kernels.best().correlate(sizes.filters(), end - start, rows.shifts.length, panels[part / sizes.batch()], read(), from,
                rows.shifts, products, checkpoint);
        int found = Arrays.binarySearch(rows.starts, begin);
        for (int row = found < 0 ? -found - 2 : found; row < rows.starts.length && rows.starts[row] < end; row++) {
            write(row, begin, end, start, target(part));
        }
    }

    /** Writes what lies between {@code begin} and {@code end} of a row of results; the products begin with that of {@code start}. */
    private void write(int row, int begin, int end, int start, int target) {
        int period = rows.last.period();
        int first = Math.max(rows.starts[row], begin);
        int n = Math.min(rows.starts[row] + rows.last.count(), end) - first;
        int at = target + rows.targets[row] + (first - rows.starts[row]) * period;
        int from = first - start;
        for (int f = 0; f < sizes.filters() && n > 0; f++) {
            if (period == 1) {
                System.arraycopy(products, from, result, at, n);
            } else {
                for (int j = 0; j < n; j++) {
                    result[at + j * period] = products[from + j];
                }
            }
            at += sizes.places().length();
            from += end - start;
        }
    }

    private void wanted(int begin, int n, Checkpoint checkpoint) {
        int columns = rows.last.count();
        for (int u = 0; u < n; u++) {
            int part = (begin + u) / rows.count;
            int row = (begin + u) % rows.count / columns;
            int column = (begin + u) % columns;
            origins[u] = place(part) + rows.starts[row] + column * rows.last.step();
            to[u] = target(part) + rows.targets[row] + column * rows.last.period();
        }
        int group = begin / rows.count / sizes.batch();
        Kernels.best().correlateAt(sizes.filters(), n, rows.shifts.length, panels[group], read(), origins, rows.shifts, products,
                checkpoint);
        for (int f = 0; f < sizes.filters(); f++) {
            int source = f / Kernels.PANEL_ROWS * Kernels.PANEL_ROWS * n + f % Kernels.PANEL_ROWS;
            for (int u = 0; u < n; u++) {
                result[to[u] + f * sizes.places().length()] = products[source + u * Kernels.PANEL_ROWS];
            }
        }
    }

    /**
     * Copies the channels of an image, which begin at {@code first}, to where the padding, which is never written, leaves room for them.
     */
    private void pad(int first) {
        int last = rows.phases.length - 1;
        int[] low = rows.frame.low();
        Shape space = rows.frame.space();
        int[] strides = Strides.of(space);
        int[] own = Strides.of(sizes.space());
        int[] lengths = new int[last + 1];
        int[][] sources = new int[last + 1][];
        int[][] targets = new int[last + 1][];
        for (int i = 0; i <= last; i++) {
            int from = Math.max(0, low[i]);
            lengths[i] = Math.max(0, Math.min(sizes.space().dim(i), low[i] + space.dim(i)) - from);
            int starts = i == last ? 1 : lengths[i];
            sources[i] = Offsets.steps(starts, from * own[i], own[i]);
            targets[i] = Offsets.steps(starts, (from - low[i]) * strides[i], strides[i]);
        }
        int[] source = Offsets.of(sources);
        int[] target = Offsets.of(targets);
        for (int channel = 0; channel < sizes.channels() && lengths[last] > 0; channel++) {
            int from = first + channel * sizes.space().length();
            int at = channel * space.length();
            for (int r = 0; r < source.length; r++) {
                System.arraycopy(x, from + source[r], copy, at + target[r], lengths[last]);
            }
        }
    }
}
