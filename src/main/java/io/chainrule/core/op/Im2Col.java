package io.chainrule.core.op;

import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loops of a convolution: by {@link ShiftedRows} where that is possible, otherwise by im2col. There the elements that one result reads
 * are a column of a matrix, which is built in blocks and multiplied by the kernel (Chellapilla, Puri and Simard 2006). A result is one chain of
 * fma over channels and elements of the kernel, in this order, either way. Memory besides the operands: a copy of one group's kernel, and
 * blocks of bounded size.
 */
final class Im2Col {
    private final List<Window> windows;
    private final Patches.Sizes sizes;
    private final int groups;
    private final double[] x;
    private final double[] kernel;
    private final double[] result;
    private Patches.@Nullable Blocks blocks;

    Im2Col(List<Window> windows, int groups, Shape[] operands, Shape shape, double[][] values, double[] result) {
        int rank = shape.rank();
        this.windows = windows;
        this.groups = groups;
        this.sizes = new Patches.Sizes(shape.dim(0), groups, operands[1].dim(1), operands[1].dim(0) / groups, operands[0].sub(2, rank),
                operands[1].sub(2, rank), shape.sub(2, rank));
        this.kernel = values[1];
        this.result = result;
        this.x = values[0];
    }

    void run(Checkpoint checkpoint) {
        List<List<Phase>> choices = new ArrayList<>();
        int[] counts = new int[windows.size()];
        for (int i = 0; i < counts.length; i++) {
            choices.add(Phase.of(windows.get(i), sizes.taps().dim(i), sizes.places().dim(i)));
            counts[i] = choices.get(i).size();
        }
        double reached = sizes.channels() == 0 ? 0 : 1;
        for (List<Phase> ofAxis : choices) {
            reached *= ofAxis.stream().mapToInt(Phase::count).sum();
        }
        if (reached < sizes.places().length()) {
            // Results that read nothing but zeros between elements of the input.
            Arrays.fill(result, 0);
        }
        Shape combinations = Shape.of(counts);
        for (int c = 0; c < combinations.length(); c++) {
            int[] chosen = combinations.index(c);
            Phase[] phases = new Phase[chosen.length];
            Arrays.setAll(phases, i -> choices.get(i).get(chosen[i]));
            ShiftedRows rows = ShiftedRows.fits(sizes, phases) ? new ShiftedRows(sizes, phases) : null;
            for (int group = 0; group < groups; group++) {
                if (rows != null) {
                    rows.run(group, x, kernel, result, checkpoint);
                } else {
                    multiply(group, phases, checkpoint);
                }
            }
        }
    }

    private Patches.Blocks blocks() {
        if (blocks == null) {
            blocks = new Patches.Blocks(x, sizes, sizes.channels() * sizes.taps().length());
        }
        return blocks;
    }

    private void multiply(int group, Phase[] phases, Checkpoint checkpoint) {
        Patches.Blocks blocks = blocks();
        Patches patches = new Patches(sizes, phases, blocks);
        int depth = patches.depth();
        int filters = sizes.filters();
        if (depth == 0) {
            return;
        }
        double[] packed = packed(group, phases, Patches.taps(phases), depth);
        for (int from = 0; from < patches.runs(); from += patches.runsInBlock()) {
            patches.place(from);
            for (int row = 0; row < depth; row += Patches.DEPTH) {
                checkpoint.check();
                int rows = Math.min(Patches.DEPTH, depth - row);
                Matrix part = patches.fill(group, row, rows);
                Matrix left = new Matrix(packed, row, depth, 1);
                Kernels.best().chains(row == 0, filters, patches.width(), rows, left, part, blocks.product(), 0, checkpoint);
            }
            patches.scatter(group * filters, result);
        }
    }

    /** Copies the elements of a group's kernel that these phases use, a row for each filter. */
    private double[] packed(int group, Phase[] phases, int[][] taps, int depth) {
        double[] packed = new double[sizes.filters() * depth];
        int[] strides = Strides.of(sizes.taps());
        int[] offsets = new int[taps.length];
        for (int t = 0; t < offsets.length; t++) {
            for (int i = 0; i < phases.length; i++) {
                offsets[t] += phases[i].taps()[taps[t][i]] * strides[i];
            }
        }
        int to = 0;
        for (int row = group * sizes.filters() * sizes.channels(); to < packed.length; row++) {
            for (int offset : offsets) {
                packed[to++] = kernel[row * sizes.taps().length() + offset];
            }
        }
        return packed;
    }
}
