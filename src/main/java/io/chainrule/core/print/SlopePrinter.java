package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Typesets the derivative by which an elementwise op multiplies: as a formula, with the numbers in it, and its value. */
public final class SlopePrinter {
    private final NamedGraph program;
    private final String otherwise;

    /** {@code otherwise} says in the reader's language that no condition of a choice holds. */
    public SlopePrinter(NamedGraph program, String otherwise) {
        this.program = program;
        this.otherwise = otherwise;
    }

    /**
     * A derivative of numbers, a graph like that of a {@link BackwardPrinter.Derivative}, without result and upstream gradient.
     *
     * @param values the value of each node, with the digits that are written; empty where they are not written
     */
    public record Local(BackwardPrinter.Derivative derivative, List<Double> values) {}

    /**
     * A derivative as it is written.
     *
     * @param text the equation in Unicode, as {@code ∂f/∂x = 2 x = 2 ⋅ 3 = 6}
     * @param letters those that are no names of nodes, as {@code s = a − b}
     */
    public record Slope(String text, String latex, @Nullable String mathml, List<String> letters) {}

    /**
     * How an elementwise op pulls a gradient back to an operand: the upstream gradient times the derivative, which is a fraction of
     * differentials where no formula is known. Where it is not all of the operand's gradient, {@code +=} stands for the equals sign.
     */
    public BackwardPrinter.Form backward(@Nullable Local local, int to, int operand, boolean isAll) {
        int node = program.graph().operand(to, operand);
        DerivedFormula derived = local == null ? null : new DerivedFormula(program, local.derivative, to, operand);
        boolean isShort = derived != null && derived.letters().isEmpty() && choices(derived.right()) <= 1;
        Formula slope = derived == null || !isShort
                ? BackwardFormula.fraction(BackwardFormula.name(program, to), BackwardFormula.name(program, node))
                : derived.right().replaced(this::inTheReadersLanguage);
        Shape from = program.graph().shape(to);
        Shape result = program.graph().shape(node);
        Formula product = product(BackwardFormula.derivative(program, to), slope, from.isScalar());
        Formula right = from.equals(result)
                ? product
                : FormulaWriter.row(FormulaParser.template("\\sum "), new Formula.Fenced("(", product, ")"));
        Formula left = BackwardFormula.derivative(program, node);
        String sign = isAll ? " = " : " += ";
        BackwardPrinter.Typeset typeset = new BackwardPrinter.Typeset(FormulaWriter.row(left, FormulaParser.template(sign), right));
        return new BackwardPrinter.Form(PlainText.equation(left, sign, right), from + " → " + result, typeset.latex(), typeset.mathml(),
                List.of());
    }

    private static Formula product(Formula upstream, Formula slope, boolean isScalar) {
        String text = PlainText.line(slope);
        if (text.equals("1")) {
            return upstream;
        }
        boolean isSum = text.startsWith("−") || text.replaceAll("\\((?:[^()]|\\([^()]*\\))*\\)", "").matches(".* [+−] .*");
        return FormulaWriter.row(upstream, FormulaParser.template(isScalar ? " \\cdot " : " \\odot "),
                isSum ? new Formula.Fenced("(", slope, ")") : slope);
    }

    /** Returns null for a choice among more than two, which is hard to read. {@code value} is the derivative if it is one number. */
    public @Nullable Slope print(Local local, int to, int operand, @Nullable Double value) {
        DerivedFormula derived = new DerivedFormula(program, local.derivative, to, operand);
        List<String> letters = derived.letters().stream().map(letter -> letter.symbol() + " = " + letter.value()).toList();
        Formula formula = derived.right().replaced(this::inTheReadersLanguage);
        boolean isChoice = derived.hasWords();
        if (isChoice && (!letters.isEmpty() || choices(derived.right()) > 1)) {
            return null;
        }
        Formula left = BackwardFormula.fraction(BackwardFormula.name(program, to),
                BackwardFormula.name(program, program.graph().operand(to, operand)));
        List<Formula> sides = new ArrayList<>(List.of(formula));
        if (!isChoice && letters.isEmpty() && !local.values.isEmpty()) {
            sides.add(numbers(local));
        }
        if (value != null) {
            sides.add(FormulaValues.number(BackwardPrinter.rounded(value)));
        }
        return written(left, sides, letters);
    }

    private static Slope written(Formula left, List<Formula> sides, List<String> letters) {
        List<Formula> row = new ArrayList<>(List.of(left));
        StringBuilder text = new StringBuilder(PlainText.line(left));
        String last = "";
        for (Formula side : sides) {
            String plain = PlainText.line(side);
            if (!plain.equals(last)) {
                row.addAll(List.of(FormulaParser.template(" = "), side));
                text.append(" = ").append(plain);
            }
            last = plain;
        }
        BackwardPrinter.Typeset typeset = new BackwardPrinter.Typeset(new Formula.Row(row));
        return new Slope(text.toString(), typeset.latex(), typeset.mathml(), letters);
    }

    /** The same calculation with numbers: those of the operands, and of functions of them but for the one that is computed last. */
    private static Formula numbers(Local local) {
        Graph graph = local.derivative.graph();
        int result = local.derivative.result();
        Notation notation = new Notation(graph);
        Layout layout = new Layout(named(graph, result), notation);
        int last = notation.form(result) == Notation.Form.SIGN ? graph.operand(result, 0) : result;
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            Notation.Form form = notation.form(i);
            boolean isCalculated = form == Notation.Form.INFIX || form == Notation.Form.SIGN;
            boolean isKept = i == result || i == last || isCalculated && !layout.isStatement(i);
            image[i] = isKept && !(graph.op(i) instanceof Leaf.Input)
                    ? builder.copy(graph, i, image)
                    : builder.literalIndex(local.values.get(i));
        }
        Graph calculation = builder.build();
        NamedGraph named = named(calculation, image[result]);
        return new FormulaWriter(named, new FormulaNames(named), Typesetting.LATEX, new StringBuilder()).whole(named.output());
    }

    private static NamedGraph named(Graph graph, int result) {
        return new NamedGraph(graph, result, new @Nullable String[graph.size()], _ -> null);
    }

    private static int choices(Formula formula) {
        return PlainText.line(formula).split(" if ", -1).length - 1;
    }

    /** Conditions stand in parentheses behind their values, which needs no word but the one for all other cases. */
    private @Nullable Formula inTheReadersLanguage(Formula part) {
        if (!(part instanceof Formula.Table(String environment, var rows)) || !environment.equals("cases")) {
            return null;
        }
        return new Formula.Table(environment, rows.stream().map(this::row).toList());
    }

    private List<Formula> row(List<Formula> cells) {
        Formula condition = cells.getLast().replaced(part -> part instanceof Formula.Word(var command, String text)
                ? command.equals("\\text") ? text.strip().equals("if") ? FormulaWriter.row() : new Formula.Word(command, otherwise) : null
                : null);
        return List.of(cells.getFirst(), new Formula.Fenced("(", condition, ")"));
    }
}
