package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * An immutable graph in topological, single-assignment order: node i reads nodes before i. Kept as arrays, about 20
 * bytes a node with two operands; nodes are numbered from 0. Shapes are there once they have been inferred.
 */
public final class Graph {
    private final Op[] ops;
    private final int[] starts;
    private final int[] operands;
    private final Shape @Nullable [] shapes;
    private final int size;

    /** Takes the arrays over; the builder that made them must not write below {@code size} again. */
    Graph(Op[] ops, int[] starts, int[] operands, Shape @Nullable [] shapes, int size) {
        this.ops = ops;
        this.starts = starts;
        this.operands = operands;
        this.shapes = shapes;
        this.size = size;
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

    public boolean hasShapes() {
        return shapes != null;
    }

    public Shape shape(int node) {
        if (shapes == null) {
            throw new IllegalStateException("shapes have not been inferred");
        }
        return shapes[node];
    }

    public Shape[] operandShapes(int node) {
        Shape[] result = new Shape[operandCount(node)];
        for (int i = 0; i < result.length; i++) {
            result[i] = shape(operand(node, i));
        }
        return result;
    }

    /** The same graph with shapes. */
    Graph withShapes(Shape[] inferred) {
        return new Graph(ops, starts, operands, inferred, size);
    }
}
