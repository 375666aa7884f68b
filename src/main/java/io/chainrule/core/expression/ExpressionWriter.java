package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Writes nodes in the notation that {@link ExpressionParser} reads. */
final class ExpressionWriter extends NodePrinter {
    private final PrintedNames names;

    ExpressionWriter(Graph graph, Notation notation, Layout layout, PrintedNames names, StringBuilder out) {
        super(graph, notation, layout, out);
        this.names = names;
    }

    @Override
    String name(int node) {
        return names.of(node);
    }

    @Override
    List<Object> parts(int node) {
        List<Object> parts = new ArrayList<>();
        switch (notation.form(node)) {
            case LEAF -> parts.add(leaf(node));
            case SIGN -> {
                parts.add("-");
                addOperand(parts, node, 0);
            }
            case INFIX -> {
                Operator operator = notation.operator(node);
                addOperand(parts, node, 0);
                parts.add(operator == Operator.POWER ? operator.symbol() : " " + operator.symbol() + " ");
                addOperand(parts, node, 1);
            }
            case TRANSPOSE -> {
                addOperand(parts, node, 0);
                parts.add(".T");
            }
            case INDEX -> {
                addOperand(parts, node, 0);
                parts.add(index((List<?>) Objects.requireNonNull(graph.op(node).attributes().get("at"))));
            }
            case LIST -> {
                parts.add("[");
                addOperands(parts, node);
                parts.add("]");
            }
            case CALL -> {
                boolean isSequence = notation.isSequence(node) && !isStatement(graph.operand(node, 0));
                parts.add(graph.op(node).name() + (isSequence ? "([" : "("));
                addOperands(parts, node);
                if (isSequence) {
                    parts.add("]");
                }
                graph.op(node).attributes().forEach((name, value) -> {
                    parts.add((parts.size() > 1 ? ", " : "") + name + "=" + ValueText.attribute(value));
                });
                parts.add(")");
            }
        }
        return parts;
    }

    private void addOperand(List<Object> parts, int node, int position) {
        addOperand(parts, node, position, "(", ")");
    }

    private void addOperands(List<Object> parts, int node) {
        addOperands(parts, node, ", ");
    }

    private String leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> names.number(value);
            case Leaf.Constant(var value) -> value.shape().isScalar() ? names.number(value.item()) : ValueText.array(value);
            case Leaf.Input _ -> names.of(node);
        };
    }

    static String index(List<?> items) {
        StringBuilder text = new StringBuilder("[");
        for (Object item : items) {
            text.append(text.length() > 1 ? ", " : "")
                    .append(item instanceof Number number ? ValueText.number(number.doubleValue()) : item);
        }
        return text.append(']').toString();
    }
}
