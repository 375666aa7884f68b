package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.op.AxisSums;
import io.chainrule.core.op.ElementLoop;
import io.chainrule.core.tensor.Shape;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that can be computed together, a block of elements at a time. Most have one shape, the group's. Once a node of the group is
 * computed row by row, blocks consist of whole rows. Then the group also has nodes with one element for each row, as the sums of rows are,
 * and elementwise nodes may read those again. Other sums can be read only when the whole group is computed.
 */
final class BlockGroup {
    /** The length of rows up to which the few rows that are computed together stay in a second-level cache. */
    private static final int LONGEST_ROW = 4096;
    /** The most computed arrays that a group may read. It bounds memory, since the arrays cannot be reused until the group is computed. */
    private static final int MOST_HELD = 5;

    private final Sharing sharing;
    private final Graph graph;
    private final IntFunction<Kernel> kernels;
    private final Shape shape;
    /** The length of rows; 0 while no node is computed row by row. */
    private int rowLength;
    private final Map<Integer, BlockStep> steps = new LinkedHashMap<>();
    /** Scalars that are computed from the group's sums, after the group. */
    private final Set<Integer> after = new LinkedHashSet<>();
    private final Set<Integer> held = new HashSet<>();

    /** @param kernels the kernel that computes a node alone */
    BlockGroup(Sharing sharing, IntFunction<Kernel> kernels, Shape shape) {
        this.sharing = sharing;
        this.graph = sharing.read();
        this.kernels = kernels;
        this.shape = shape;
    }

    /**
     * Returns the shape of the groups that a node can join.
     *
     * @param loop the loop that computes the node's elements; null if there is none
     */
    static Shape shape(Graph graph, int node, @Nullable ElementLoop loop) {
        return graph.shape(loop != null ? node : graph.operand(node, 0));
    }

    Shape shape() {
        return shape;
    }

    /** The length of the rows of which blocks consist, 1 if blocks may consist of any elements. */
    int rowLength() {
        return Math.max(1, rowLength);
    }

    Collection<BlockStep> steps() {
        return steps.values();
    }

    /**
     * How this group would compute a node; null if it cannot, or has no reason to.
     *
     * @param loop the loop that computes the node's elements; null if there is none
     */
    @Nullable
    BlockStep step(int node, @Nullable ElementLoop loop) {
        boolean hasOwn = false;
        for (int k = 0; k < graph.operandCount(node); k++) {
            int holder = sharing.holder(graph.operand(node, k));
            BlockStep own = steps.get(holder);
            if (own instanceof BlockStep.Sum || after.contains(holder)) {
                return null;
            }
            hasOwn |= own != null;
        }
        if (loop != null) {
            return isReadable(node, hasOwn) && !(hasOwn && loop.isGathering()) ? new BlockStep.Elements(node, loop) : null;
        }
        Kernel kernel = kernels.apply(node);
        RowKernel rows = kernel.byRows();
        if (rows != null && hasRows(node, rows.rows())) {
            return new BlockStep.Rows(node, rows);
        }
        // The blocks of an operand can be added up if the group computes it, or goes over arrays of its shape anyway.
        boolean isSummable = hasOwn || !steps.isEmpty() && graph.shape(graph.operand(node, 0)).equals(shape);
        return kernel instanceof AxisSums sums && sums.isRunning() && isSummable ? new BlockStep.Sum(node, sums) : null;
    }

    /** Whether each block of an elementwise node takes only the same block of the operands that this group computes. */
    private boolean isReadable(int node, boolean hasOwn) {
        Shape result = graph.shape(node);
        boolean isWide = result.equals(shape);
        if (!isWide && (!hasOwn || rowLength == 0 || result.size() * rowLength != shape.size())) {
            return false;
        }
        for (int k = 0; hasOwn && k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            if (steps.containsKey(sharing.holder(operand)) && !isEven(graph.shape(operand), result, isWide)) {
                return false;
            }
        }
        return true;
    }

    private boolean isEven(Shape operand, Shape result, boolean isWide) {
        return isWide ? operand.equals(shape) || operand.equals(ofRows()) : operand.size() == result.size();
    }

    /** The shape that has one element for each row and broadcasts to the group's shape. */
    Shape ofRows() {
        Shape rows = shape;
        int length = 1;
        for (int axis = shape.rank() - 1; axis >= 0 && length < rowLength; axis--) {
            length *= shape.dim(axis);
            rows = rows.with(axis, 1);
        }
        return rows;
    }

    /** Whether the operands and the result of a node have as many rows, each of one element or as long as a row of this group. */
    private boolean hasRows(int node, int rows) {
        long length = shape.size() / rows;
        boolean fits = rows > 1 && length <= LONGEST_ROW && length * rows == shape.size() && (rowLength == 0 || rowLength == length)
                && hasRows(graph.shape(node), rows);
        for (int k = 0; fits && k < graph.operandCount(node); k++) {
            fits = hasRows(graph.shape(graph.operand(node, k)), rows);
        }
        return fits;
    }

    private boolean hasRows(Shape value, int rows) {
        return value.size() == rows || value.size() == shape.size();
    }

    /** Whether this group would read too many arrays if a node joined it. */
    boolean isFullWith(int node) {
        Set<Integer> more = new HashSet<>();
        addHeld(node, more);
        more.removeAll(held);
        return held.size() + more.size() > MOST_HELD;
    }

    /** Adds the computed arrays as long as those of this group that a node reads. */
    private void addHeld(int node, Set<Integer> found) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            int holder = sharing.holder(graph.operand(node, k));
            if (!graph.isLeaf(holder) && !steps.containsKey(holder) && graph.shape(holder).size() == shape.size()) {
                found.add(holder);
            }
        }
    }

    /** Takes a scalar that is computed from its sums, which no step may read. */
    void addAfter(int node) {
        after.add(node);
    }

    /** The scalars that are computed after the steps. */
    Set<Integer> after() {
        return after;
    }

    void add(BlockStep step) {
        addHeld(step.node(), held);
        if (step instanceof BlockStep.Rows rows) {
            rowLength = (int) (shape.size() / rows.kernel().rows());
        }
        steps.put(step.node(), step);
    }
}
