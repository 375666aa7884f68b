package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.BroadcastLoop;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes elementwise nodes of one shape, and sums of them, one block of elements after the other, so that the values between them stay in
 * the processor's cache. Sums take each block as soon as it is computed. A value that no node outside reads is held in a register: an array
 * as long as a block. Every element is computed by the same operations as without blocks, and added in the same order. Immutable.
 */
final class BlockRun {
    /** The elements of a block. A register takes 8 KiB, so that the few registers of a usual run fit into a first-level cache of 32 KiB. */
    static final int BLOCK = 1024;
    private static final int OPERATIONS_BETWEEN_CHECKS = 1 << 18;

    private final int[] nodes;
    /** The op of each step; null for a sum. */
    private final @Nullable Elementwise[] ops;
    /** The sum that each step computes; null for an op. */
    private final @Nullable AxisSums[] sums;
    /** The operands of each step: i below the number of steps means the value of step i, any other i means {@code read[i - steps]}. */
    private final int[][] operands;
    /** The step that reads each of these values last. */
    private final int[] lastReads;
    /** The register of each step; −1 for a step whose value has an array of its own. */
    private final int[] registers;
    private final int registerCount;
    /** The nodes outside of the run that its steps read. */
    private final int[] read;
    private final BroadcastLoop loop;
    private final int length;

    /** @param stored the elementwise nodes whose values are read after the run; the values of sums are always stored */
    BlockRun(Graph graph, int[] nodes, BitSet stored) {
        this.nodes = nodes;
        this.ops = new Elementwise[nodes.length];
        this.sums = new AxisSums[nodes.length];
        this.operands = new int[nodes.length][];
        Shape shape = graph.shape(nodes[0]);
        this.length = Math.min(BLOCK, shape.length());
        Map<Integer, Integer> steps = new HashMap<>();
        Map<Integer, Integer> others = new LinkedHashMap<>();
        for (int i = 0; i < nodes.length; i++) {
            if (graph.op(nodes[i]) instanceof Elementwise op) {
                ops[i] = op;
            } else {
                sums[i] = Schedule.sums(graph, nodes[i]);
            }
            operands[i] = new int[graph.operandCount(nodes[i])];
            for (int k = 0; k < operands[i].length; k++) {
                int operand = graph.operand(nodes[i], k);
                Integer step = steps.get(operand);
                operands[i][k] = step != null ? step : nodes.length + others.computeIfAbsent(operand, _ -> others.size());
            }
            steps.put(nodes[i], i);
        }
        this.read = others.keySet().stream().mapToInt(Integer::intValue).toArray();
        this.loop = new BroadcastLoop(shape, Arrays.stream(read).mapToObj(graph::shape).toArray(Shape[]::new));
        this.lastReads = new int[nodes.length + read.length];
        for (int i = 0; i < nodes.length; i++) {
            for (int operand : operands[i]) {
                lastReads[operand] = i;
            }
        }
        this.registers = new int[nodes.length];
        this.registerCount = assignRegisters(stored);
    }

    /** Gives a register to each value that is not stored. The step that reads the value last may write its own value to that register. */
    private int assignRegisters(BitSet stored) {
        Deque<Integer> free = new ArrayDeque<>();
        int count = 0;
        for (int i = 0; i < nodes.length; i++) {
            for (int operand : Arrays.stream(operands[i]).distinct().toArray()) {
                if (operand < nodes.length && lastReads[operand] == i && registers[operand] >= 0) {
                    free.push(registers[operand]);
                }
            }
            registers[i] = sums[i] != null || stored.get(nodes[i]) ? -1 : free.isEmpty() ? count++ : free.pop();
        }
        return count;
    }

    int[] nodes() {
        return nodes;
    }

    /** Whether a step adds up the elements of an earlier one. */
    boolean isSum(int step) {
        return sums[step] != null;
    }

    /** The nodes outside of the run that its steps read, each once. */
    int[] read() {
        return read;
    }

    /** The nodes outside of the run that this step reads and no later step does. */
    int[] lastReads(int step) {
        return IntStream.of(operands[step]).filter(operand -> operand >= nodes.length && lastReads[operand] == step).distinct()
                .map(operand -> read[operand - nodes.length]).toArray();
    }

    /** The bytes that a run takes beside the arrays of stored values. */
    long bytes() {
        long held = Arrays.stream(sums).filter(Objects::nonNull).mapToLong(AxisSums::held).sum();
        return Double.BYTES * (held + (long) registerCount * length);
    }

    /** What a block run needs of the executor. */
    interface Host {
        /** The array of a node that is read or stored. */
        double[] elements(int node);

        /** Looks at a block of a node's value that has just been computed. */
        void look(int node, double[] values, int from, int n);

        /** Takes a sum that is complete. */
        void take(int node, double[] values);
    }

    void run(Host host, Checkpoint checkpoint) {
        int steps = nodes.length;
        double[][] values = new double[steps + read.length][];
        double[][] blocks = new double[registerCount][length];
        @Nullable
        RunningSums[] running = new RunningSums[steps];
        for (int i = 0; i < steps; i++) {
            values[i] = registers[i] < 0 ? host.elements(nodes[i]) : blocks[registers[i]];
            running[i] = sums[i] == null ? null : sums[i].running(values[i]);
        }
        for (int k = 0; k < read.length; k++) {
            values[steps + k] = host.elements(read[k]);
        }
        int[] from = new int[values.length];
        int[] stride = new int[values.length];
        Arrays.fill(stride, 0, steps, 1);
        int blocksBetweenChecks = Math.max(1, OPERATIONS_BETWEEN_CHECKS / BLOCK / steps);
        int[] sinceCheck = {0};
        loop.forEach(checkpoint, (outsideFrom, outsideStride, o, n) -> {
            System.arraycopy(outsideStride, 0, stride, steps, read.length);
            for (int done = 0; done < n; done += length) {
                if (++sinceCheck[0] % blocksBetweenChecks == 0) {
                    checkpoint.check();
                }
                int part = Math.min(length, n - done);
                for (int k = 0; k < read.length; k++) {
                    from[steps + k] = outsideFrom[k] + done * outsideStride[k];
                }
                block(values, running, from, stride, o + done, part, host);
            }
        });
        for (int i = 0; i < steps; i++) {
            if (running[i] != null) {
                host.take(nodes[i], values[i]);
            }
        }
    }

    private void block(double[][] values, @Nullable RunningSums[] running, int[] from, int[] stride, int at, int n, Host host) {
        double[][] x = new double[3][];
        int[] starts = new int[3];
        int[] strides = new int[3];
        for (int i = 0; i < nodes.length; i++) {
            for (int k = 0; k < operands[i].length; k++) {
                int operand = operands[i][k];
                x[k] = values[operand];
                starts[k] = from[operand];
                strides[k] = stride[operand];
            }
            RunningSums sum = running[i];
            if (sum != null) {
                sum.add(x[0], starts[0], n);
                continue;
            }
            from[i] = registers[i] < 0 ? at : 0;
            Objects.requireNonNull(ops[i]).run(x, starts, strides, values[i], from[i], n);
            host.look(nodes[i], values[i], from[i], n);
        }
    }
}
