package io.chainrule.core.execution;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.ElementLoop;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order in which nodes are computed, and the groups of nodes that are computed together. Elementwise nodes of one shape join a group,
 * and so do sums of them. A group is computed when a node outside reads one of its nodes, so that values that only the group reads need not
 * go through memory. All other nodes are computed in the graph's order.
 */
final class Schedule {
    /** The most computed arrays that a group may read. It bounds memory, since the arrays cannot be reused until the group is computed. */
    private static final int MOST_HELD = 4;

    private final Graph graph;
    private final Sharing sharing;
    /** All nodes, one group after the other. */
    private final int[] order;
    private int size;
    /** Where groups begin in the order. */
    private final BitSet beginnings = new BitSet();
    /** The groups that may still grow, by the shape of their nodes. No group reads a node of another one. */
    private final Map<Shape, List<Integer>> open = new LinkedHashMap<>();
    /** The computed arrays that each of these groups reads, by the same shape. */
    private final Map<Shape, Set<Integer>> held = new HashMap<>();
    private final BitSet waiting = new BitSet();
    /** The arrays that are read by other nodes than elementwise ones of the same shape, and their sums. */
    private final BitSet readElsewhere = new BitSet();
    /** The shape of the group that each waiting sum belongs to. */
    private final Map<Integer, Shape> groupsOfSums = new HashMap<>();
    private int repeatedFrom = Integer.MAX_VALUE;

    private Schedule(Sharing sharing) {
        this.graph = sharing.read();
        this.sharing = sharing;
        this.order = new int[sharing.executed().cardinality()];
        sharing.executed().stream().forEach(this::findReads);
    }

    private void findReads(int node) {
        ElementLoop loop = loop(node);
        boolean joins = loop == null ? sums(graph, node) != null : !loop.isGathering();
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            if (!joins || loop != null && !graph.shape(node).equals(graph.shape(operand))) {
                readElsewhere.set(sharing.holder(operand));
            }
        }
    }

    private @Nullable ElementLoop loop(int node) {
        return graph.shape(node).isScalar() || graph.shape(node).size() == 0
                ? null
                : ElementLoop.of(graph.op(node), graph.operandShapes(node), graph.shape(node));
    }

    /** Schedules the nodes that are executed. Nodes from {@code repeatFrom} on come after all others. */
    static Schedule of(Sharing sharing, int repeatFrom) {
        Schedule schedule = new Schedule(sharing);
        BitSet executed = sharing.executed();
        for (int i = executed.nextSetBit(0); i >= 0; i = executed.nextSetBit(i + 1)) {
            if (i >= repeatFrom && schedule.repeatedFrom == Integer.MAX_VALUE) {
                schedule.closeAll();
                schedule.repeatedFrom = schedule.size;
            }
            schedule.add(i);
        }
        schedule.closeAll();
        return schedule;
    }

    /** The number of nodes. A group is identified by the position of its first node in the order. */
    int size() {
        return size;
    }

    /** The position after the last node of the group that begins at {@code group}. */
    int end(int group) {
        int next = beginnings.nextSetBit(group + 1);
        return next < 0 ? size : next;
    }

    int node(int position) {
        return order[position];
    }

    /** The nodes of the group that begins at {@code group}. If they are several, they are elementwise nodes and sums of these. */
    int[] nodes(int group) {
        return Arrays.copyOfRange(order, group, end(group));
    }

    /** The first group of the part that can be repeated. */
    int repeatedFrom() {
        return Math.min(repeatedFrom, size);
    }

    private void add(int node) {
        if (isSumOfWaiting(node)) {
            Shape shape = graph.shape(graph.operand(node, 0));
            groupsOfSums.put(node, shape);
            join(node, shape);
            return;
        }
        Shape shape = graph.shape(node);
        ElementLoop loop = loop(node);
        boolean gathers = loop != null && loop.isGathering();
        // What other nodes read too is better computed by itself, since they would end the group.
        boolean joins = gathers ? !readElsewhere.get(node) : loop != null;
        List<Integer> group = joins ? open.get(shape) : null;
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            int holder = sharing.holder(operand);
            Shape ofSum = groupsOfSums.get(holder);
            if (ofSum != null) {
                close(ofSum);
            } else if (waiting.get(holder) && (group == null || gathers || holder != operand || !graph.shape(operand).equals(shape))) {
                close(graph.shape(holder));
            }
        }
        if (joins) {
            hold(node, shape);
            join(node, shape);
        } else {
            beginnings.set(size);
            order[size++] = node;
        }
    }

    private void join(int node, Shape shape) {
        open.computeIfAbsent(shape, _ -> new ArrayList<>()).add(node);
        waiting.set(node);
    }

    /** Whether a node is a sum of a waiting node that can add the elements as soon as they are computed. */
    private boolean isSumOfWaiting(int node) {
        if (graph.operandCount(node) != 1) {
            return false;
        }
        int operand = graph.operand(node, 0);
        return waiting.get(operand) && !groupsOfSums.containsKey(operand) && sums(graph, node) != null;
    }

    /** The sum that a node computes, if it can take the operand's elements one after another; null for other nodes. */
    static @Nullable AxisSums sums(Graph graph, int node) {
        return graph.op(node).family() == Family.LINEAR && graph.shape(node).size() > 0
                && graph.op(node).prepare(graph.operandShapes(node), graph.shape(node)) instanceof AxisSums sums && sums.isRunning()
                        ? sums
                        : null;
    }

    /** Notes the arrays that a node reads. If its group would then read too many, the group is closed before the node joins. */
    private void hold(int node, Shape shape) {
        Set<Integer> reads = new HashSet<>();
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = sharing.holder(graph.operand(node, k));
            if (!graph.isLeaf(operand) && !graph.shape(operand).isScalar() && !waiting.get(operand)) {
                reads.add(operand);
            }
        }
        Set<Integer> known = held.computeIfAbsent(shape, _ -> new HashSet<>());
        known.addAll(reads);
        if (known.size() > MOST_HELD && open.containsKey(shape)) {
            close(shape);
            held.put(shape, reads);
        }
    }

    private void close(Shape shape) {
        held.remove(shape);
        List<Integer> group = open.remove(shape);
        if (group != null) {
            beginnings.set(size);
            for (int node : group) {
                waiting.clear(node);
                groupsOfSums.remove(node);
                order[size++] = node;
            }
        }
    }

    private void closeAll() {
        List.copyOf(open.keySet()).forEach(this::close);
    }
}
