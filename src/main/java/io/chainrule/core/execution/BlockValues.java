package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.BroadcastLoop;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link BlockRun} and where they stand. They are numbered: first those of the steps, then those of nodes outside, then
 * copies of values with one element for each row, in which it is repeated for each element of the row. Immutable.
 */
final class BlockValues {
    /** Runs that are shorter than this are not worth the calls that each of them takes; their operands are stretched, block by block. */
    private static final int SHORTEST_RUN = 256;

    final BlockStep[] steps;
    /** The shape of most of the values. */
    private final Shape shape;
    /** The nodes outside. */
    final Read[] reads;
    /** The values that each step reads. */
    final int[][] operands;
    /** The steps together with which each step is computed; null for steps that are computed alone. */
    final @Nullable FamilySteps[] families;
    /** How many elements each value has for a row. */
    final int[] widths;
    /** The stretched copy of each step's value; −1 if there is none. */
    final int[] copies;
    /** The register of each value; −1 for those that have none. */
    final int[] registers;
    final int registerCount;
    /** The runs in which all operands go on evenly; null if uneven ones are stretched instead, or if there are none. */
    final @Nullable BroadcastLoop runs;
    /** The step that reads each value last; the step itself if none does. */
    private final int[] lastReads;

    /**
     * A node outside, as it is broadcast to a shape.
     *
     * @param isSingle whether it has one element
     * @param isUneven whether it has neither one element nor one for each element of the shape
     * @param isGathered whether steps find its elements themselves, anywhere in the array
     */
    record Read(int node, Shape shape, BroadcastLoop loop, boolean isSingle, boolean isUneven, boolean isGathered) {
        private static Read of(Graph graph, Use use) {
            Shape own = use.isGathered() ? use.shape() : graph.shape(use.node());
            BroadcastLoop loop = new BroadcastLoop(use.shape(), own);
            boolean isSingle = own.length() == 1;
            return new Read(use.node(), use.shape(), loop, isSingle, !isSingle && !loop.isDense(0), use.isGathered());
        }
    }

    private record Use(int node, Shape shape, boolean isGathered) {}

    /** @param stored the nodes whose values are read after the run; the values of sums are always stored */
    BlockValues(Sharing sharing, BlockGroup group, BitSet stored) {
        Graph graph = sharing.read();
        this.shape = group.shape();
        this.steps = FamilySteps.order(graph, group.steps());
        this.operands = new int[steps.length][];
        this.reads = numberOperands(sharing).stream().map(use -> Read.of(graph, use)).toArray(Read[]::new);
        int rows = shape.length() / group.rowLength();
        int[] own = Stream.concat(Arrays.stream(steps).map(step -> graph.shape(step.node())), Arrays.stream(reads).map(Read::shape))
                .mapToInt(shape -> shape.length() / rows).toArray();
        int[] narrow = narrow(own);
        this.runs = runs(graph, group, narrow.length > 0);
        this.copies = new int[steps.length];
        Arrays.fill(copies, -1);
        this.widths = Arrays.copyOf(own, own.length + (runs == null ? narrow.length : 0));
        for (int i = own.length; i < widths.length; i++) {
            copies[narrow[i - own.length]] = i;
            widths[i] = group.rowLength();
        }
        this.lastReads = new int[widths.length];
        for (int i = 0; i < steps.length; i++) {
            lastReads[i] = i;
            for (int k = 0; k < operands[i].length; k++) {
                int operand = operands[i][k];
                operands[i][k] = stretches(i, operand, own) && copies[operand] >= 0 ? copies[operand] : operand;
                lastReads[operands[i][k]] = i;
            }
        }
        this.families = FamilySteps.find(steps, operands);
        for (int i = 0; i < steps.length; i++) {
            FamilySteps family = families[i];
            // All values of a family are written before one is repeated along rows, so that none may take the register of another.
            lastReads[i] = family == null ? lastReads[i] : Math.max(lastReads[i], family.last());
        }
        this.registers = new int[widths.length];
        Arrays.fill(registers, -1);
        this.registerCount = assignRegisters(stored);
    }

    /** Finds the operands of all steps; returns the nodes outside that they read, and the shapes to which these are broadcast. */
    private List<Use> numberOperands(Sharing sharing) {
        Graph graph = sharing.read();
        Map<Integer, Integer> stepOf = new HashMap<>();
        Map<Use, Integer> uses = new LinkedHashMap<>();
        for (int i = 0; i < steps.length; i++) {
            int node = steps[i].node();
            operands[i] = new int[graph.operandCount(node)];
            boolean gathers = steps[i] instanceof BlockStep.Elements(int _, var loop) && loop.isGathering();
            for (int k = 0; k < operands[i].length; k++) {
                int operand = graph.operand(node, k);
                Integer step = stepOf.get(sharing.holder(operand));
                Shape shape = graph.shape(steps[i] instanceof BlockStep.Elements ? node : operand);
                operands[i][k] = step != null
                        ? step
                        : steps.length + uses.computeIfAbsent(new Use(operand, shape, gathers), _ -> uses.size());
            }
            stepOf.put(node, i);
        }
        return List.copyOf(uses.keySet());
    }

    /** Whether an elementwise step repeats an earlier step's elements along rows. */
    private boolean stretches(int step, int operand, int[] own) {
        return steps[step] instanceof BlockStep.Elements && operand < steps.length && own[operand] < own[step];
    }

    /** The steps of which others repeat elements along rows. */
    private int[] narrow(int[] own) {
        BitSet found = new BitSet();
        for (int i = 0; i < steps.length; i++) {
            for (int operand : operands[i]) {
                if (stretches(i, operand, own)) {
                    found.set(operand);
                }
            }
        }
        return found.stream().toArray();
    }

    private @Nullable BroadcastLoop runs(Graph graph, BlockGroup group, boolean isStretched) {
        if (!isStretched && Arrays.stream(reads).noneMatch(read -> read.isUneven() && read.shape().equals(shape))) {
            return null;
        }
        Stream<Shape> all = Arrays.stream(reads)
                .map(read -> read.isUneven() && read.shape().equals(shape) ? graph.shape(read.node()) : shape);
        BroadcastLoop loop = new BroadcastLoop(shape, Stream.concat(all, Stream.of(group.ofRows())).toArray(Shape[]::new));
        return isLong(loop) && (group.rowLength() == 1 || loop.runLength() == group.rowLength()) ? loop : null;
    }

    /** Whether the runs of a loop are worth the calls that each of them takes. */
    static boolean isLong(BroadcastLoop loop) {
        return loop.runLength() >= Math.min(SHORTEST_RUN, loop.length());
    }

    /**
     * Gives a register to each value that is not stored. An elementwise step may write to the register of a value that it reads last, since
     * it reads each element before it writes the one in its place.
     */
    private int assignRegisters(BitSet stored) {
        Deque<Integer> free = new ArrayDeque<>();
        int count = 0;
        for (int i = 0; i < steps.length; i++) {
            int[] ended = endedBy(i);
            for (int operand : ended) {
                if (isInPlace(i, operand)) {
                    free.push(registers[operand]);
                }
            }
            if (!(steps[i] instanceof BlockStep.Sum) && !stored.get(steps[i].node())) {
                registers[i] = free.isEmpty() ? count++ : free.pop();
            }
            if (copies[i] >= 0) {
                registers[copies[i]] = free.isEmpty() ? count++ : free.pop();
            }
            for (int operand : ended) {
                if (!isInPlace(i, operand)) {
                    free.push(registers[operand]);
                }
            }
            if (registers[i] >= 0 && lastReads[i] == i) {
                free.push(registers[i]);
            }
        }
        return count;
    }

    /** The values in registers that a step reads and no later step does, each once. */
    private int[] endedBy(int step) {
        return IntStream.of(operands[step]).distinct().filter(operand -> registers[operand] >= 0 && lastReads[operand] == step).toArray();
    }

    private boolean isInPlace(int step, int operand) {
        return steps[step] instanceof BlockStep.Elements && widths[operand] == widths[step];
    }

    /** The nodes outside that a step reads and no later step does, as it reads them. */
    int[] lastReads(int step) {
        return IntStream.of(operands[step]).filter(operand -> isRead(operand) && lastReads[operand] == step).distinct()
                .map(operand -> reads[operand - steps.length].node()).toArray();
    }

    private boolean isRead(int value) {
        return value >= steps.length && value < steps.length + reads.length;
    }

    /** Whether the elements of a node outside are copied for each block, so that there is one for each element of the shape. */
    boolean isCopied(int read) {
        return reads[read].isUneven() && !isInRuns(read);
    }

    /** Whether the {@link #runs} tell where the elements of a node outside stand. */
    boolean isInRuns(int read) {
        return runs != null && reads[read].isUneven() && reads[read].shape().equals(shape);
    }
}
