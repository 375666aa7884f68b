package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;

/**
 * The loops of a convolution by im2col: the elements that one result reads are a column of a matrix, which is built in blocks and
 * multiplied by the kernel (Chellapilla, Puri and Simard 2006). Memory besides the operands: a copy of the kernel, and blocks of bounded
 * size.
 */
final class Im2Col {
    private final Patches.Sizes sizes;
    private final Patches patches;
    private final int depth;

    Im2Col(Patches.Sizes sizes, Phase[] phases) {
        this.sizes = sizes;
        this.patches = new Patches(sizes, phases);
        this.depth = patches.depth();
    }

    /** The memory of a run on one thread beside operands and result, in bytes. */
    static double bytes(Patches.Sizes sizes, Phase[] phases) {
        double kernel = (double) sizes.groups() * sizes.filters() * sizes.channels() * Patches.taps(phases);
        return Double.BYTES * kernel + Patches.bytes(sizes, phases);
    }

    void run(double[] x, double[] kernel, double[] result, Parallel parallel) {
        double[] packed = packed(kernel);
        parallel.share(sizes.groups() * patches.runs(), parallel.grain(2L * sizes.filters() * depth * patches.length),
                (from, end) -> multiply(new PatchBlock(patches, x), packed, result, from, end, parallel));
    }

    /** Computes some of the runs, which are numbered by group. */
    private void multiply(PatchBlock block, double[] packed, double[] result, int from, int end, Checkpoint checkpoint) {
        int filters = sizes.filters();
        for (int begin = from; begin < end;) {
            int group = begin / patches.runs();
            int stop = Math.min(Math.min(end, (group + 1) * patches.runs()), begin + patches.runsInBlock());
            block.place(begin - group * patches.runs(), stop - begin);
            for (int row = 0; row < depth; row += Patches.DEPTH) {
                checkpoint.check();
                int rows = Math.min(Patches.DEPTH, depth - row);
                Matrix part = block.fill(group, row, rows);
                Matrix left = new Matrix(packed, group * filters * depth + row, depth, 1);
                Kernels.best().chains(row == 0, filters, block.width(), rows, left, part, block.product(), 0, checkpoint);
            }
            block.scatter(group * filters, result);
            begin = stop;
        }
    }

    /** Copies the elements of the kernel that these phases use, a row for each filter. */
    private double[] packed(double[] kernel) {
        int[] offsets = Phase.offsets(patches.phases, sizes.taps());
        double[] packed = new double[sizes.groups() * sizes.filters() * depth];
        int to = 0;
        for (int row = 0; to < packed.length; row++) {
            for (int offset : offsets) {
                packed[to++] = kernel[row * sizes.taps().length() + offset];
            }
        }
        return packed;
    }
}
