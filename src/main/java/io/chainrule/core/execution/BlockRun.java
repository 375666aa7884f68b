package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.BroadcastLoop;
import io.chainrule.core.op.ElementLoop;
import io.chainrule.core.tensor.Parallel;
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
    /** Runs that are shorter than this are not worth the calls that each of them takes; their operands are stretched, block by block. */
    private static final int SHORTEST_RUN = 256;
    /** More parts than threads, so that a thread that comes late takes fewer of them. */
    private static final int PARTS_A_THREAD = 4;

    final int[] nodes;
    /** How each step is computed; null for a sum. */
    final @Nullable ElementLoop[] loops;
    /** The sum that each step computes; null for an elementwise step. */
    final @Nullable AxisSums[] sums;
    /** The operands of each step: i below the number of steps means the value of step i, any other i means {@code read[i - steps]}. */
    final int[][] operands;
    /** The step that reads each of these values last. */
    private final int[] lastReads;
    /** The register of each step; −1 for a step whose value has an array of its own. */
    final int[] registers;
    final int registerCount;
    /** The nodes outside of the run that its steps read. */
    final int[] read;
    final BroadcastLoop loop;
    /** The operands outside whose elements are copied for each block, so that they have one for each of the results. */
    final BitSet stretched = new BitSet();
    /** The operands outside of which steps read any elements, not those at the place of their results. */
    private final BitSet gathered = new BitSet();
    /** The elements of a block, and of a whole value. */
    final int length;
    private final int elements;

    /** @param stored the elementwise nodes whose values are read after the run; the values of sums are always stored */
    BlockRun(Graph graph, int[] nodes, BitSet stored) {
        this.nodes = nodes;
        this.loops = new ElementLoop[nodes.length];
        this.sums = new AxisSums[nodes.length];
        this.operands = new int[nodes.length][];
        Shape shape = graph.shape(nodes[0]);
        this.elements = shape.length();
        this.length = Math.min(BLOCK, elements);
        Map<Integer, Integer> steps = new HashMap<>();
        Map<Integer, Integer> others = new LinkedHashMap<>();
        for (int i = 0; i < nodes.length; i++) {
            loops[i] = ElementLoop.of(graph.op(nodes[i]), graph.operandShapes(nodes[i]), graph.shape(nodes[i]));
            if (loops[i] == null) {
                sums[i] = Schedule.sums(graph, nodes[i]);
            }
            operands[i] = new int[graph.operandCount(nodes[i])];
            boolean gathers = loops[i] != null && loops[i].isGathering();
            for (int k = 0; k < operands[i].length; k++) {
                int operand = graph.operand(nodes[i], k);
                Integer step = steps.get(operand);
                // An operand that is read in both ways is two of them.
                int key = gathers ? ~operand : operand;
                operands[i][k] = step != null ? step : nodes.length + others.computeIfAbsent(key, _ -> others.size());
            }
            steps.put(nodes[i], i);
        }
        this.read = others.keySet().stream().mapToInt(key -> Math.max(key, ~key)).toArray();
        others.forEach((key, k) -> gathered.set(k, key < 0));
        this.loop = new BroadcastLoop(shape,
                IntStream.range(0, read.length).mapToObj(k -> gathered.get(k) ? Shape.SCALAR : graph.shape(read[k])).toArray(Shape[]::new));
        if (hasShortRuns(loop, elements)) {
            IntStream.range(0, read.length).filter(k -> graph.shape(read[k]).length() > 1 && !gathered.get(k) && !loop.isDense(k))
                    .forEach(stretched::set);
        }
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

    /** Whether a node that is computed alone is better computed by blocks. */
    static boolean isWorthBlocks(Graph graph, int node) {
        return !graph.shape(node).isScalar() && graph.shape(node).size() > 0
                && hasShortRuns(new BroadcastLoop(graph.shape(node), graph.operandShapes(node)), graph.shape(node).length());
    }

    private static boolean hasShortRuns(BroadcastLoop loop, int elements) {
        return loop.runLength() < Math.min(SHORTEST_RUN, elements);
    }

    int[] nodes() {
        return nodes;
    }

    /** Whether a step adds up the elements of an earlier one. */
    boolean isSum(int step) {
        return sums[step] != null;
    }

    /** The nodes outside of the run that its steps read. */
    int[] read() {
        return read;
    }

    /** Those of them that must not be written to before the end of the run. */
    int[] gathered() {
        return gathered.stream().map(k -> read[k]).toArray();
    }

    /** The nodes outside of the run that this step reads and no later step does. */
    int[] lastReads(int step) {
        return IntStream.of(operands[step]).filter(operand -> operand >= nodes.length && lastReads[operand] == step).distinct()
                .map(operand -> read[operand - nodes.length]).toArray();
    }

    /** The bytes that a run takes beside the arrays of stored values. */
    long bytes() {
        long held = Arrays.stream(sums).filter(Objects::nonNull).mapToLong(AxisSums::held).sum();
        return Double.BYTES * (held + (long) (registerCount + stretched.cardinality()) * length);
    }

    /** What a block run needs of the executor. */
    interface Host {
        /** The array of a node that is read or stored. */
        double[] elements(int node);

        /** A new check for what is to be found among the elements of a node. */
        ElementCheck check(int node);

        /** Takes what has been found among all elements of a node. */
        void take(int node, ElementCheck check);

        /** Takes a sum that is complete. */
        void take(int node, double[] values);
    }

    void run(Host host, Parallel parallel) {
        int unit = unit(parallel);
        int parts = unit == 0 ? 1 : Math.ceilDiv(elements, unit);
        BlockPart[] made = new BlockPart[parts];
        double[][] arrays = arrays(host);
        if (parts == 1) {
            made[0] = new BlockPart(this, host, arrays, 0);
            made[0].run(elements, parallel);
        } else {
            parallel.run(parts, i -> {
                made[i] = new BlockPart(this, host, arrays, i * unit);
                made[i].run(i * unit + Math.min(unit, elements - i * unit), parallel);
            });
        }
        for (int i = 1; i < parts; i++) {
            made[0].add(made[i]);
        }
        for (int i = 0; i < nodes.length; i++) {
            if (sums[i] == null) {
                host.take(nodes[i], made[0].check(i));
            } else {
                host.take(nodes[i], arrays[i]);
            }
        }
    }

    /** Returns how many elements each part has if threads share the work; 0 if they do not. All sums can be cut at multiples of it. */
    private int unit(Parallel parallel) {
        if (parallel.threads() == 1) {
            return 0;
        }
        long least = Math.max(elements / ((long) parallel.threads() * PARTS_A_THREAD), parallel.grain(nodes.length));
        long unit = 1;
        for (AxisSums sum : sums) {
            if (sum != null) {
                unit = leastCommonMultiple(unit, sum.unit(elements, least));
            }
        }
        long whole = unit * Math.ceilDiv(least, unit);
        return whole < elements ? (int) whole : 0;
    }

    private static long leastCommonMultiple(long a, long b) {
        long x = a;
        long y = b;
        while (y != 0) {
            long rest = x % y;
            x = y;
            y = rest;
        }
        return a / x * b;
    }

    /** The arrays that are read or written; null for values that live in registers. */
    private double[][] arrays(Host host) {
        double[][] arrays = new double[nodes.length + read.length][];
        for (int i = 0; i < arrays.length; i++) {
            if (i >= nodes.length) {
                arrays[i] = host.elements(read[i - nodes.length]);
            } else if (registers[i] < 0) {
                arrays[i] = host.elements(nodes[i]);
            }
        }
        return arrays;
    }
}
