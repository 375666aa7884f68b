package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Writes one node out, and in it those that are no statements, with a stack in place of recursion. */
abstract class NodePrinter {
    final Graph graph;
    final Notation notation;
    private final Layout layout;
    private final StringBuilder out;
    /** What is still to be written, the next on top: text, or the number of a node to be written out. */
    private final Deque<Object> pending = new ArrayDeque<>();

    NodePrinter(Graph graph, Notation notation, Layout layout, StringBuilder out) {
        this.graph = graph;
        this.notation = notation;
        this.layout = layout;
        this.out = out;
    }

    final void write(int root) {
        pending.push(root);
        while (!pending.isEmpty()) {
            switch (pending.pop()) {
                case Integer node -> parts(node).reversed().forEach(pending::push);
                case Object text -> out.append(text);
            }
        }
    }

    /** Texts, and numbers of nodes to be written out in their place. */
    abstract List<Object> parts(int node);

    /** How a statement is named where it is read. */
    abstract String name(int node);

    final boolean isStatement(int node) {
        return layout.isStatement(node);
    }

    /** An operand, by name or written out, between these where it needs parentheses. */
    final void addOperand(List<Object> parts, int node, int position, String open, String close) {
        int operand = graph.operand(node, position);
        if (layout.isStatement(operand)) {
            parts.add(name(operand));
        } else if (notation.needsParentheses(node, position)) {
            parts.addAll(List.of(open, operand, close));
        } else {
            parts.add(operand);
        }
    }

    /** All operands, which need no parentheses. */
    final void addOperands(List<Object> parts, int node, String between) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                parts.add(between);
            }
            addOperand(parts, node, k, "", "");
        }
    }
}
