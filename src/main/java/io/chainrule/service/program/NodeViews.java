package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Makes the nodes of an answer, with the ids and attributes that the client wrote. */
final class NodeViews {
    private NodeViews() {}

    static List<Answer.NodeView> of(BoundProgram bound, @Nullable IntFunction<Tensor> valueOf, @Nullable IntFunction<Tensor> gradientOf) {
        return of(bound.program(), bound.listed(), bound::answered, valueOf, gradientOf);
    }

    /** These nodes of any program. */
    static List<Answer.NodeView> of(NamedGraph program, Collection<Integer> nodes, IntFunction<Shape> shapeOf,
            @Nullable IntFunction<Tensor> valueOf, @Nullable IntFunction<Tensor> gradientOf) {
        Graph graph = program.graph();
        List<Answer.NodeView> views = new ArrayList<>(nodes.size());
        for (int node : nodes) {
            List<Object> inputs = new ArrayList<>(graph.operandCount(node));
            for (int k = 0; k < graph.operandCount(node); k++) {
                int operand = graph.operand(node, k);
                inputs.add(graph.op(operand) instanceof Leaf.Literal literal ? (Object) literal.value() : program.id(operand));
            }
            Tensor value = valueOf != null
                    ? valueOf.apply(node)
                    : graph.op(node) instanceof Leaf.Constant constant ? constant.value() : null;
            views.add(
                    new Answer.NodeView(program.id(node), graph.op(node).name(), inputs, graph.op(node).attributes(), shapeOf.apply(node),
                            value,
                            gradientOf == null ? null : gradientOf.apply(node)));
        }
        return views;
    }
}
