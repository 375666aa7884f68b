package io.chainrule.core.execution;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Computes some of the elements of a {@link BlockRun}, on one thread. */
final class BlockPart {
    private static final int OPERATIONS_BETWEEN_CHECKS = 1 << 18;

    private final BlockRun run;
    private final int first;
    /** The arrays of values; released when the elements are computed, so that the registers of few parts exist at a time. */
    private double[][] values;
    private final @Nullable RunningSums[] running;
    private final ElementCheck[] checks;
    /** Where each value's block begins, and how it advances. */
    private final int[] from;
    private final int[] stride;
    private final int blocksBetweenChecks;
    private int blocks;

    /**
     * @param arrays the arrays of all values that have one, by step and then by node outside
     * @param first the first element
     */
    BlockPart(BlockRun run, BlockRun.Host host, double[][] arrays, int first) {
        this.run = run;
        this.first = first;
        this.values = arrays.clone();
        this.running = new RunningSums[run.nodes.length];
        this.checks = new ElementCheck[run.nodes.length];
        this.blocksBetweenChecks = Math.max(1, OPERATIONS_BETWEEN_CHECKS / BlockRun.BLOCK / run.nodes.length);
        this.from = new int[values.length];
        this.stride = new int[values.length];
        Arrays.fill(stride, 0, run.nodes.length, 1);
        double[][] contents = new double[run.registerCount][run.length];
        for (int i = 0; i < run.nodes.length; i++) {
            AxisSums sum = run.sums[i];
            if (sum != null) {
                running[i] = sum.running(arrays[i], first);
            } else if (run.registers[i] >= 0) {
                values[i] = contents[run.registers[i]];
            }
            checks[i] = host.check(run.nodes[i]);
        }
    }

    /** Computes the elements to before {@code end}. */
    void run(int end, Checkpoint checkpoint) {
        if (run.stretched.isEmpty()) {
            runPlain(end, checkpoint);
        } else {
            runStretched(end, checkpoint);
        }
        values = new double[0][];
    }

    private void runPlain(int end, Checkpoint checkpoint) {
        int steps = run.nodes.length;
        run.loop.forEach(first, end, checkpoint, (outsideFrom, outsideStride, o, n) -> {
            System.arraycopy(outsideStride, 0, stride, steps, run.read.length);
            for (int done = 0; done < n; done += run.length) {
                for (int k = 0; k < run.read.length; k++) {
                    from[steps + k] = outsideFrom[k] + done * outsideStride[k];
                }
                block(o + done, Math.min(run.length, n - done), checkpoint);
            }
        });
    }

    private void runStretched(int end, Checkpoint checkpoint) {
        int steps = run.nodes.length;
        double[][] outside = Arrays.copyOfRange(values, steps, values.length);
        for (int k = 0; k < run.read.length; k++) {
            stride[steps + k] = outside[k].length == 1 ? 0 : 1;
            if (run.stretched.get(k)) {
                values[steps + k] = new double[run.length];
                stride[steps + k] = 1;
            }
        }
        for (int at = first; at < end; at += run.length) {
            int n = Math.min(run.length, end - at);
            for (int k = 0; k < run.read.length; k++) {
                if (run.stretched.get(k)) {
                    run.loop.copy(k, outside[k], at, n, values[steps + k]);
                } else {
                    from[steps + k] = stride[steps + k] * at;
                }
            }
            block(at, n, checkpoint);
        }
    }

    private void block(int at, int n, Checkpoint checkpoint) {
        if (++blocks % blocksBetweenChecks == 0) {
            checkpoint.check();
        }
        double[][] x = new double[3][];
        int[] starts = new int[3];
        int[] strides = new int[3];
        for (int i = 0; i < run.nodes.length; i++) {
            for (int k = 0; k < run.operands[i].length; k++) {
                int operand = run.operands[i][k];
                x[k] = values[operand];
                starts[k] = from[operand];
                strides[k] = stride[operand];
            }
            RunningSums sum = running[i];
            if (sum != null) {
                sum.add(x[0], starts[0], n);
                continue;
            }
            from[i] = run.registers[i] < 0 ? at : 0;
            try {
                Objects.requireNonNull(run.loops[i]).run(x, starts, strides, values[i], from[i], at, n);
            } catch (ProblemException e) {
                throw e.at(run.nodes[i]);
            }
            checks[i].look(values[i], from[i], n);
        }
    }

    /** Adds the part that follows this one and those that have been added. */
    void add(BlockPart next) {
        for (int i = 0; i < run.nodes.length; i++) {
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
