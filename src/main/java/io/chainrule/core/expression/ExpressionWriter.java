package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** Writes one node out, and in it those that are no statements, with a stack in place of recursion. */
final class ExpressionWriter {
    private final Graph graph;
    private final Notation notation;
    private final Layout layout;
    private final PrintedNames names;
    private final StringBuilder out;
    /** What is still to be written, the next on top: text, or the number of a node to be written out. */
    private final Deque<Object> pending = new ArrayDeque<>();

    ExpressionWriter(Graph graph, Notation notation, Layout layout, PrintedNames names, StringBuilder out) {
        this.graph = graph;
        this.notation = notation;
        this.layout = layout;
        this.names = names;
        this.out = out;
    }

    void write(int root) {
        pending.push(root);
        while (!pending.isEmpty()) {
            switch (pending.pop()) {
                case Integer node -> parts(node).reversed().forEach(pending::push);
                case Object text -> out.append(text);
            }
        }
    }

    /** Texts, and numbers of nodes to be written out in their place. */
    private List<Object> parts(int node) {
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
                parts.add(graph.op(node).name() + "(");
                addOperands(parts, node);
                graph.op(node).attributes().forEach((name, value) -> {
                    parts.add((parts.size() > 1 ? ", " : "") + name + "=" + ValueText.attribute(value));
                });
                parts.add(")");
            }
        }
        return parts;
    }

    private void addOperands(List<Object> parts, int node) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                parts.add(", ");
            }
            addOperand(parts, node, k);
        }
    }

    private void addOperand(List<Object> parts, int node, int position) {
        int operand = graph.operand(node, position);
        if (layout.isStatement(operand)) {
            parts.add(names.of(operand));
        } else if (notation.needsParentheses(node, position)) {
            parts.addAll(List.of("(", operand, ")"));
        } else {
            parts.add(operand);
        }
    }

    private String leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> ValueText.number(value);
            case Leaf.Constant(var value) -> ValueText.array(value);
            case Leaf.Input _ -> names.of(node);
        };
    }

    private static String index(List<?> items) {
        StringBuilder text = new StringBuilder("[");
        for (Object item : items) {
            text.append(text.length() > 1 ? ", " : "")
                    .append(item instanceof Number number ? ValueText.number(number.doubleValue()) : item);
        }
        return text.append(']').toString();
    }
}
