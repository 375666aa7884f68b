package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.Arrays;

/**
 * The loops of a convolution that reads the input where it stands. If the results of one image are numbered as the input's elements are,
 * the elements that they read through one element of the kernel are neighbours in memory. Between two rows of results there are then some
 * that are not needed; it takes less time to compute them than to copy what each result reads. An image with padding is copied once, with
 * its zeros.
 */
final class ShiftedRows {
    /** The most products of filters and results that are held, 2 MB. */
    private static final int MOST_PRODUCTS = 1 << 18;
    /**
     * The most results that are computed together, and the fewest: fewer results, or fewer filters, leave most of a register tile unused.
     */
    private static final int MOST_TOGETHER = 1024;
    static final int LEAST_TOGETHER = 16;
    private static final int LEAST_FILTERS = 4;
    /** Where more results than this would be computed for each that is wanted, those that are wanted are computed alone. */
    private static final int MOST_FOR_ONE = 2;
    /** Results that are computed alone are shared among threads by so many, half a register tile. */
    private static final int ALONE = 4;
    /** The elements of an image with its padding, 4 MB. */
    private static final int MOST_COPIED = 1 << 19;

    final Patches.Sizes sizes;
    final Phase[] phases;
    final Phase last;
    final Frame frame;
    /** Where each channel and element of the kernel reads, from the place of a result. */
    final int[] shifts;
    /** Where each row of results begins, in the numbers of the input, and in the result. */
    final int[] starts;
    final int[] targets;
    /** Whether results are computed together that are neighbours in the input, and not only those that are wanted. */
    final boolean areNeighbours;
    /** The results of an image, and how many are computed together. */
    final int count;
    final int together;
    /** The filters of a group, with those that fill the last panel. */
    final int filters;
    /** For each group its filters in panels, as {@link Kernels#correlate} takes them. */
    private final double[][] panels;

    /**
     * What is read of an image.
     *
     * @param low where results begin to read, in each axis
     * @param space the lengths of the image; that of its copy if it is padded
     */
    record Frame(boolean isPadded, int[] low, Shape space) {
        static Frame of(Patches.Sizes sizes, Phase[] phases) {
            int[] low = new int[phases.length];
            int[] lengths = new int[phases.length];
            boolean isPadded = false;
            for (int i = 0; i < lengths.length; i++) {
                low[i] = Arrays.stream(phases[i].reads()).min().orElseThrow();
                long high = Arrays.stream(phases[i].reads()).max().orElseThrow() + (phases[i].count() - 1L) * phases[i].step();
                lengths[i] = Math.toIntExact(Math.min(Integer.MAX_VALUE, high - low[i] + 1));
                isPadded |= low[i] < 0 || high >= sizes.space().dim(i);
            }
            return new Frame(isPadded, low, isPadded ? Shape.of(lengths) : sizes.space());
        }

        /** The number of results of an image, with the unwanted ones that are computed between its rows. */
        int count(Phase[] phases) {
            int[] strides = Strides.of(space);
            int count = phases[phases.length - 1].count();
            for (int i = 0; i < phases.length - 1; i++) {
                count += (phases[i].count() - 1) * phases[i].step() * strides[i];
            }
            return count;
        }

        boolean areNeighbours(Phase[] phases) {
            int count = count(phases);
            return Arrays.stream(phases).allMatch(phase -> phase.step() == 1) && count >= LEAST_TOGETHER
                    && count <= (long) MOST_FOR_ONE * wanted(phases);
        }

        static int wanted(Phase[] phases) {
            return Arrays.stream(phases).mapToInt(Phase::count).reduce(1, Math::multiplyExact);
        }

        int together(Patches.Sizes sizes, Phase[] phases) {
            long all = areNeighbours(phases) ? count(phases) : (long) sizes.batch() * wanted(phases);
            return Math.clamp(Math.min(MOST_PRODUCTS / padded(sizes.filters()), all), LEAST_TOGETHER, MOST_TOGETHER);
        }

        /** The length of a copy of an image, if there is one. */
        long copied(Patches.Sizes sizes) {
            return isPadded ? sizes.channels() * space.size() : 0;
        }
    }

    ShiftedRows(Patches.Sizes sizes, Phase[] phases) {
        this.sizes = sizes;
        this.phases = phases;
        this.last = phases[phases.length - 1];
        this.frame = Frame.of(sizes, phases);
        int[] strides = Strides.of(frame.space());
        int[] targetStrides = Strides.of(sizes.places());
        int[][] reads = new int[1 + phases.length][];
        int[][] origins = new int[phases.length - 1][];
        int[][] places = new int[phases.length][];
        reads[0] = Offsets.steps(sizes.channels(), 0, frame.space().length());
        for (int i = 0; i < phases.length; i++) {
            Phase phase = phases[i];
            int stride = strides[i];
            int first = frame.isPadded() ? frame.low()[i] : 0;
            reads[1 + i] = Arrays.stream(phase.reads()).map(read -> (read - first) * stride).toArray();
            boolean isLast = i == phases.length - 1;
            places[i] = Offsets.steps(isLast ? 1 : phase.count(), phase.first() * targetStrides[i], phase.period() * targetStrides[i]);
            if (!isLast) {
                origins[i] = Offsets.steps(phase.count(), 0, phase.step() * stride);
            }
        }
        this.shifts = Offsets.of(reads);
        this.starts = Offsets.of(origins);
        this.targets = Offsets.of(places);
        this.areNeighbours = frame.areNeighbours(phases);
        this.count = areNeighbours ? frame.count(phases) : Frame.wanted(phases);
        this.together = frame.together(sizes, phases);
        this.filters = padded(sizes.filters());
        this.panels = new double[sizes.groups()][filters * shifts.length];
    }

    private static int padded(int filters) {
        return Math.ceilDiv(filters, Kernels.PANEL_ROWS) * Kernels.PANEL_ROWS;
    }

    /** Whether this is possible, and faster than with {@link Patches}. */
    static boolean fits(Patches.Sizes sizes, Phase[] phases) {
        Frame frame = Frame.of(sizes, phases);
        double length = Arrays.stream(frame.space().dims()).asDoubleStream().reduce(1, (a, b) -> a * b);
        return sizes.filters() >= LEAST_FILTERS && length * sizes.channels() <= (frame.isPadded() ? MOST_COPIED : Integer.MAX_VALUE);
    }

    /** The memory of a run on one thread beside operands and result, in bytes. */
    static double bytes(Patches.Sizes sizes, Phase[] phases) {
        Frame frame = Frame.of(sizes, phases);
        double depth = (double) sizes.channels() * Patches.taps(phases);
        double filters = padded(sizes.filters());
        int rows = Frame.wanted(phases) / phases[phases.length - 1].count();
        return Double.BYTES * (sizes.groups() * filters * depth + frame.copied(sizes) + filters * frame.together(sizes, phases))
                + Integer.BYTES * (2 * depth + 2.0 * rows + 2 * MOST_TOGETHER);
    }

    void run(double[] x, double[] kernel, double[] result, Parallel parallel) {
        int[] offsets = Offsets.of(Offsets.steps(sizes.channels(), 0, sizes.taps().length()), Phase.offsets(phases, sizes.taps()));
        parallel.share(shifts.length, parallel.grain((long) sizes.groups() * filters), (from, end) -> pack(kernel, offsets, from, end));
        int unit = parallel.grain(2L * filters * shifts.length, areNeighbours ? LEAST_TOGETHER : ALONE);
        parallel.share(sizes.groups() * sizes.batch() * count, unit,
                (from, end) -> new ShiftedPart(this, x, panels, result).run(from, end, parallel));
    }

    /** Copies a part of the elements of all filters, those of a panel next to each other. */
    private void pack(double[] kernel, int[] offsets, int from, int end) {
        int[] rows = new int[Kernels.PANEL_ROWS];
        for (int group = 0; group < panels.length; group++) {
            double[] packed = panels[group];
            for (int f = 0; f < filters; f += Kernels.PANEL_ROWS) {
                for (int r = 0; r < rows.length; r++) {
                    int filter = group * sizes.filters() + Math.min(f + r, sizes.filters() - 1);
                    rows[r] = filter * sizes.channels() * sizes.taps().length();
                }
                for (int d = from; d < end; d++) {
                    int to = f * offsets.length + d * Kernels.PANEL_ROWS;
                    for (int r = 0; r < Kernels.PANEL_ROWS; r++) {
                        packed[to + r] = kernel[rows[r] + offsets[d]];
                    }
                }
            }
        }
    }
}
