package io.chainrule.core.execution;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Computes graphs without a plan: each node by the kernel of its op, which knows nothing of the other nodes. */
public final class NodeByNode {
    private NodeByNode() {}

    /** The value of every node that does not depend on an input without a value. */
    public static Map<Integer, Tensor> values(Graph graph, Map<Integer, Tensor> inputs) {
        return values(graph, inputs, Parallel.NONE);
    }

    /** The same, with loops that are shared. */
    public static Map<Integer, Tensor> values(Graph graph, Map<Integer, Tensor> inputs, Parallel parallel) {
        Map<Integer, Tensor> values = new HashMap<>(inputs);
        for (int i = 0; i < graph.size(); i++) {
            int node = i;
            switch (graph.op(i)) {
                case Leaf.Literal literal -> values.put(i, Tensor.scalar(literal.value()));
                case Leaf.Constant(Tensor value) -> values.put(i, value);
                case Leaf _ -> {
                }
                default -> {
                    List<Integer> operands = IntStream.range(0, graph.operandCount(i)).mapToObj(k -> graph.operand(node, k)).toList();
                    if (values.keySet().containsAll(operands)) {
                        Tensor value = Tensor.zeros(graph.shape(i));
                        if (value.length() > 0) {
                            GraphFunction.write(graph.op(i), operands.stream().map(values::get).toList(), value, parallel);
                        }
                        values.put(i, value);
                    }
                }
            }
        }
        return values;
    }
}
