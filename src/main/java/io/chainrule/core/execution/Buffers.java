package io.chainrule.core.execution;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.Elementwise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which array holds the value of which node, scalars apart. Each leaf has an array of its own, which is placed. A
 * computed value gets a buffer that is free again after its last use, unless it is kept; an elementwise result takes
 * over the buffer of an operand that it is the last to use.
 */
final class Buffers {
    static final int NONE = -1;

    private final Graph graph;
    private final BitSet kept;
    private final int[] slots;
    private final int[] lastUses;
    private final int leaves;
    private final List<Integer> lengths = new ArrayList<>();
    private final Map<Integer, List<Integer>> free = new HashMap<>();

    Buffers(Graph graph, BitSet needed, BitSet kept) {
        this.graph = graph;
        this.kept = kept;
        slots = new int[graph.size()];
        Arrays.fill(slots, NONE);
        lastUses = new int[graph.size()];
        int count = 0;
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            boolean isScalar = graph.shape(i).isScalar();
            if (isScalar && graph.op(i) instanceof Elementwise) {
                continue;
            }
            if (!isScalar && graph.isLeaf(i)) {
                slots[i] = count++;
            }
            for (int k = 0; k < graph.operandCount(i); k++) {
                lastUses[graph.operand(i, k)] = i;
            }
        }
        leaves = count;
    }

    /** By node; {@link #NONE} for scalars and what is not needed. Those of leaves come first. */
    int[] slots() {
        return slots;
    }

    int leaves() {
        return leaves;
    }

    /** Of the buffers, in the order of their slots, which follow those of leaves. */
    int[] lengths() {
        return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Finds buffers for nodes that are computed together, the first of which is {@code node}. Called in the order of the run. */
    void assign(int node, int... together) {
        boolean overOperands = graph.op(node).family() == Family.ELEMENTWISE;
        if (overOperands) {
            release(node);
        }
        for (int one : together) {
            if (!graph.shape(one).isScalar()) {
                int length = graph.shape(one).length();
                List<Integer> reusable = free.getOrDefault(length, List.of());
                slots[one] = reusable.isEmpty() ? newSlot(length) : reusable.removeLast();
            }
        }
        if (!overOperands) {
            release(node);
        }
    }

    private int newSlot(int length) {
        lengths.add(length);
        return leaves + lengths.size() - 1;
    }

    /** Frees the buffers of operands that are used by this node last. */
    void release(int node) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            if (lastUses[operand] == node && slots[operand] >= leaves && !kept.get(operand)) {
                lastUses[operand] = Integer.MAX_VALUE;
                free.computeIfAbsent(graph.shape(operand).length(), _ -> new ArrayList<>()).add(slots[operand]);
            }
        }
    }
}
