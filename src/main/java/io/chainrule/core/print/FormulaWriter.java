package io.chainrule.core.print;

import io.chainrule.core.expression.Operator;
import io.chainrule.core.expression.Precedence;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.LatexForm;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Typesets nodes in mathematical notation. */
final class FormulaWriter extends NodePrinter {
    private static final Formula SPACE = new Formula.Symbol(" ");
    private static final Formula T = new Formula.Word("\\mathsf", "T");

    private final FormulaNames names;
    private final Typesetting typesetting;

    FormulaWriter(NamedGraph program, FormulaNames names, Typesetting typesetting, StringBuilder out) {
        super(program, out);
        this.names = names;
        this.typesetting = typesetting;
    }

    @Override
    List<Object> parts(int node) {
        List<Object> parts = new ArrayList<>();
        typesetting.write(formula(node), parts::add);
        return parts;
    }

    /** The formula of a node with all that is written inline in it; of small graphs. */
    Formula whole(int node) {
        return formula(node).replaced(part -> part instanceof Formula.Inline(int inner) ? whole(inner) : null);
    }

    private Formula formula(int node) {
        return switch (notation.form(node)) {
            case LEAF -> leaf(node);
            case SIGN -> filled("-#0", node);
            case INFIX -> infix(node, notation.operator(node));
            case TRANSPOSE -> transposed(node);
            case INDEX -> new Formula.Script(operand(node, 0, true),
                    FormulaNames.items(ValueText.index((List<?>) Objects.requireNonNull(graph.op(node).attributes().get("at")))), false);
            case LIST -> list(node);
            case CALL -> call(node);
        };
    }

    private Formula leaf(int node) {
        return switch ((Leaf) graph.op(node)) {
            case Leaf.Literal(double value) -> number(value);
            case Leaf.Constant(var value) -> FormulaValues.constant(value);
            case Leaf.Input _ -> names.of(node);
        };
    }

    private Formula number(double value) {
        return Objects.requireNonNullElseGet(names.ofNumber(value), () -> FormulaValues.number(value));
    }

    private Formula infix(int node, Operator operator) {
        return switch (operator) {
            case DIVIDE -> fraction(node);
            case FLOOR_DIVIDE -> filled("\\left\\lfloor\\frac{$0}{$1}\\right\\rfloor{}", node);
            case POWER -> Objects.requireNonNullElseGet(functionPower(node), () -> filled("#0^{$1}", node));
            case TIMES -> row(operand(node, 0, true), new Products(this).sign(node), operand(node, 1, true));
            case MATMUL -> row(isRow(node) ? new Formula.Script(operand(node, 0, true), T, true) : operand(node, 0, true),
                    new Formula.Symbol(" "), new Formula.Symbol("\\,"), SPACE, operand(node, 1, true));
            default -> row(operand(node, 0, true), SPACE, new Formula.Symbol(operator.latex()), SPACE, operand(node, 1, true));
        };
    }

    /** A statement that is a fraction has the minus sign of its numerator in front. */
    private Formula fraction(int node) {
        Formula over = layout.isStatement(node) ? unsigned(graph.operand(node, 0)) : null;
        return over == null
                ? filled("\\frac{$0}{$1}", node)
                : row(new Formula.Symbol("-"), new Formula.Fraction(over, operand(node, 1, false)));
    }

    /** What follows the minus sign in front of a node's formula; null where there is none. */
    private @Nullable Formula unsigned(int node) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return value < 0 ? number(-value) : null;
        } else if (layout.isStatement(node) || notation.form(node) == Notation.Form.SIGN) {
            return layout.isStatement(node) ? null : operand(node, 0, false);
        }
        boolean isProduct = notation.form(node) == Notation.Form.INFIX && notation.operator(node) == Operator.TIMES;
        Formula left = isProduct ? unsigned(graph.operand(node, 0)) : null;
        return left == null ? null : row(left, new Products(this).sign(node), operand(node, 1, true));
    }

    /** Whether the name of a node is one letter, with a subscript or without. */
    boolean isLetter(int node) {
        Formula name = names.of(node);
        return (name instanceof Formula.Script(var base, var _, var _) ? base : name) instanceof Formula.Symbol;
    }

    static Formula row(Formula... items) {
        return new Formula.Row(List.of(items));
    }

    /** Whether the left operand of a product of matrices is a vector, which is then a row. */
    private boolean isRow(int node) {
        int left = graph.operand(node, 0);
        boolean isProduct = !layout.isStatement(left) && notation.form(left) == Notation.Form.INFIX
                && notation.operator(left) == Operator.MATMUL;
        return graph.hasShapes() && graph.shape(left).rank() == 1 && !(isProduct && graph.shape(graph.operand(left, 0)).rank() == 1);
    }

    /** A power of a function with a name, as {@code sin²(x)}; null for other powers. */
    private @Nullable Formula functionPower(int node) {
        int base = graph.operand(node, 0);
        boolean isCount = graph.op(graph.operand(node, 1)) instanceof Leaf.Literal(double n) && n >= 2 && n == Math.rint(n);
        if (!isCount || layout.isStatement(base) || notation.form(base) != Notation.Form.CALL
                || !(call(base) instanceof Formula.Row(List<Formula> items)) || items.size() != 2
                || !(items.get(0) instanceof Formula.Symbol(String name)) || name.length() < 4 || Typesetting.isGreek(name)) {
            return null;
        }
        return row(new Formula.Script(items.get(0), operand(node, 1, false), true), items.get(1));
    }

    /** A transposed inverse has one superscript. */
    private Formula transposed(int node) {
        int operand = graph.operand(node, 0);
        boolean isInverse = !layout.isStatement(operand) && notation.form(operand) == Notation.Form.CALL
                && form(operand).text().equals("#0^{-1}");
        return isInverse
                ? new Formula.Script(operand(operand, 0, true), row(new Formula.Symbol("-"), T), true)
                : new Formula.Script(operand(node, 0, true), T, true);
    }

    private LatexForm form(int node) {
        LatexForm form = OpCatalogue.of(graph.op(node)).latex();
        return form == null
                ? LatexForm.of("\\operatorname{" + FormulaNames.escaped(graph.op(node).name()) + "}\\left(", "\\right)")
                : form;
    }

    private Formula call(int node) {
        LatexForm form = form(node);
        Formula indexed = form.isIndexed() ? indexed(node, form) : null;
        Formula filled = indexed == null ? filled(form.text(), node) : indexed;
        return filled instanceof Formula.Table(String environment, var rows) ? joined(environment, rows, graph.op(node).name()) : filled;
    }

    /** Appends the rows of a table that is the last one's first cell, as those of nested cases. */
    private Formula joined(String environment, List<List<Formula>> rows, String op) {
        List<List<Formula>> all = new ArrayList<>(rows);
        while (all.getLast().getFirst() instanceof Formula.Inline(int node) && graph.op(node).name().equals(op)
                && filled(form(node).text(), node) instanceof Formula.Table(var _, var more)) {
            all.removeLast();
            all.addAll(more);
        }
        return new Formula.Table(environment, all);
    }

    /** Operands with indices, summed over those that the result does not have; null if the attribute names no result. */
    private @Nullable Formula indexed(int node, LatexForm form) {
        String result = form.result(graph.op(node).attributes());
        if (result == null) {
            return null;
        }
        String[] indices = form.indices(graph.op(node).attributes());
        List<Formula> items = new ArrayList<>();
        String summed = form.summed(graph.op(node).attributes());
        if (!summed.isEmpty()) {
            items.add(new Formula.Script(new Formula.Symbol("\\sum"), FormulaNames.items(summed), false));
            items.add(SPACE);
        }
        for (int k = 0; k < indices.length; k++) {
            if (k > 0) {
                items.addAll(List.of(SPACE, new Formula.Symbol("\\,"), SPACE));
            }
            items.add(indices[k].isEmpty()
                    ? operand(node, k, true)
                    : new Formula.Script(operand(node, k, true), FormulaNames.items(indices[k]), false));
        }
        return new Formula.Row(items);
    }

    private Formula filled(String template, int node) {
        return filled(FormulaParser.template(template), node);
    }

    /** Puts operands into their places. */
    private Formula filled(Formula template, int node) {
        return template.replaced(part -> part instanceof Formula.Place(int operand, boolean isGuarded)
                ? operand == Formula.Place.ALL ? operands(node) : operand(node, operand, isGuarded)
                : null);
    }

    private Formula operands(int node) {
        List<Formula> items = new ArrayList<>();
        for (int k = 0; k < graph.operandCount(node); k++) {
            if (k > 0) {
                items.addAll(List.of(new Formula.Symbol(","), SPACE));
            }
            items.add(operand(node, k, false));
        }
        Formula separator = items.isEmpty() ? row() : row(new Formula.Symbol(";"), new Formula.Symbol("\\ "));
        for (Map.Entry<String, Object> attribute : graph.op(node).attributes().entrySet()) {
            String text = attribute.getKey() + "=" + ValueText.attribute(attribute.getValue());
            items.add(separator);
            items.add(new Formula.Word("\\text", FormulaNames.escaped(text)));
            separator = row(new Formula.Symbol(","), new Formula.Symbol("\\ "));
        }
        return new Formula.Row(items);
    }

    /** An operand, by name or inline; if it {@code isGuarded}, in parentheses where it needs them. */
    private Formula operand(int node, int position, boolean isGuarded) {
        int operand = graph.operand(node, position);
        if (layout.isStatement(operand)) {
            return names.of(operand);
        }
        Formula inline = new Formula.Inline(operand);
        return isGuarded && needsParentheses(node, position) ? new Formula.Fenced("(", inline, ")") : inline;
    }

    /** Whether an operand that is written inline needs parentheses; a fraction needs none in a product. */
    boolean needsParentheses(int node, int position) {
        int operand = graph.operand(node, position);
        if (position == 1 && new Products(this).isSignBehindOperator(node)) {
            return true;
        }
        boolean isFraction = notation.form(operand) == Notation.Form.INFIX && notation.operator(operand) == Operator.DIVIDE;
        if (isFraction && (notation.form(node) == Notation.Form.SIGN
                || notation.form(node) == Notation.Form.INFIX && notation.operator(node) == Operator.TIMES)) {
            return false;
        }
        return switch (notation.form(node)) {
            case CALL -> notation.precedence(operand) != Precedence.ATOM || !isWhole(operand)
                    || form(node).isIndexed() && notation.form(operand) == Notation.Form.INDEX;
            case TRANSPOSE -> notation.needsParentheses(node, position) || !isWhole(operand);
            case INDEX -> notation.needsParentheses(node, position) || !isWhole(operand) || notation.form(operand) == Notation.Form.INDEX;
            case INFIX -> notation.needsParentheses(node, position)
                    || notation.operator(node) == Operator.POWER && position == 0 && !isWhole(operand);
            case LEAF, SIGN, LIST -> notation.needsParentheses(node, position);
        };
    }

    /** Whether a superscript behind a node's formula belongs to all of it. */
    private boolean isWhole(int node) {
        return switch (notation.form(node)) {
            case TRANSPOSE -> false;
            case LEAF -> !(leaf(node) instanceof Formula.Row);
            case CALL -> !form(node).isIndexed() && switch (FormulaParser.template(form(node).text())) {
                case Formula.Script _,Formula.Fraction _,Formula.Place _ -> false;
                case Formula.Row(var items) -> items.stream().noneMatch(FormulaWriter::isOpen);
                default -> true;
            };
            case SIGN, INFIX, INDEX, LIST -> true;
        };
    }

    private static boolean isOpen(Formula item) {
        return item instanceof Formula.Place || item instanceof Formula.Script(Formula.Place _, var _, var _);
    }

    /** A list of lists of the same length is a matrix, another one a column. */
    private Formula list(int node) {
        List<List<Formula>> rows = new ArrayList<>();
        for (int k = 0; k < graph.operandCount(node); k++) {
            int item = graph.operand(node, k);
            List<Formula> cells = layout.isStatement(item) ? null : cells(item);
            rows.add(cells == null ? List.of(operand(node, k, false)) : cells);
        }
        boolean isMatrix = rows.stream().allMatch(cells -> cells.size() == rows.getFirst().size());
        return new Formula.Table("bmatrix", isMatrix
                ? rows
                : IntStream.range(0, rows.size()).mapToObj(k -> List.of(operand(node, k, false))).toList());
    }

    private @Nullable List<Formula> cells(int item) {
        if (notation.form(item) == Notation.Form.LIST) {
            return IntStream.range(0, graph.operandCount(item)).mapToObj(k -> operand(item, k, false)).toList();
        }
        return graph.op(item) instanceof Leaf.Constant(Tensor value) && value.shape().rank() == 1 && value.length() > 0
                && value.length() <= FormulaValues.MOST_NUMBERS
                        ? IntStream.range(0, value.length()).mapToObj(i -> FormulaValues.number(value.data()[i])).toList()
                        : null;
    }
}
