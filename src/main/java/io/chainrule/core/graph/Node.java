package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.OptionalDouble;

/** A view of one node of a graph under construction. */
public record Node(GraphBuilder graph, int index) {
    public Op op() {
        return graph.op(index);
    }

    public Shape shape() {
        return graph.shape(index);
    }

    public int operandCount() {
        return graph.operandCount(index);
    }

    public Node operand(int position) {
        return new Node(graph, graph.operand(index, position));
    }

    public Node[] operands() {
        Node[] operands = new Node[operandCount()];
        Arrays.setAll(operands, this::operand);
        return operands;
    }

    /** The node's number, if it is a literal. */
    public OptionalDouble literal() {
        return op() instanceof Leaf.Literal literal ? OptionalDouble.of(literal.value()) : OptionalDouble.empty();
    }

    public boolean isLiteral(double value) {
        return op() instanceof Leaf.Literal literal && literal.value() == value;
    }
}
