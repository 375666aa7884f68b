package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What to run, in which order, and into which buffers. Scalars share one array with an entry a node; a larger value
 * gets a buffer that is free again after its last use, unless it is kept. An elementwise result takes over the buffer
 * of an operand that dies with it. Results of one factoring of one operand are computed by the first of them.
 */
public final class Plan {
    static final int NO_SLOT = -1;

    private final Graph graph;
    private final BitSet needed;
    private final BitSet kept;
    private final int[] slots;
    private final List<Integer> slotLengths = new ArrayList<>();
    /** The results of one factoring, by the first of them. */
    private final Map<Integer, List<Integer>> siblings = new HashMap<>();
    private final BitSet followers = new BitSet();

    private Plan(Graph graph, BitSet needed, BitSet kept, int repeatFrom) {
        this.graph = graph;
        this.needed = needed;
        this.kept = kept;
        findSiblings(repeatFrom);
        this.slots = new int[graph.size()];
        Arrays.fill(slots, NO_SLOT);
        assign();
    }

    /** A plan for {@code results}, whose values can be read after the run. */
    public static Plan of(Graph graph, BitSet results) {
        return repeating(graph, results, graph.size());
    }

    /** A plan whose nodes from {@code repeatFrom} on can run again and again upon the values of those before. */
    public static Plan repeating(Graph graph, BitSet results, int repeatFrom) {
        BitSet needed = new BitSet(graph.size());
        needed.or(results);
        BitSet kept = (BitSet) results.clone();
        for (int i = needed.length() - 1; i >= 0; i = needed.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                needed.set(operand);
                if (i >= repeatFrom && operand < repeatFrom) {
                    kept.set(operand);
                }
            }
        }
        return new Plan(graph, needed, kept, repeatFrom);
    }

    public Graph graph() {
        return graph;
    }

    /** The nodes that are run or placed. */
    public BitSet needed() {
        return needed;
    }

    public boolean isKept(int node) {
        return kept.get(node);
    }

    /** Whether a node's value is computed by a sibling before it. */
    boolean isFollower(int node) {
        return followers.get(node);
    }

    /** The results that come of running a node which is a part of a factoring, itself first. */
    List<Integer> siblings(int node) {
        return siblings.getOrDefault(node, List.of());
    }

    private record Instruction(Factoring whole, int operand) {}

    private void findSiblings(int repeatFrom) {
        Map<Instruction, Integer> leaders = new HashMap<>();
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            Factoring.Part part = graph.op(i).part();
            if (part == null) {
                continue;
            }
            Integer known = leaders.putIfAbsent(new Instruction(part.whole(), graph.operand(i, 0)), i);
            int leader = known == null ? i : known;
            siblings.computeIfAbsent(leader, first -> new ArrayList<>()).add(i);
            followers.set(i, leader != i);
            if (leader < repeatFrom && i >= repeatFrom) {
                kept.set(i);
            }
        }
    }

    int slot(int node) {
        return slots[node];
    }

    int slotCount() {
        return slotLengths.size();
    }

    int slotLength(int slot) {
        return slotLengths.get(slot);
    }

    private void assign() {
        int[] lastUses = lastUses();
        Map<Long, List<Integer>> free = new HashMap<>();
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            if (graph.isLeaf(i)) {
                continue;
            }
            boolean elementwise = graph.op(i).family() == Family.ELEMENTWISE;
            if (elementwise) {
                release(i, lastUses, free);
            }
            List<Integer> together = siblings(i);
            if (!together.isEmpty()) {
                together.forEach(sibling -> place(sibling, free));
            } else if (!isFollower(i)) {
                place(i, free);
            }
            if (!elementwise) {
                release(i, lastUses, free);
            }
        }
    }

    private void place(int node, Map<Long, List<Integer>> free) {
        if (!graph.shape(node).isScalar()) {
            List<Integer> reusable = free.get(graph.shape(node).size());
            slots[node] = reusable == null || reusable.isEmpty() ? newSlot(graph.shape(node).length()) : reusable.removeLast();
        }
    }

    private int newSlot(int length) {
        slotLengths.add(length);
        return slotLengths.size() - 1;
    }

    private int[] lastUses() {
        int[] lastUses = new int[graph.size()];
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                lastUses[graph.operand(i, k)] = i;
            }
        }
        return lastUses;
    }

    private void release(int node, int[] lastUses, Map<Long, List<Integer>> free) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            if (lastUses[operand] == node && slots[operand] != NO_SLOT && !kept.get(operand)) {
                lastUses[operand] = Integer.MAX_VALUE;
                free.computeIfAbsent(graph.shape(operand).size(), length -> new ArrayList<>()).add(slots[operand]);
            }
        }
    }
}
