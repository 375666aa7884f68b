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
 * Assigns arrays to the values of nodes, except scalars. Each leaf has its own array, which is supplied. A computed value gets a buffer
 * that becomes free after the value's last use, unless the value is kept. An elementwise result takes over the buffer of an operand that it
 * is the last to use.
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

    /** Assigns buffers to nodes that are computed together, of which {@code node} is the first. Must be called in the order of the run. */
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

    /** Frees the buffers of operands whose last use is this node. */
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
