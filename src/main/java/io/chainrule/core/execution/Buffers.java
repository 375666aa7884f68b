package io.chainrule.core.execution;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Assigns arrays to the values of nodes, except scalars. Each leaf has its own array, which is supplied. A computed value gets a buffer
 * that becomes free after the value's last use, unless the value is kept. An elementwise result takes over the buffer of an operand that it
 * is the last to use.
 */
final class Buffers {
    static final int NONE = -1;

    private final Graph graph;
    private final Sharing sharing;
    private final BitSet kept;
    private final int[] slots;
    /** The group of the schedule that reads each node's array last. */
    private final int[] lastUses;
    private final int leaves;
    private final List<Integer> lengths = new ArrayList<>();
    private final Map<Integer, List<Integer>> free = new HashMap<>();

    Buffers(Sharing sharing, BitSet needed, BitSet kept, Schedule schedule) {
        this.graph = sharing.read();
        this.sharing = sharing;
        this.kept = kept;
        slots = new int[graph.size()];
        Arrays.fill(slots, NONE);
        lastUses = new int[graph.size()];
        int count = 0;
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            if (graph.isLeaf(i) && !graph.shape(i).isScalar()) {
                slots[i] = count++;
            }
        }
        leaves = count;
        for (int group = 0; group < schedule.size(); group = schedule.end(group)) {
            for (int position = group; position < schedule.end(group); position++) {
                int node = schedule.node(position);
                for (int k = 0; k < graph.operandCount(node); k++) {
                    lastUses[sharing.holder(graph.operand(node, k))] = group;
                }
            }
        }
    }

    /** Gives the nodes that share an array the slot of the one that is computed. */
    void finish(BitSet needed) {
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            slots[i] = slots[sharing.holder(i)];
        }
    }

    /** The slot of each node; {@link #NONE} for scalars and for nodes that are not needed. Slots of leaves come first. */
    int[] slots() {
        return slots;
    }

    int leaves() {
        return leaves;
    }

    /** The lengths of the buffers, in the order of their slots, which follow those of leaves. */
    int[] lengths() {
        return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Assigns buffers to nodes that are computed together with {@code node}, the first of them. Must be called in the order of the run. */
    void assign(int group, int node, int... together) {
        boolean overOperands = graph.op(node).family() == Family.ELEMENTWISE;
        if (overOperands) {
            release(group, node);
        }
        for (int one : together) {
            place(one);
        }
        if (!overOperands) {
            release(group, node);
        }
    }

    /**
     * Assigns buffers to the stored values of a block run. An elementwise value may take over the buffer of an operand of its length if no
     * later step of the run reads the operand, since each block of the value covers just the elements of the operand that have been read.
     */
    void assign(int group, BlockRun run, BitSet stored) {
        BlockStep[] steps = run.steps();
        Map<Integer, Integer> lastSteps = new HashMap<>();
        for (int step = 0; step < steps.length; step++) {
            for (int operand : run.lastReads(step)) {
                lastSteps.put(sharing.holder(operand), step);
            }
        }
        Set<Integer> gathered = IntStream.of(run.gathered()).mapToObj(sharing::holder).collect(Collectors.toSet());
        // Sums and values by rows must not be written to an array that the run still reads, so their arrays are chosen before any is free.
        for (BlockStep step : steps) {
            if (!(step instanceof BlockStep.Elements) && (step instanceof BlockStep.Sum || stored.get(step.node()))) {
                place(step.node());
            }
        }
        for (int step = 0; step < steps.length; step++) {
            for (int operand : run.lastReads(step)) {
                int holder = sharing.holder(operand);
                boolean isLast = Integer.valueOf(step).equals(lastSteps.get(holder));
                if (isLast && graph.shape(operand).length() == run.elements() && !gathered.contains(holder)) {
                    free(group, operand);
                }
            }
            if (steps[step] instanceof BlockStep.Elements && stored.get(steps[step].node())) {
                place(steps[step].node());
            }
        }
        for (int operand : run.read()) {
            free(group, operand);
        }
    }

    private void place(int node) {
        if (!graph.shape(node).isScalar()) {
            slots[node] = take(graph.shape(node).length());
        }
    }

    /** Takes a free buffer of this length, or a new one. */
    int take(int length) {
        List<Integer> reusable = free.getOrDefault(length, List.of());
        return reusable.isEmpty() ? newSlot(length) : reusable.removeLast();
    }

    /** Frees a buffer that was taken for something else than the value of a node. */
    void giveBack(int slot) {
        free.computeIfAbsent(lengths.get(slot - leaves), _ -> new ArrayList<>()).add(slot);
    }

    /** Whether a group after this one reads a node. */
    boolean isReadBehind(int group, int node) {
        return lastUses[node] > group;
    }

    private int newSlot(int length) {
        lengths.add(length);
        return leaves + lengths.size() - 1;
    }

    /** Frees the buffers of operands that no group after this one reads. */
    void release(int group, int node) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            free(group, graph.operand(node, k));
        }
    }

    private void free(int group, int node) {
        int operand = sharing.holder(node);
        if (lastUses[operand] == group && slots[operand] >= leaves && !kept.get(operand)) {
            lastUses[operand] = Integer.MAX_VALUE;
            giveBack(slots[operand]);
        }
    }
}
