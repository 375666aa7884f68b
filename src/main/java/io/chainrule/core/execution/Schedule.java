package io.chainrule.core.execution;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.BroadcastLoop;
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
 * The order in which nodes are computed, and which of them together. Elementwise nodes of one shape join a group that is computed when
 * another node reads one of them: then the values between them need not go through memory. Their sums join them. All other nodes are
 * computed in the graph's order.
 */
final class Schedule {
    /** Rows that are shorter than this are not worth the overhead of a group. */
    static final int SHORTEST_RUN = 256;
    /** A group keeps what it reads alive until it is computed. Computed arrays that it reads are no more than this. */
    private static final int MOST_HELD = 4;

    private final Graph graph;
    private final Sharing sharing;
    /** All nodes, one group after the other. */
    private final int[] order;
    private int size;
    /** Where groups begin in the order. */
    private final BitSet beginnings = new BitSet();
    /** The groups that may still grow, by the shape of their nodes. None depends on another. */
    private final Map<Shape, List<Integer>> open = new LinkedHashMap<>();
    /** The computed arrays outside that each of them reads. */
    private final Map<Shape, Set<Integer>> held = new HashMap<>();
    private final BitSet waiting = new BitSet();
    /** The shape of the group that each waiting sum belongs to. */
    private final Map<Integer, Shape> groupsOfSums = new HashMap<>();
    private int repeatedFrom = Integer.MAX_VALUE;

    private Schedule(Sharing sharing) {
        this.graph = sharing.read();
        this.sharing = sharing;
        this.order = new int[sharing.executed().cardinality()];
    }

    /** Schedules the nodes that are executed. Those from {@code repeatFrom} on come after all others. */
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

    /** The number of nodes. Groups are told by the position of their first node. */
    int size() {
        return size;
    }

    /** The position behind the group that begins at a position. */
    int end(int group) {
        int next = beginnings.nextSetBit(group + 1);
        return next < 0 ? size : next;
    }

    int node(int position) {
        return order[position];
    }

    /** The nodes of the group that begins at a position. A group of several nodes is elementwise, with sums. */
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
        boolean joins = !shape.isScalar() && shape.size() > 0 && ElementLoop.of(graph.op(node), graph.operandShapes(node), shape) != null
                && new BroadcastLoop(shape, graph.operandShapes(node)).runLength() >= Math.min(SHORTEST_RUN, shape.length());
        List<Integer> group = joins ? open.get(shape) : null;
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            int holder = sharing.holder(operand);
            Shape ofSum = groupsOfSums.get(holder);
            if (ofSum != null) {
                close(ofSum);
            } else if (waiting.get(holder) && (group == null || holder != operand || !graph.shape(operand).equals(shape))) {
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

    /** Whether a node adds up the elements of a waiting node in an order in which it can take them as they are computed. */
    private boolean isSumOfWaiting(int node) {
        if (graph.operandCount(node) != 1) {
            return false;
        }
        int operand = graph.operand(node, 0);
        return waiting.get(operand) && !groupsOfSums.containsKey(operand) && sums(graph, node) != null;
    }

    /** How a node adds up the elements of its operand, if it can take them one after another; else null. */
    static @Nullable AxisSums sums(Graph graph, int node) {
        return graph.op(node).family() == Family.LINEAR && graph.shape(node).size() > 0
                && graph.op(node).prepare(graph.operandShapes(node), graph.shape(node)) instanceof AxisSums sums && sums.isRunning()
                        ? sums
                        : null;
    }

    /** Notes what a node reads. The group of its shape is closed before it joins if that would be too much. */
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
