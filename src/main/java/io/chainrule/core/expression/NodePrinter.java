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

/** Prints nodes of a program. Operands that are not statements are written inline, with an explicit stack instead of recursion. */
abstract class NodePrinter {
    final Graph graph;
    final Notation notation;
    final Layout layout;
    private final Signs signs;
    private final StringBuilder out;
    /** What is still to be written, the next part on top: text, or the number of a node that is written inline. */
    private final Deque<Object> pending = new ArrayDeque<>();

    /** The signs of a notation: parentheses, the sign after a transposed operand, and the brackets and separator of a list. */
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

    /** Returns the parts of a node's text: strings, and numbers of nodes that are to be written inline. */
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

    /** The name by which other statements refer to a statement. */
    abstract String name(int node);

    abstract String literal(double value);

    abstract String constant(Tensor value);

    /** The text of an index, which follows the indexed operand. {@code items} are the items between its brackets. */
    abstract String index(String items);

    abstract void addInfix(List<Object> parts, int node, Operator operator);

    abstract void addCall(List<Object> parts, int node);

    /** Adds an operand, by name or inline, in parentheses if it needs them. */
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

    /** Adds an operand without parentheses, for places where the text around it groups it already. */
    final void addEnclosed(List<Object> parts, int node, int position) {
        int operand = graph.operand(node, position);
        parts.add(layout.isStatement(operand) ? (Object) name(operand) : operand);
    }

    /** Adds all operands, which need no parentheses between separators. */
    final void addOperands(List<Object> parts, int node, String between) {
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                parts.add(between);
            }
            addEnclosed(parts, node, k);
        }
    }
}
