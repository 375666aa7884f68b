package io.chainrule.core.expression;

import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Tensor;
import java.util.List;

/** Writes nodes in the notation that {@link Parser} reads. */
final class ExpressionWriter extends NodePrinter {
    private final PrintedNames names;

    ExpressionWriter(NamedGraph program, PrintedNames names, StringBuilder out) {
        super(program, new Signs("(", ")", ".T", "[", ", ", "]"), out);
        this.names = names;
    }

    @Override
    String name(int node) {
        return names.of(node);
    }

    @Override
    String literal(double value) {
        return names.number(value);
    }

    @Override
    String constant(Tensor value) {
        return value.shape().isScalar() ? names.number(value.item()) : ValueText.array(value);
    }

    @Override
    String index(String items) {
        return "[" + items + "]";
    }

    @Override
    void addInfix(List<Object> parts, int node, Operator operator) {
        addOperand(parts, node, 0);
        parts.add(operator == Operator.POWER ? operator.symbol() : " " + operator.symbol() + " ");
        addOperand(parts, node, 1);
    }

    @Override
    void addCall(List<Object> parts, int node) {
        boolean isSequence = notation.isSequence(node);
        parts.add(graph.op(node).name() + (isSequence ? "([" : "("));
        addOperands(parts, node, ", ");
        if (isSequence) {
            parts.add("]");
        }
        graph.op(node).attributes().forEach((name, value) -> {
            parts.add((parts.size() > 1 ? ", " : "") + name + "=" + ValueText.attribute(value));
        });
        parts.add(")");
    }
}
