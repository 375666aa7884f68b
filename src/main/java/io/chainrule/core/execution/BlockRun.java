package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
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
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Elementwise nodes of one shape, computed for one block of elements after the other, so that the values between them stay in the
 * processor's cache. A value that nothing else reads lives in a register: an array as long as a block. Every element is computed by the
 * same operations as without blocks. Immutable.
 */
final class BlockRun {
    /** 8 KiB a register, so that the few of a usual run fit into a first-level cache of 32 KiB. */
    static final int BLOCK = 1024;
    private static final int OPERATIONS_BETWEEN_CHECKS = 1 << 18;

    private final int[] nodes;
    private final Elementwise[] ops;
    /** The operands of each step: i below the number of steps means the value of step i, any other i means {@code read[i - steps]}. */
    private final int[][] operands;
    /** The step that reads each of these values last. */
    private final int[] lastReads;
    /** The register of each step; −1 for one whose value has an array. */
    private final int[] registers;
    private final int registerCount;
    /** The nodes outside that are read. */
    private final int[] read;
    private final BroadcastLoop loop;
    private final int length;

    /** @param stored the nodes whose values are read elsewhere */
    BlockRun(Graph graph, int[] nodes, BitSet stored) {
        this.nodes = nodes;
        this.ops = new Elementwise[nodes.length];
        this.operands = new int[nodes.length][];
        Shape shape = graph.shape(nodes[0]);
        this.length = Math.min(BLOCK, shape.length());
        Map<Integer, Integer> steps = new HashMap<>();
        Map<Integer, Integer> others = new LinkedHashMap<>();
        for (int i = 0; i < nodes.length; i++) {
            ops[i] = (Elementwise) graph.op(nodes[i]);
            operands[i] = new int[ops[i].arity()];
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

    /** Gives a register to each value that is not stored; it is free again for the step that reads the value last. */
    private int assignRegisters(BitSet stored) {
        Deque<Integer> free = new ArrayDeque<>();
        int count = 0;
        for (int i = 0; i < nodes.length; i++) {
            for (int operand : Arrays.stream(operands[i]).distinct().toArray()) {
                if (operand < nodes.length && lastReads[operand] == i && registers[operand] >= 0) {
                    free.push(registers[operand]);
                }
            }
            registers[i] = stored.get(nodes[i]) ? -1 : free.isEmpty() ? count++ : free.pop();
        }
        return count;
    }

    int[] nodes() {
        return nodes;
    }

    /** The nodes outside that are read, each once. */
    int[] read() {
        return read;
    }

    /** The outside nodes that a step is the last to read. */
    int[] lastReads(int step) {
        return IntStream.of(operands[step]).filter(operand -> operand >= nodes.length && lastReads[operand] == step).distinct()
                .map(operand -> read[operand - nodes.length]).toArray();
    }

    /** The bytes that a run takes beside the arrays of stored values. */
    long bytes() {
        return (long) Double.BYTES * registerCount * length;
    }

    /** Looks at a block of a node's value that has just been computed. */
    interface Look {
        void at(int node, double[] values, int from, int n);
    }

    /** Runs all steps. {@code elements} returns the array of a node that is read or stored. */
    void run(IntFunction<double[]> elements, Checkpoint checkpoint, Look look) {
        int steps = nodes.length;
        double[][] values = new double[steps + read.length][];
        double[][] blocks = new double[registerCount][length];
        for (int i = 0; i < steps; i++) {
            values[i] = registers[i] < 0 ? elements.apply(nodes[i]) : blocks[registers[i]];
        }
        for (int k = 0; k < read.length; k++) {
            values[steps + k] = elements.apply(read[k]);
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
                block(values, from, stride, o + done, part, look);
            }
        });
    }

    private void block(double[][] values, int[] from, int[] stride, int at, int n, Look look) {
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
            from[i] = registers[i] < 0 ? at : 0;
            ops[i].run(x, starts, strides, values[i], from[i], n);
            look.at(nodes[i], values[i], from[i], n);
        }
    }
}
