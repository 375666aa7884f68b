package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Writes nodes in the notation of mathematics. */
final class LatexWriter extends NodePrinter {
    private static final int MOST_NUMBERS = 36;
    private final LatexNames names;

    LatexWriter(Graph graph, Notation notation, Layout layout, LatexNames names, StringBuilder out) {
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
            case INFIX -> addInfix(parts, node, notation.operator(node));
            case TRANSPOSE -> {
                addOperand(parts, node, 0);
                parts.add("^{\\mathsf{T}}");
            }
            case INDEX -> {
                addOperand(parts, node, 0);
                String index = ExpressionWriter.index((List<?>) Objects.requireNonNull(graph.op(node).attributes().get("at")));
                parts.add("_{" + index.substring(1, index.length() - 1) + "}");
            }
            case LIST -> {
                parts.add("\\begin{bmatrix}");
                addOperands(parts, node, " \\\\ ");
                parts.add("\\end{bmatrix}");
            }
            case CALL -> addCall(parts, node);
        }
        return parts;
    }

    private void addInfix(List<Object> parts, int node, Operator operator) {
        switch (operator) {
            case DIVIDE -> between(parts, node, "\\frac{", "}{", "}");
            case FLOOR_DIVIDE -> between(parts, node, "\\left\\lfloor\\frac{", "}{", "}\\right\\rfloor{}");
            case POWER -> {
                parts.add("{");
                addOperand(parts, node, 0);
                parts.add("}^{");
                addOperand(parts, node, 1, "", "");
                parts.add("}");
            }
            case LESS, GREATER, PLUS, MINUS -> infix(parts, node, operator.symbol());
            case LESS_EQUAL -> infix(parts, node, "\\le");
            case GREATER_EQUAL -> infix(parts, node, "\\ge");
            case EQUAL -> infix(parts, node, "=");
            case NOT_EQUAL -> infix(parts, node, "\\ne");
            case TIMES -> infix(parts, node, "\\cdot");
            case MATMUL -> infix(parts, node, "\\,");
            case REMAINDER -> infix(parts, node, "\\bmod");
        }
    }

    private void infix(List<Object> parts, int node, String symbol) {
        addOperand(parts, node, 0);
        parts.add(" " + symbol + " ");
        addOperand(parts, node, 1);
    }

    /** Both operands between signs that hold them together without parentheses. */
    private void between(List<Object> parts, int node, String before, String middle, String behind) {
        parts.add(before);
        addOperand(parts, node, 0, "", "");
        parts.add(middle);
        addOperand(parts, node, 1, "", "");
        parts.add(behind);
    }

    private void addCall(List<Object> parts, int node) {
        OpDefinition op = OpCatalogue.of(graph.op(node));
        OpDefinition.Latex latex = op.latex() == null
                ? new OpDefinition.Latex("\\operatorname{" + LatexNames.escaped(op.name()) + "}\\left(", "\\right)")
                : op.latex();
        parts.add(latex.before());
        addOperands(parts, node, ", ");
        String separator = graph.operandCount(node) == 0 ? "" : ";\\ ";
        for (Map.Entry<String, Object> attribute : graph.op(node).attributes().entrySet()) {
            String text = attribute.getKey() + "=" + ValueText.attribute(attribute.getValue());
            parts.add(separator + "\\text{" + LatexNames.escaped(text) + "}");
            separator = ",\\ ";
        }
        parts.add(latex.behind());
    }

    private void addOperand(List<Object> parts, int node, int position) {
        addOperand(parts, node, position, "\\left(", "\\right)");
    }

    private String leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> {
                String name = names.ofNumber(value);
                yield name == null ? number(value) : name;
            }
            case Leaf.Constant(var value) -> array(value);
            case Leaf.Input _ -> names.of(node);
        };
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "\\mathrm{NaN}";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "\\infty" : "-\\infty";
        }
        String text = ValueText.number(value).toLowerCase(Locale.ROOT);
        int exponent = text.indexOf('e');
        return exponent < 0
                ? text
                : text.substring(0, exponent).replaceAll("[.]0$", "") + " \\cdot 10^{" + text.substring(exponent + 1).replace("+", "")
                        + "}";
    }

    /** Numbers, vectors and matrices of a size that somebody may read; others by their shape. */
    private static String array(Tensor value) {
        if (value.shape().isScalar()) {
            return number(value.item());
        } else if (value.shape().rank() > 2 || value.length() > MOST_NUMBERS || value.length() == 0) {
            return "\\text{array of shape }" + value.shape();
        }
        StringBuilder text = new StringBuilder("\\begin{bmatrix}");
        for (int i = 0; i < value.length(); i++) {
            boolean endsRow = value.shape().rank() == 1 || i % value.shape().last() == 0;
            text.append(i == 0 ? "" : endsRow ? " \\\\ " : " & ").append(number(value.data()[i]));
        }
        return text.append("\\end{bmatrix}").toString();
    }
}
