package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** Writes the nodes of a program out, and in each those that are no statements, with a stack in place of recursion. */
abstract class NodePrinter {
    final Graph graph;
    final Notation notation;
    final Layout layout;
    private final Signs signs;
    private final StringBuilder out;
    /** What is still to be written, the next on top: text, or the number of a node to be written out. */
    private final Deque<Object> pending = new ArrayDeque<>();

    /** Parentheses, what stands behind a transposed operand, and the brackets and separator of a list. */
    record Signs(String open, String close, String transposed, String beginList, String separator, String endList) {}

    NodePrinter(NamedGraph program, Signs signs, StringBuilder out) {
        this.graph = program.graph();
        this.notation = new Notation(graph);
        this.layout = new Layout(program, notation);
        this.signs = signs;
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
    private List<Object> parts(int node) {
        List<Object> parts = new ArrayList<>();
        switch (notation.form(node)) {
            case LEAF -> parts.add(leaf(node));
            case SIGN -> {
                parts.add("-");
                addOperand(parts, node, 0);
            }
            case INFIX -> addInfix(parts, node, notation.operator(node));
            case TRANSPOSE -> {
                addOperand(parts, node, 0);
                parts.add(signs.transposed);
            }
            case INDEX -> {
                addOperand(parts, node, 0);
                parts.add(index(ValueText.index((List<?>) Objects.requireNonNull(graph.op(node).attributes().get("at")))));
            }
            case LIST -> {
                parts.add(signs.beginList);
                addOperands(parts, node, signs.separator);
                parts.add(signs.endList);
            }
            case CALL -> addCall(parts, node);
        }
        return parts;
    }

    private String leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> literal(value);
            case Leaf.Constant(var value) -> constant(value);
            case Leaf.Input _ -> name(node);
        };
    }

    /** How a statement is named where it is read. */
    abstract String name(int node);

    abstract String literal(double value);

    abstract String constant(Tensor value);

    /** What stands behind an operand of which elements are taken, as {@code items} tell. */
    abstract String index(String items);

    abstract void addInfix(List<Object> parts, int node, Operator operator);

    abstract void addCall(List<Object> parts, int node);

    /** An operand, by name or written out, in parentheses where it needs them. */
    final void addOperand(List<Object> parts, int node, int position) {
        boolean needsParentheses = !layout.isStatement(graph.operand(node, position)) && notation.needsParentheses(node, position);
        if (needsParentheses) {
            parts.add(signs.open);
        }
        addEnclosed(parts, node, position);
        if (needsParentheses) {
            parts.add(signs.close);
        }
    }

    /** The same for an operand that stands between signs which hold it together. */
    final void addEnclosed(List<Object> parts, int node, int position) {
        int operand = graph.operand(node, position);
        parts.add(layout.isStatement(operand) ? (Object) name(operand) : operand);
    }

    /** All operands, which need no parentheses. */
    final void addOperands(List<Object> parts, int node, String between) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                parts.add(between);
            }
            addEnclosed(parts, node, k);
        }
    }
}
