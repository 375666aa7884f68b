package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable graph in topological, single-assignment order: each node reads only nodes before it. It is stored in arrays, with about 20
 * bytes for a node with two operands; nodes are numbered from 0. Shapes are present once they have been inferred.
 */
public final class Graph {
    final Op[] ops;
    final int[] starts;
    final int[] operands;
    /** The shape of each node; empty if all nodes are scalars; null until shapes are inferred. */
    final Shape @Nullable [] shapes;
    final Growth growth;
    private final int size;

    /**
     * What a builder counted while it built a graph, so that builders that extend the graph can continue counting.
     *
     * @param literals the number of nodes that are literals
     * @param told the estimated bytes that have been reported to the allowance
     * @param untold the estimated bytes that have yet to be reported with the next step
     */
    record Growth(int literals, long told, long untold) {}

    /** Takes ownership of the arrays; the builder that made them must not write below {@code size} again. */
    Graph(Op[] ops, int[] starts, int[] operands, Shape @Nullable [] shapes, int size, Growth growth) {
        this.ops = ops;
        this.starts = starts;
        this.operands = operands;
        this.shapes = shapes;
        this.size = size;
        this.growth = growth;
    }

    /** An estimate of the memory that the graph takes. */
    public long bytes() {
        return growth.told() + growth.untold();
    }

    public int size() {
        return size;
    }

    public Op op(int node) {
        return ops[node];
    }

    public boolean isLiteral(int node) {
        return ops[node] instanceof Leaf.Literal;
    }

    public boolean isLeaf(int node) {
        return ops[node] instanceof Leaf;
    }

    public int operandCount(int node) {
        return starts[node + 1] - starts[node];
    }

    public int operand(int node, int position) {
        return operands[starts[node] + position];
    }

    /** The total number of operands of all nodes. */
    public int useCount() {
        return starts[size];
    }

    /** Numbers the uses of nodes as operands consecutively over the whole graph. */
    public int use(int node, int position) {
        return starts[node] + position;
    }

    public boolean hasShapes() {
        return shapes != null;
    }

    public Shape shape(int node) {
        if (shapes == null) {
            throw new IllegalStateException("shapes have not been inferred");
        }
        return shapes.length == 0 ? Shape.SCALAR : shapes[node];
    }

    public Shape[] operandShapes(int node) {
        Shape[] result = new Shape[operandCount(node)];
        for (int i = 0; i < result.length; i++) {
            result[i] = shape(operand(node, i));
        }
        return result;
    }

    /** The same graph in arrays without room for more nodes, which take less memory. */
    public Graph trimmed() {
        return new Graph(Arrays.copyOf(ops, size), Arrays.copyOf(starts, size + 1), Arrays.copyOf(operands, useCount()),
                shapes == null || shapes.length == 0 ? shapes : compact(Arrays.copyOf(shapes, size)), size, growth);
    }

    private static Shape[] compact(Shape[] shapes) {
        return Arrays.stream(shapes).allMatch(Shape::isScalar) ? new Shape[0] : shapes;
    }

    /** The same nodes, of which some read others: {@code read} has, for each {@link #use}, the node that is read. */
    public Graph withOperands(int[] read) {
        return new Graph(ops, starts, read, shapes, size, growth);
    }

    /** The same graph with shapes, trimmed. */
    Graph withShapes(Shape[] inferred) {
        return new Graph(ops, starts, operands, inferred, size, growth).trimmed();
    }
}
