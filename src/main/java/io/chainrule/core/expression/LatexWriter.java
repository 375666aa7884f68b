package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.LatexForm;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes nodes in mathematical notation. */
final class LatexWriter extends NodePrinter {
    private static final int MOST_NUMBERS = 36;
    private final LatexNames names;

    LatexWriter(NamedGraph program, LatexNames names, StringBuilder out) {
        super(program, new Signs("\\left(", "\\right)", "^{\\mathsf{T}}", "\\begin{bmatrix}", " \\\\ ", "\\end{bmatrix}"), out);
        this.names = names;
    }

    @Override
    String name(int node) {
        return names.of(node);
    }

    @Override
    String literal(double value) {
        String name = names.ofNumber(value);
        return name == null ? number(value) : name;
    }

    @Override
    String index(String items) {
        return "_{" + items + "}";
    }

    @Override
    void addInfix(List<Object> parts, int node, Operator operator) {
        switch (operator) {
            case DIVIDE -> enclosed(parts, node, "\\frac{", "}{", "}");
            case FLOOR_DIVIDE -> enclosed(parts, node, "\\left\\lfloor\\frac{", "}{", "}\\right\\rfloor{}");
            case POWER -> {
                parts.add("{");
                addOperand(parts, node, 0);
                parts.add("}^{");
                addEnclosed(parts, node, 1);
                parts.add("}");
            }
            default -> {
                addOperand(parts, node, 0);
                parts.add(operator == Operator.TIMES ? times(node) : " " + operator.latex() + " ");
                addOperand(parts, node, 1);
            }
        }
    }

    /** The sign of a product: none between a number and a letter, that of the elementwise product between arrays. */
    private String times(int node) {
        int left = graph.operand(node, 0);
        int right = graph.operand(node, 1);
        if (graph.hasShapes() && !graph.shape(left).isScalar() && !graph.shape(right).isScalar()) {
            return " \\odot ";
        }
        boolean isNumber = graph.op(left) instanceof Leaf.Literal(double value) && literal(value).matches("[0-9.]+");
        return isNumber && !beginsWithNumber(right) ? " " : " \\cdot ";
    }

    private boolean beginsWithNumber(int node) {
        int first = node;
        while (!layout.isStatement(first) && notation.form(first) == Notation.Form.INFIX && notation.operator(first) != Operator.DIVIDE
                && notation.operator(first) != Operator.FLOOR_DIVIDE) {
            first = graph.operand(first, 0);
        }
        return graph.op(first) instanceof Leaf.Literal(double value)
                ? !literal(value).matches("[a-z\\\\].*")
                : graph.op(first) instanceof Leaf.Constant && !layout.isStatement(first) || notation.form(first) == Notation.Form.SIGN;
    }

    /** Adds both operands without parentheses, because the text around them groups them already. */
    private void enclosed(List<Object> parts, int node, String before, String middle, String behind) {
        parts.add(before);
        addEnclosed(parts, node, 0);
        parts.add(middle);
        addEnclosed(parts, node, 1);
        parts.add(behind);
    }

    @Override
    void addCall(List<Object> parts, int node) {
        OpDefinition op = OpCatalogue.of(graph.op(node));
        LatexForm latex = op.latex() == null
                ? new LatexForm("\\operatorname{" + LatexNames.escaped(op.name()) + "}\\left(", "\\right)")
                : op.latex();
        if (latex.hasPlaces()) {
            addPlaced(parts, node, latex.before());
            return;
        }
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

    /** Adds a text with {@code $0}, {@code $1} in the places of operands. */
    private void addPlaced(List<Object> parts, int node, String text) {
        int at = 0;
        for (int place = text.indexOf('$'); place >= 0; place = text.indexOf('$', at)) {
            parts.add(text.substring(at, place));
            addEnclosed(parts, node, text.charAt(place + 1) - '0');
            at = place + 2;
        }
        parts.add(text.substring(at));
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

    /**
     * Returns the elements of a scalar, or of a vector or matrix that is small enough to be read. Of other arrays it returns only the
     * shape.
     */
    @Override
    String constant(Tensor value) {
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
