package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A node as it was written.
 *
 * @param node its number in {@link BoundProgram#program()}
 * @param inputs its operands: ids ({@link String}) and numbers ({@link Double})
 * @param shape the shape in which results contain its value
 * @param constant the value of a constant; else null
 */
public record NodeDescription(int node, String id, String op, List<Object> inputs, Map<String, Object> attributes, Shape shape,
        @Nullable Tensor constant) {
    public static NodeDescription of(NamedGraph program, int node, Shape shape) {
        Graph graph = program.graph();
        List<Object> inputs = IntStream.range(0, graph.operandCount(node)).mapToObj(k -> graph.operand(node, k))
                .map(operand -> graph.op(operand) instanceof Leaf.Literal(double value) ? (Object) value : program.id(operand)).toList();
        Tensor constant = graph.op(node) instanceof Leaf.Constant(Tensor value) ? value : null;
        return new NodeDescription(node, program.id(node), graph.op(node).name(), inputs, graph.op(node).attributes(), shape, constant);
    }
}
