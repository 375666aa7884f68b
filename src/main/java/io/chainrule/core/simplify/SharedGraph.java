package io.chainrule.core.simplify;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Simplified graphs that are joined, so that what they have in common is computed once.
 *
 * @param results the nodes in {@code graph}, in the order in which they were asked for
 * @param inputs the inputs, by id
 */
public record SharedGraph(Graph graph, int[] results, Map<String, Integer> inputs) {

    /** Parts are graphs whose last nodes are results; {@code ids} are inputs that are to be there even if nothing reads them. */
    public static SharedGraph of(List<Graph> parts, Map<String, Shape> ids, Allowance allowance) {
        UniqueNodes all = new UniqueNodes(allowance);
        Map<String, Integer> inputs = new LinkedHashMap<>();
        Map<Object, Node> constants = new LinkedHashMap<>();
        ids.forEach((id, shape) -> inputs.put(id, all.input(id, shape).index()));
        int[] results = new int[parts.size()];
        for (int k = 0; k < results.length; k++) {
            Graph simple = parts.get(k);
            Node[] image = new Node[simple.size()];
            for (int i = 0; i < simple.size(); i++) {
                int node = i;
                image[i] = switch (simple.op(i)) {
                    case Leaf.Literal(double value) -> all.literal(value);
                    case Leaf.Input(String id, var _) ->
                        all.node(inputs.computeIfAbsent(id, name -> all.input(name, simple.shape(node)).index()));
                    case Leaf.Constant constant -> constants.computeIfAbsent(constant.value(), _ -> all.leaf(constant));
                    default -> {
                        Node[] operands = new Node[simple.operandCount(i)];
                        for (int m = 0; m < operands.length; m++) {
                            operands[m] = image[simple.operand(i, m)];
                        }
                        yield all.add(simple.op(i), operands);
                    }
                };
            }
            results[k] = image[simple.size() - 1].index();
        }
        return new SharedGraph(all.build(), results, inputs);
    }
}
