package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;

/**
 * The loops of a convolution that reads the input where it stands. If the results of one image are numbered as the input's elements are, the
 * elements that they read through one element of the kernel are neighbours in memory. Between two rows of results there are then some that
 * are not needed; it takes less time to compute them than to copy what each result reads. An image with padding is copied once, with its zeros.
 */
final class ShiftedRows {
    /** The most products of filters and results that are held, 2 MB. */
    private static final int MOST_PRODUCTS = 1 << 18;
    /** The most results that are computed together, and the fewest: fewer results, or fewer filters, leave most of a register tile unused. */
    private static final int MOST_TOGETHER = 1024;
    private static final int LEAST_TOGETHER = 16;
    private static final int LEAST_FILTERS = 4;
    /** Where more results than this would be computed for each that is wanted, those that are wanted are computed alone. */
    private static final int MOST_FOR_ONE = 2;
    /** The elements of an image with its padding, 4 MB. */
    private static final int MOST_COPIED = 1 << 19;

    private final Patches.Sizes sizes;
    private final Phase[] phases;
    private final int axes;
    private final int last;
    /** Where results begin to read, in each axis. */
    private final int[] low;
    /** The lengths of the image that is read, and its elements. */
    private final Shape space;
    private final int length;
    private final int[] strides;
    private final int[][] taps;
    /** Where each channel and element of the kernel reads, from the place of a result. */
    private final int[] shifts;
    /** Where each row of results begins, in the numbers of the input, and in the result. */
    private final int[] starts;
    private final int[] targets;
    /** Whether results are computed together that are neighbours in the input, and not only those that are wanted. */
    private final boolean areNeighbours;
    private final boolean isPadded;
    private final int together;
    private final double[] copy;
    private final double[] products;
    private final double[] panels;

    ShiftedRows(Patches.Sizes sizes, Phase[] phases) {
        this.sizes = sizes;
        this.phases = phases;
        this.axes = phases.length;
        this.last = axes - 1;
        this.low = low(phases);
        this.isPadded = isPadded(sizes, phases);
        this.space = isPadded ? spanned(phases) : sizes.space();
        this.length = space.length();
        this.strides = Strides.of(space);
        this.taps = Patches.taps(phases);
        int[] ofTaps = new int[taps.length];
        for (int t = 0; t < taps.length; t++) {
            for (int i = 0; i < axes; i++) {
                ofTaps[t] += (phases[i].reads()[taps[t][i]] - (isPadded ? low[i] : 0)) * strides[i];
            }
        }
        this.shifts = ofChannels(ofTaps, length);
        Shape rows = Shape.of(Arrays.stream(phases, 0, last).mapToInt(Phase::count).toArray());
        this.starts = new int[rows.length()];
        this.targets = new int[starts.length];
        for (int r = 0; r < starts.length; r++) {
            int[] at = rows.index(r);
            for (int i = 0; i < last; i++) {
                starts[r] += at[i] * phases[i].step() * strides[i];
                targets[r] = targets[r] * sizes.places().dim(i) + phases[i].first() + at[i] * phases[i].period();
            }
            targets[r] = targets[r] * sizes.places().dim(last) + phases[last].first();
        }
        this.copy = new double[isPadded ? sizes.channels() * length : 0];
        int filters = Math.ceilDiv(sizes.filters(), Kernels.PANEL_ROWS) * Kernels.PANEL_ROWS;
        this.together = Math.clamp(Math.min(MOST_PRODUCTS / filters, count()), LEAST_TOGETHER, MOST_TOGETHER);
        this.products = new double[Math.multiplyExact(filters, together)];
        this.panels = new double[filters * shifts.length];
        this.areNeighbours = areNeighbours();
    }

    /** Whether this is possible, and faster than with {@link Patches}. */
    static boolean fits(Patches.Sizes sizes, Phase[] phases) {
        boolean isPadded = isPadded(sizes, phases);
        double length = isPadded ? size(spanned(phases)) : size(sizes.space());
        return sizes.filters() >= LEAST_FILTERS && length * sizes.channels() <= (isPadded ? MOST_COPIED : Integer.MAX_VALUE);
    }

    private boolean areNeighbours() {
        return Arrays.stream(phases).allMatch(phase -> phase.step() == 1) && count() >= LEAST_TOGETHER
                && count() <= (long) MOST_FOR_ONE * wanted();
    }

    /** The results of an image. */
    private int wanted() {
        return starts.length * phases[last].count();
    }

    private static double size(Shape shape) {
        return Arrays.stream(shape.dims()).asDoubleStream().reduce(1, (a, b) -> a * b);
    }

    private static int[] low(Phase[] phases) {
        return Arrays.stream(phases).mapToInt(phase -> Arrays.stream(phase.reads()).min().orElseThrow()).toArray();
    }

    private static boolean isPadded(Patches.Sizes sizes, Phase[] phases) {
        int[] low = low(phases);
        int[] lengths = spanned(phases).dims();
        boolean isPadded = false;
        for (int i = 0; i < low.length; i++) {
            isPadded |= low[i] < 0 || (long) low[i] + lengths[i] > sizes.space().dim(i);
        }
        return isPadded;
    }

    /** What the results of these phases reach over, in each axis. */
    private static Shape spanned(Phase[] phases) {
        int[] low = low(phases);
        int[] lengths = new int[phases.length];
        for (int i = 0; i < lengths.length; i++) {
            long high = Arrays.stream(phases[i].reads()).max().orElseThrow() + (phases[i].count() - 1L) * phases[i].step();
            lengths[i] = Math.toIntExact(Math.min(Integer.MAX_VALUE, high - low[i] + 1));
        }
        return Shape.of(lengths);
    }

    /** The results of an image if they are computed with those between them. */
    private int count() {
        return starts[starts.length - 1] + phases[last].count();
    }

    /** Convolves the channels of a group with its filters. */
    void run(int group, double[] x, double[] kernel, double[] result, Checkpoint checkpoint) {
        pack(group, kernel);
        int images = areNeighbours || isPadded ? 1 : sizes.batch();
        for (int image = 0; image < sizes.batch(); image += images) {
            int part = image * sizes.groups() + group;
            if (isPadded) {
                pad(x, part * sizes.channels());
            }
            double[] read = isPadded ? copy : x;
            int from = isPadded ? 0 : part * sizes.channels() * length;
            if (areNeighbours) {
                neighbours(read, from, part * sizes.filters(), result, checkpoint);
            } else {
                wanted(images, read, from, part * sizes.filters(), result, checkpoint);
            }
        }
    }

    private void neighbours(double[] x, int from, int firstFilter, double[] result, Checkpoint checkpoint) {
        int count = count();
        int row = 0;
        for (int begin = 0; begin < count; begin += together) {
            int end = Math.min(count, begin + together);
            // At least as many as fit into a tile; some of them are computed again.
            int start = Math.max(0, Math.min(begin, end - LEAST_TOGETHER));
            Kernels.best().correlate(sizes.filters(), end - start, shifts.length, panels, x, from + start, shifts, products, checkpoint);
            while (row > 0 && starts[row - 1] + phases[last].count() > start) {
                row--;
            }
            for (; row < starts.length && starts[row] < end; row++) {
                write(row, start, end, firstFilter, result);
            }
        }
    }

    private void wanted(int images, double[] x, int from, int firstFilter, double[] result, Checkpoint checkpoint) {
        int columns = phases[last].count();
        int all = images * wanted();
        int[] origins = new int[Math.min(together, all)];
        int[] to = new int[origins.length];
        for (int begin = 0; begin < all; begin += together) {
            int n = Math.min(together, all - begin);
            for (int u = 0; u < n; u++) {
                int image = (begin + u) / wanted() * sizes.groups();
                int row = (begin + u) % wanted() / columns;
                int column = (begin + u) % columns;
                origins[u] = from + image * sizes.channels() * length + starts[row] + column * phases[last].step();
                to[u] = (firstFilter + image * sizes.filters()) * sizes.places().length() + targets[row] + column * phases[last].period();
            }
            Kernels.best().correlateAt(sizes.filters(), n, shifts.length, panels, x, origins, shifts, products, checkpoint);
            for (int f = 0; f < sizes.filters(); f++) {
                int source = f / Kernels.PANEL_ROWS * Kernels.PANEL_ROWS * n + f % Kernels.PANEL_ROWS;
                for (int u = 0; u < n; u++) {
                    result[to[u] + f * sizes.places().length()] = products[source + u * Kernels.PANEL_ROWS];
                }
            }
        }
    }

    /** Copies a group's filters, those of a panel next to each other. */
    private void pack(int group, double[] kernel) {
        int filters = sizes.filters();
        int size = sizes.taps().length();
        int[] strides = Strides.of(sizes.taps());
        int[] ofTaps = new int[taps.length];
        for (int t = 0; t < taps.length; t++) {
            for (int i = 0; i < axes; i++) {
                ofTaps[t] += phases[i].taps()[taps[t][i]] * strides[i];
            }
        }
        int[] offsets = ofChannels(ofTaps, size);
        int[] rows = new int[Kernels.PANEL_ROWS];
        for (int f = 0; f < filters; f += Kernels.PANEL_ROWS) {
            for (int r = 0; r < rows.length; r++) {
                rows[r] = (group * filters + Math.min(f + r, filters - 1)) * sizes.channels() * size;
            }
            int to = f * offsets.length;
            for (int d = 0; d < offsets.length; d++) {
                for (int r = 0; r < Kernels.PANEL_ROWS; r++) {
                    panels[to + d * Kernels.PANEL_ROWS + r] = kernel[rows[r] + offsets[d]];
                }
            }
        }
    }

    /** The distances of all channels and elements of the kernel, from those of the elements and that between channels. */
    private int[] ofChannels(int[] ofTaps, int channel) {
        int[] all = new int[sizes.channels() * ofTaps.length];
        int to = 0;
        for (int c = 0; c < sizes.channels(); c++) {
            for (int tap : ofTaps) {
                all[to++] = c * channel + tap;
            }
        }
        return all;
    }

    /** Copies an image to where its padding, which is never written, leaves room for it. */
    private void pad(double[] x, int firstChannel) {
        int[] from = new int[axes];
        int[] lengths = new int[axes];
        int begin = 0;
        for (int i = 0; i < axes; i++) {
            from[i] = Math.max(0, low[i]);
            lengths[i] = Math.max(0, Math.min(sizes.space().dim(i), low[i] + space.dim(i)) - from[i]);
            begin += (from[i] - low[i]) * strides[i];
        }
        Shape rows = Shape.of(Arrays.copyOf(lengths, last));
        int[] own = Strides.of(sizes.space());
        for (int r = 0; lengths[last] > 0 && r < rows.length(); r++) {
            int[] at = rows.index(r);
            int source = firstChannel * sizes.space().length() + from[last];
            int target = begin;
            for (int i = 0; i < last; i++) {
                source += (from[i] + at[i]) * own[i];
                target += at[i] * strides[i];
            }
            for (int channel = 0; channel < sizes.channels(); channel++) {
                System.arraycopy(x, source + channel * sizes.space().length(), copy, target + channel * length, lengths[last]);
            }
        }
    }

    /** Writes what lies between {@code start} and {@code end} of a row of results. */
    private void write(int row, int start, int end, int firstFilter, double[] result) {
        int period = phases[last].period();
        int first = Math.max(starts[row], start);
        int n = Math.min(starts[row] + phases[last].count(), end) - first;
        int to = firstFilter * sizes.places().length() + targets[row] + (first - starts[row]) * period;
        int from = first - start;
        for (int f = 0; f < sizes.filters(); f++) {
            if (period == 1) {
                System.arraycopy(products, from, result, to, n);
            } else {
                for (int j = 0; j < n; j++) {
                    result[to + j * period] = products[from + j];
                }
            }
            to += sizes.places().length();
            from += end - start;
        }
    }
}
