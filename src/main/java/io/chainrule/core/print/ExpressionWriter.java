package io.chainrule.core.print;

import io.chainrule.core.expression.Operator;
import io.chainrule.core.expression.Parser;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Writes nodes in the notation that {@link Parser} reads. */
final class ExpressionWriter extends NodePrinter {
    private final PrintedNames names;

    ExpressionWriter(NamedGraph program, PrintedNames names, StringBuilder out) {
        super(program, out);
        this.names = names;
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
                parts.add("[" + ValueText.index((List<?>) Objects.requireNonNull(graph.op(node).attributes().get("at"))) + "]");
            }
            case LIST -> {
                parts.add("[");
                addOperands(parts, node);
                parts.add("]");
            }
            case CALL -> addCall(parts, node);
        }
        return parts;
    }

    private String leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> names.number(value);
            case Leaf.Constant(Tensor value) -> value.shape().isScalar() ? names.number(value.item()) : ValueText.array(value);
            case Leaf.Input _ -> names.of(node);
        };
    }

    private void addCall(List<Object> parts, int node) {
        boolean isSequence = notation.isSequence(node);
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

    /** Adds an operand, by name or inline, in parentheses if it needs them. */
    private void addOperand(List<Object> parts, int node, int position) {
        boolean needsParentheses = !layout.isStatement(graph.operand(node, position)) && notation.needsParentheses(node, position);
        if (needsParentheses) {
            parts.add("(");
        }
        addEnclosed(parts, node, position);
        if (needsParentheses) {
            parts.add(")");
        }
    }

    /** Adds an operand without parentheses, for places where the text around it groups it already. */
    private void addEnclosed(List<Object> parts, int node, int position) {
        int operand = graph.operand(node, position);
        parts.add(layout.isStatement(operand) ? (Object) names.of(operand) : operand);
    }

    private void addOperands(List<Object> parts, int node) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                parts.add(", ");
            }
            addEnclosed(parts, node, k);
        }
    }
}
