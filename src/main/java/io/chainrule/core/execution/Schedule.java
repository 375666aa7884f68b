package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.ElementLoop;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order in which nodes are computed, and the groups of nodes that are computed together. Elementwise nodes of one shape join a group,
 * and so do nodes that are computed row by row, and sums. A group is computed when an array outside reads one of its nodes, so that values
 * that only the group reads need not go through memory; scalars that read its sums, as a mean does, wait for it. All other nodes are
 * computed in the graph's order.
 */
final class Schedule {
    private final Graph graph;
    private final Sharing sharing;
    /** All nodes, one group after the other. */
    private final int[] order;
    private int size;
    /** Where groups begin in the order. */
    private final BitSet beginnings = new BitSet();
    /** The groups that may still grow, by their shape. No group reads a node of another one. */
    private final Map<Shape, BlockGroup> open = new LinkedHashMap<>();
    /** The open groups of the nodes that wait in them. */
    private final Map<Integer, BlockGroup> waiting = new HashMap<>();
    /** The groups that are complete, by where they begin. */
    private final Map<Integer, BlockGroup> complete = new HashMap<>();
    private final Map<Integer, Kernel> kernels = new HashMap<>();
    /** The arrays that are read by nodes which cannot join the group of the node that is read. */
    private final BitSet readElsewhere = new BitSet();
    private int repeatedFrom = Integer.MAX_VALUE;

    private Schedule(Sharing sharing) {
        this.graph = sharing.read();
        this.sharing = sharing;
        this.order = new int[sharing.executed().cardinality()];
        sharing.executed().stream().forEach(this::findReads);
    }

    private void findReads(int node) {
        if (isScalar(node)) {
            return;
        }
        boolean canWait = canWait(node);
        ElementLoop loop = canWait ? loop(node) : null;
        boolean isByRows = canWait && loop == null && isByRows(node);
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            boolean joins = loop == null ? isByRows : !loop.isGathering() && graph.shape(node).equals(graph.shape(operand));
            if (!joins) {
                readElsewhere.set(sharing.holder(operand));
            }
        }
    }

    /** Whether a node and its operands are scalars. */
    private boolean isScalar(int node) {
        return graph.op(node) instanceof Elementwise && graph.shape(node).isScalar();
    }

    private boolean isByRows(int node) {
        return kernel(node) instanceof AxisSums || kernel(node).byRows() != null;
    }

    private @Nullable ElementLoop loop(int node) {
        return ElementLoop.of(graph.op(node), graph.operandShapes(node), graph.shape(node));
    }

    /** Schedules the nodes that are executed. Nodes from {@code repeatFrom} on come after all others. */
    static Schedule of(Sharing sharing, int repeatFrom, Checkpoint checkpoint) {
        Schedule schedule = new Schedule(sharing);
        BitSet executed = sharing.executed();
        for (int i = executed.nextSetBit(0); i >= 0; i = executed.nextSetBit(i + 1)) {
            checkpoint.check();
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

    /** The nodes that can be computed together and begin at {@code group}; null if that is a node which can only be computed alone. */
    @Nullable
    BlockGroup blocks(int group) {
        return complete.get(group);
    }

    /** The first group of the part that can be repeated. */
    int repeatedFrom() {
        return Math.min(repeatedFrom, size);
    }

    /** The kernel that computes a node alone. */
    Kernel kernel(int node) {
        return kernels.computeIfAbsent(node, sharing::kernel);
    }

    private void add(int node) {
        if (isScalar(node)) {
            addScalar(node);
            return;
        }
        ElementLoop loop = canWait(node) ? loop(node) : null;
        // A part of an array is better copied by itself where nodes that read it would end the group.
        boolean endsItsGroup = loop != null && loop.isGathering() && readElsewhere.get(node);
        if (loop != null ? !endsItsGroup : canWait(node) && isByRows(node)) {
            addToGroup(node, loop);
        } else {
            closeRead(node, null);
            addAlone(node);
        }
    }

    /** Whether blocks may compute a node, because it and its operands have elements, and it is not one of several results. */
    private boolean canWait(int node) {
        boolean hasElements = graph.operandCount(node) > 0 && graph.shape(node).size() > 0;
        for (int k = 0; hasElements && k < graph.operandCount(node); k++) {
            hasElements = graph.shape(graph.operand(node, k)).size() > 0;
        }
        return hasElements && graph.op(node).part() == null;
    }

    /** A scalar that reads sums of open groups comes after the largest of these, so that the group may still grow. */
    private void addScalar(int node) {
        BlockGroup followed = null;
        for (int k = 0; k < graph.operandCount(node); k++) {
            followed = larger(followed, waiting.get(sharing.holder(graph.operand(node, k))));
        }
        closeRead(node, followed);
        if (followed == null) {
            addAlone(node);
        } else {
            followed.addAfter(node);
            waiting.put(node, followed);
        }
    }

    /**
     * Adds a node to the largest open group that can compute it, or to a new one.
     *
     * @param loop the loop that computes the node's elements; null if it is computed row by row
     */
    private void addToGroup(int node, @Nullable ElementLoop loop) {
        Shape shape = BlockGroup.shape(graph, node, loop);
        BlockGroup joined = joinable(node, loop, open.get(shape));
        for (int k = 0; k < graph.operandCount(node); k++) {
            BlockGroup group = waiting.get(sharing.holder(graph.operand(node, k)));
            joined = group == joined ? joined : larger(joined, joinable(node, loop, group));
        }
        closeRead(node, joined);
        if (joined != null && joined.isFullWith(node)) {
            close(joined);
            joined = null;
        }
        if (joined == null && !open.containsKey(shape)) {
            joined = joinable(node, loop, new BlockGroup(sharing, this::kernel, shape));
        }
        BlockStep step = joined == null ? null : joined.step(node, loop);
        if (joined == null || step == null) {
            addAlone(node);
        } else {
            open.put(joined.shape(), joined);
            joined.add(step);
            waiting.put(node, joined);
        }
    }

    private static @Nullable BlockGroup joinable(int node, @Nullable ElementLoop loop, @Nullable BlockGroup group) {
        return group == null || group.step(node, loop) == null ? null : group;
    }

    private static @Nullable BlockGroup larger(@Nullable BlockGroup one, @Nullable BlockGroup other) {
        return one == null || other != null && other.shape().size() > one.shape().size() ? other : one;
    }

    /** Closes the groups that a node reads, except the one that it belongs to. */
    private void closeRead(int node, @Nullable BlockGroup own) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            BlockGroup group = waiting.get(sharing.holder(graph.operand(node, k)));
            if (group != null && group != own) {
                close(group);
            }
        }
    }

    private void close(BlockGroup group) {
        open.remove(group.shape());
        beginnings.set(size);
        complete.put(size, group);
        for (BlockStep step : group.steps()) {
            waiting.remove(step.node());
            order[size++] = step.node();
        }
        for (int scalar : group.after()) {
            waiting.remove(scalar);
            addAlone(scalar);
        }
    }

    private void addAlone(int node) {
        beginnings.set(size);
        order[size++] = node;
    }

    private void closeAll() {
        List.copyOf(open.values()).forEach(this::close);
    }
}
