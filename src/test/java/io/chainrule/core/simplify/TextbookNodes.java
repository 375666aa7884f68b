package io.chainrule.core.simplify;

import io.chainrule.core.Derivatives;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Expressions as nodes of one graph of the textbook form, with the conditions that rules state. */
final class TextbookNodes {
    final UniqueNodes graph = new UniqueNodes(Allowance.UNBOUNDED);
    final Domain domain = graph.restrict(Set.of("tanh"), Map.of());
    private final Map<String, Node> inputs = new HashMap<>();

    /** A number is a literal; inputs of the same name are one. */
    Node node(String text, String shapes) {
        if (text.matches("-?\\d+")) {
            return graph.literal(Double.parseDouble(text));
        }
        var program = Derivatives.parse(text, Derivatives.shapes(shapes));
        return copied(program.graph(), program.output());
    }

    private Node copied(Graph from, int output) {
        Node[] image = new Node[output + 1];
        for (int i = 0; i < image.length; i++) {
            Node[] operands = new Node[from.operandCount(i)];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = image[from.operand(i, k)];
            }
            Shape shape = from.shape(i);
            image[i] = switch (from.op(i)) {
                case Leaf.Literal(double value) -> graph.literal(value);
                case Leaf.Input(String id, var _) -> inputs.computeIfAbsent(id, name -> graph.input(name, shape));
                case Op op when op instanceof Leaf -> graph.leaf(op);
                case Op op -> graph.add(op, operands);
            };
        }
        return image[output];
    }

    /** The text of a node. */
    static String text(Node node) {
        GraphBuilder builder = GraphBuilder.withShapes();
        copy(node, builder, new HashMap<>());
        return Derivatives.print(builder.build());
    }

    private static Node copy(Node node, GraphBuilder builder, Map<Integer, Node> known) {
        Node found = known.get(node.index());
        if (found == null) {
            Node[] operands = new Node[node.operandCount()];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = copy(node.operand(k), builder, known);
            }
            found = switch (node.op()) {
                case Leaf.Literal(double value) -> builder.literal(value);
                case Leaf.Input(String id, var _) -> builder.input(id, node.shape());
                case Op op -> builder.add(op, operands);
            };
            known.put(node.index(), found);
        }
        return found;
    }

    String conditions() {
        return domain.conditions().values().stream().map(Derivatives::print).collect(Collectors.joining(", "));
    }
}
