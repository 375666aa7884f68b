package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Computes convolutions: by {@link ShiftedRows} where that is possible, otherwise by {@link Im2Col}. A result is one chain of fma over
 * channels and elements of the kernel, in this order, either way; threads share results.
 */
final class ConvolutionLoops implements Kernel {
    private final Patches.Sizes sizes;
    /** The phases of each axis. Each combination of them is a part of the results. */
    private final List<List<Phase>> choices = new ArrayList<>();

    ConvolutionLoops(List<Window> windows, int groups, Shape[] operands, Shape shape) {
        int rank = shape.rank();
        this.sizes = new Patches.Sizes(shape.dim(0), groups, operands[1].dim(1), operands[1].dim(0) / groups, operands[0].sub(2, rank),
                operands[1].sub(2, rank), shape.sub(2, rank));
        for (int i = 0; i < windows.size(); i++) {
            choices.add(Phase.of(windows.get(i), sizes.taps().dim(i), sizes.places().dim(i)));
        }
    }

    @Override
    public void run(double[][] operands, double[] result, Parallel parallel) {
        double reached = sizes.channels() == 0 ? 0 : 1;
        for (List<Phase> ofAxis : choices) {
            reached *= ofAxis.stream().mapToInt(Phase::count).sum();
        }
        if (reached < sizes.places().length()) {
            // Results that read nothing but zeros between elements of the input.
            Arrays.fill(result, 0);
        }
        forEach(phases -> {
            if (ShiftedRows.fits(sizes, phases)) {
                new ShiftedRows(sizes, phases).run(operands[0], operands[1], result, parallel);
            } else {
                new Im2Col(sizes, phases).run(operands[0], operands[1], result, parallel);
            }
        });
    }

    private void forEach(Consumer<Phase[]> action) {
        Shape combinations = Shape.of(choices.stream().mapToInt(List::size).toArray());
        for (int c = 0; c < combinations.length(); c++) {
            int[] chosen = combinations.index(c);
            Phase[] phases = new Phase[chosen.length];
            Arrays.setAll(phases, i -> choices.get(i).get(chosen[i]));
            action.accept(phases);
        }
    }

    @Override
    public long bytes() {
        double[] most = new double[1];
        forEach(phases -> most[0] = Math.max(most[0],
                ShiftedRows.fits(sizes, phases) ? ShiftedRows.bytes(sizes, phases) : Im2Col.bytes(sizes, phases)));
        return (long) most[0];
    }
}
