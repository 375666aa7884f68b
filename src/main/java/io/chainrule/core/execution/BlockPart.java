package io.chainrule.core.execution;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Computes some of the elements of a {@link BlockRun}, on one thread. */
final class BlockPart {
    private static final int OPERATIONS_BETWEEN_CHECKS = 1 << 18;

    private final BlockRun run;
    private final BlockValues layout;
    private final int steps;
    private final int first;
    /** The arrays of values; released when the elements are computed, so that the registers of few parts exist at a time. */
    private double[][] values;
    /** The arrays of nodes outside. */
    private final double[][] outside;
    private final @Nullable RunningSums[] running;
    private final ElementCheck[] checks;
    /** Where each value's block begins, and how it advances. */
    private final int[] from;
    private final int[] stride;
    /** The operands of the step that is computed: their arrays, and where they begin and how they advance there. */
    private final double[][] x;
    private final int[] starts;
    private final int[] strides;
    private final double[] spare;
    private final int blocksBetweenChecks;
    private int blocks;

    /**
     * @param arrays the array of each value; null for values that stand in registers
     * @param first the first element
     */
    BlockPart(BlockRun run, BlockRun.Host host, double[][] arrays, int first) {
        this.run = run;
        this.layout = run.values;
        this.steps = layout.steps.length;
        this.first = first;
        this.values = arrays.clone();
        this.outside = Arrays.copyOfRange(arrays, steps, steps + layout.reads.length);
        this.running = new RunningSums[steps];
        this.checks = new ElementCheck[steps];
        int most = Arrays.stream(layout.operands).mapToInt(operands -> operands.length).max().orElse(0);
        this.x = new double[most][];
        this.starts = new int[most];
        this.strides = new int[most];
        this.spare = new double[run.spare()];
        this.blocksBetweenChecks = Math.max(1, OPERATIONS_BETWEEN_CHECKS / run.length / steps);
        this.from = new int[values.length];
        this.stride = new int[values.length];
        Arrays.fill(stride, 1);
        double[][] contents = new double[layout.registerCount][run.length];
        for (int i = 0; i < values.length; i++) {
            if (layout.registers[i] >= 0) {
                values[i] = contents[layout.registers[i]];
            }
        }
        for (int i = 0; i < steps; i++) {
            if (layout.steps[i] instanceof BlockStep.Sum(int _, var sums)) {
                running[i] = sums.running(arrays[i], run.position(layout.operands[i][0], first));
            } else if (layout.runs != null && layout.widths[i] < run.rowLength) {
                // A block of runs is one row, along which this value stays the same.
                stride[i] = 0;
            }
            checks[i] = host.check(layout.steps[i].node());
        }
        for (int k = 0; k < outside.length; k++) {
            if (layout.reads[k].isSingle() || layout.reads[k].isGathered()) {
                stride[steps + k] = 0;
            } else if (layout.isCopied(k)) {
                values[steps + k] = new double[run.position(steps + k, run.length)];
            }
        }
    }

    /** Computes the elements to before {@code end}. */
    void run(int end, Checkpoint checkpoint) {
        if (layout.runs == null) {
            for (int at = first; at < end; at += run.length) {
                block(at, Math.min(run.length, end - at), checkpoint);
            }
        } else {
            layout.runs.forEach(first, end, checkpoint, (outsideFrom, outsideStride, o, n) -> {
                for (int done = 0; done < n; done += run.length) {
                    for (int k = 0; k < outside.length; k++) {
                        if (layout.isInRuns(k)) {
                            from[steps + k] = outsideFrom[k] + done * outsideStride[k];
                            stride[steps + k] = outsideStride[k];
                        }
                    }
                    block(o + done, Math.min(run.length, n - done), checkpoint);
                }
            });
        }
        values = new double[0][];
    }

    private void block(int at, int n, Checkpoint checkpoint) {
        if (++blocks % blocksBetweenChecks == 0) {
            checkpoint.check();
        }
        placeReads(at, n);
        for (int i = 0; i < steps; i++) {
            int[] operands = layout.operands[i];
            for (int k = 0; k < operands.length; k++) {
                x[k] = values[operands[k]];
                starts[k] = from[operands[k]];
                strides[k] = stride[operands[k]];
            }
            RunningSums sum = running[i];
            if (sum != null) {
                sum.add(x[0], starts[0], run.position(operands[0], n));
                continue;
            }
            int position = run.position(i, at);
            from[i] = layout.registers[i] < 0 ? position : 0;
            FamilySteps family = layout.families[i];
            try {
                if (family != null) {
                    computeFamily(family, i, position, run.position(i, n));
                } else if (layout.steps[i] instanceof BlockStep.Elements(int _, var loop)) {
                    loop.run(x, starts, strides, values[i], from[i], position, run.position(i, n));
                } else if (layout.steps[i] instanceof BlockStep.Rows(int _, var kernel)) {
                    computeRows(i, kernel.row(), n);
                }
            } catch (ProblemException e) {
                throw e.at(layout.steps[i].node());
            }
            checks[i].look(values[i], from[i], run.position(i, n));
            if (layout.copies[i] >= 0) {
                stretch(values[i], from[i], values[layout.copies[i]], n);
            }
        }
    }

    /** Finds where the block's elements of nodes outside stand, and copies them if they stand unevenly. */
    private void placeReads(int at, int n) {
        for (int k = 0; k < outside.length; k++) {
            int value = steps + k;
            if (layout.isCopied(k)) {
                layout.reads[k].loop().copy(0, outside[k], run.position(value, at), run.position(value, n), values[value]);
            } else if (!layout.isInRuns(k)) {
                from[value] = stride[value] * run.position(value, at);
            }
        }
    }

    /** At the first step, computes all steps of a family. */
    private void computeFamily(FamilySteps family, int step, int position, int n) {
        if (step > family.first()) {
            return;
        }
        int count = family.family().functions().size();
        double[][] out = new double[count][];
        int[] outFrom = new int[count];
        for (int k = 0; k < family.numbers().length; k++) {
            int number = family.numbers()[k];
            out[number] = values[step + k];
            outFrom[number] = layout.registers[step + k] < 0 ? position : 0;
        }
        Kernels.best().family(family.family(), x[0], starts[0], out, outFrom, n);
    }

    private void computeRows(int step, RowKernel.Row row, int n) {
        int[] operands = layout.operands[step];
        for (int done = 0; done < n; done += run.rowLength) {
            row.compute(x, starts, values[step], from[step] + run.position(step, done), spare);
            for (int k = 0; k < operands.length; k++) {
                starts[k] += layout.widths[operands[k]];
            }
        }
    }

    /** Repeats a value's element for each row along the row. */
    private void stretch(double[] value, int start, double[] copy, int n) {
        int row = start;
        for (int done = 0; done < n; done += run.rowLength) {
            Arrays.fill(copy, done, done + run.rowLength, value[row++]);
        }
    }

    /** Adds the part that follows this one and those that have been added. */
    void add(BlockPart next) {
        for (int i = 0; i < steps; i++) {
            checks[i].add(next.checks[i]);
            RunningSums sum = running[i];
            if (sum != null) {
                sum.add(Objects.requireNonNull(next.running[i]));
            }
        }
    }

    /** What has been found among the elements of a step's value. */
    ElementCheck check(int step) {
        return checks[step];
    }
}
