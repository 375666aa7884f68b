package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Programs in a form that a test can state in a line. In the texts of tables ⏎ is a line break. */
public final class Programs {
    public static final ExpressionParser.Limits LIMITS = new ExpressionParser.Limits(3_000_000, 10_000);

    private Programs() {}

    public static NamedGraph parse(String text, String... inputs) {
        return ExpressionParser.parse(text.replace('⏎', '\n'), Set.of(inputs), LIMITS);
    }

    public static List<Problem> problems(String text, String... inputs) {
        return catchThrowableOfType(ProblemException.class, () -> parse(text, inputs)).problems();
    }

    /** The output as nested calls, constants as arrays: {@code add(a, mul(2, b))}. */
    public static String calls(NamedGraph program) {
        return call(program.graph(), program.output());
    }

    /** Every node but literals, in order: {@code q = matmul(W, x)}, {@code s = sum(q; axis=[0])}, {@code x = input()}. */
    public static List<String> nodes(NamedGraph program) {
        Graph graph = program.graph();
        List<String> nodes = new ArrayList<>();
        for (int i = 0; i < graph.size(); i++) {
            if (!graph.isLiteral(i)) {
                int node = i;
                String operands = IntStream.range(0, graph.operandCount(i)).mapToObj(k -> graph.operand(node, k))
                        .map(operand -> graph.isLiteral(operand) ? call(graph, operand) : program.id(operand))
                        .collect(Collectors.joining(", "));
                nodes.add(program.id(i) + " = " + name(graph, i) + "(" + operands + attributes(graph, i) + ")");
            }
        }
        return nodes;
    }

    /** The program as a list of nodes, literals written where they are read. */
    public static List<NodeSpec> specs(NamedGraph program) {
        Graph graph = program.graph();
        List<NodeSpec> specs = new ArrayList<>();
        for (int node = 0; node < graph.size(); node++) {
            if (graph.isLiteral(node)) {
                continue;
            }
            List<Object> operands = new ArrayList<>();
            for (int k = 0; k < graph.operandCount(node); k++) {
                int operand = graph.operand(node, k);
                operands.add(graph.op(operand) instanceof Leaf.Literal(double value) ? (Object) value : program.id(operand));
            }
            Map<String, Object> attributes = graph.op(node) instanceof Leaf.Constant(var value)
                    ? Map.of("value", value)
                    : graph.op(node).attributes();
            specs.add(new NodeSpec(program.id(node), graph.op(node).name(), operands, attributes));
        }
        return specs;
    }

    private static String call(Graph graph, int node) {
        return switch (graph.op(node)) {
            case Leaf.Input input -> input.id();
            case Leaf.Literal literal -> ValueText.number(literal.value());
            case Leaf.Constant _ -> name(graph, node);
            default ->
                name(graph, node) + "(" + IntStream.range(0, graph.operandCount(node)).mapToObj(k -> call(graph, graph.operand(node, k)))
                        .collect(Collectors.joining(", ")) + attributes(graph, node) + ")";
        };
    }

    private static String name(Graph graph, int node) {
        return graph.op(node) instanceof Leaf.Constant(var value) ? value.toString() : graph.op(node).name();
    }

    private static String attributes(Graph graph, int node) {
        return graph.op(node).attributes().entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).sorted()
                .collect(Collectors.collectingAndThen(Collectors.joining(", "), all -> all.isEmpty() ? "" : "; " + all));
    }
}
