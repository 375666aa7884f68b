package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.BroadcastLoop;
import io.chainrule.core.tensor.Parallel;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Computes the nodes of a {@link BlockGroup}, one block of elements after the other, so that the values between them stay in the
 * processor's cache. If nodes are computed row by row, blocks consist of whole rows. Other sums take each block as soon as it is computed.
 * A value that no node outside reads is held in a register: an array as long as a block. Every element is computed by the same operations
 * as without blocks, and added in the same order. Immutable.
 */
final class BlockRun {
    /** The elements of a block. A register takes 8 KiB, so that the few registers of a usual run fit into a first-level cache of 32 KiB. */
    static final int BLOCK = 1024;

    final BlockValues values;
    final int rowLength;
    /** The elements of a block, and of a whole value. */
    final int length;
    private final int elements;

    /** @param stored the nodes whose values are read after the run; the values of sums are always stored */
    BlockRun(Sharing sharing, BlockGroup group, BitSet stored) {
        this.values = new BlockValues(sharing, group, stored);
        this.elements = group.shape().length();
        this.rowLength = group.rowLength();
        int rows = values.runs != null && rowLength > 1 ? 1 : Math.max(1, BLOCK / rowLength);
        this.length = Math.min(rows * rowLength, elements);
    }

    /** Whether a node that is computed alone is better computed by blocks. */
    static boolean isWorthBlocks(Graph graph, int node) {
        return !BlockValues.isLong(new BroadcastLoop(graph.shape(node), graph.operandShapes(node)));
    }

    /** The number of elements of the values that have whole rows. */
    int elements() {
        return elements;
    }

    BlockStep[] steps() {
        return values.steps;
    }

    /** How many elements of a value come before the element {@code at} of those that have whole rows; this begins a row. */
    int position(int value, int at) {
        return at / rowLength * values.widths[value];
    }

    int[] nodes() {
        return Arrays.stream(values.steps).mapToInt(BlockStep::node).toArray();
    }

    /** The nodes outside of the run that its steps read, each once for each way in which it is read. */
    int[] read() {
        return Arrays.stream(values.reads).mapToInt(BlockValues.Read::node).toArray();
    }

    /** The nodes outside of the run that must not be written to before its end. */
    int[] gathered() {
        return Arrays.stream(values.reads).filter(BlockValues.Read::isGathered).mapToInt(BlockValues.Read::node).toArray();
    }

    /** The nodes outside of the run that this step reads and no later step does. */
    int[] lastReads(int step) {
        return values.lastReads(step);
    }

    /** The elements of room that computing a row takes. */
    int spare() {
        int most = 0;
        for (BlockStep step : values.steps) {
            most = Math.max(most, step instanceof BlockStep.Rows(int _, var kernel) ? kernel.spare() : 0);
        }
        return most;
    }

    /** The bytes that a run takes beside the arrays of stored values. */
    long bytes() {
        long held = (long) values.registerCount * length + spare();
        for (BlockStep step : values.steps) {
            held += switch (step) {
                case BlockStep.Sum(int _, var sums) -> sums.held();
                case BlockStep.Rows _,BlockStep.Elements _ -> 0;
            };
        }
        for (int k = 0; k < values.reads.length; k++) {
            held += values.isCopied(k) ? position(values.steps.length + k, length) : 0;
        }
        return Double.BYTES * held;
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
        for (int i = 0; i < values.steps.length; i++) {
            if (values.steps[i] instanceof BlockStep.Sum sum) {
                host.take(sum.node(), arrays[i]);
            } else {
                host.take(values.steps[i].node(), made[0].check(i));
            }
        }
    }

    /**
     * Returns how many elements each part has if threads share the work; 0 if they do not. All sums can be cut at multiples of it, and no
     * row is cut.
     */
    private int unit(Parallel parallel) {
        if (parallel.threads() == 1) {
            return 0;
        }
        long least = Math.max(elements / ((long) parallel.threads() * Parallel.PARTS_A_THREAD), parallel.grain(values.steps.length));
        long unit = rowLength;
        for (int i = 0; i < values.steps.length; i++) {
            if (values.steps[i] instanceof BlockStep.Sum(int _, var sums)) {
                int width = values.widths[values.operands[i][0]];
                long cut = leastCommonMultiple(width, sums.unit(elements / rowLength * width));
                unit = leastCommonMultiple(unit, cut / width * rowLength);
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
        int steps = values.steps.length;
        double[][] arrays = new double[values.widths.length][];
        for (int i = 0; i < steps + values.reads.length; i++) {
            if (i >= steps) {
                arrays[i] = host.elements(values.reads[i - steps].node());
            } else if (values.registers[i] < 0) {
                arrays[i] = host.elements(values.steps[i].node());
            }
        }
        return arrays;
    }
}
