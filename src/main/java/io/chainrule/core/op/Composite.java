package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A circuit of other ops under one name. It is expanded before it is differentiated or run, so that value and
 * derivatives of every order are those of the circuit.
 */
final class Composite implements Op {
    private final String name;
    private final Map<String, Object> attributes;
    private final Function<Shape[], Shape> shapeRule;
    private final Function<Node[], Node> circuit;

    Composite(String name, Map<String, Object> attributes, Function<Shape[], Shape> shapeRule, Function<Node[], Node> circuit) {
        this.name = name;
        this.attributes = attributes;
        this.shapeRule = shapeRule;
        this.circuit = circuit;
    }

    /** With the shape that its circuit has. */
    static Composite of(String name, Map<String, Object> attributes, Function<Node[], Node> circuit) {
        return new Composite(name, attributes, shapes -> {
            GraphBuilder sketch = GraphBuilder.withShapes();
            Node[] operands = new Node[shapes.length];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = sketch.input("x", shapes[k]);
            }
            return circuit.apply(operands).shape();
        }, circuit);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public Family family() {
        return Family.COMPOSITE;
    }

    @Override
    public Shape shape(Shape... operands) {
        return shapeRule.apply(operands);
    }

    @Override
    public Node expand(Node[] operands) {
        GraphBuilder graph = operands[0].graph();
        int before = graph.size();
        Node result = circuit.apply(operands);
        boolean isNew = result.index() >= before && result.op().family() != Family.LEAF;
        return isNew ? result : graph.add(new Shaping.Reshape(result.shape().toList()), result);
    }

    @Override
    public void evaluate(Tensor[] operands, Tensor result, Checkpoint checkpoint) {
        throw notExpanded();
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        throw notExpanded();
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        throw notExpanded();
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        throw notExpanded();
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        throw notExpanded();
    }

    private IllegalStateException notExpanded() {
        return new IllegalStateException("composite op " + name + " must be expanded first");
    }
}
