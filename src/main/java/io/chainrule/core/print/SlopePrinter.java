package io.chainrule.core.print;

import io.chainrule.core.expression.Operator;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Typesets the derivative by which an elementwise op multiplies: as a formula, with the numbers in it, and its value. */
public final class SlopePrinter {
    private static final Formula SPACE = new Formula.Symbol(" ");
    /** Signs that say that the left side is greater, with those of the sides exchanged. */
    private static final Map<Formula, Formula> BELOW = Map.of(sign(Operator.GREATER), sign(Operator.LESS), sign(Operator.GREATER_EQUAL),
            sign(Operator.LESS_EQUAL));
    /** Two operands, a comma and a space. */
    private static final int ITEMS_OF_TWO_OPERANDS = 4;

    private final NamedGraph program;
    private final Words words;

    public SlopePrinter(NamedGraph program, Words words) {
        this.program = program;
        this.words = words;
    }

    /**
     * Words of conditions in the reader's language.
     *
     * @param otherwise says that no condition of a choice holds
     */
    public record Words(String otherwise, String and, String or) {}

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
        boolean isShort = derived != null && derived.letters().isEmpty() && derived.right().choices() <= 1;
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
        if (PlainText.line(slope).equals("1")) {
            return upstream;
        }
        return FormulaWriter.row(upstream, FormulaParser.template(isScalar ? " \\cdot " : " \\odot "),
                slope.isSum() || slope.isNegative() ? new Formula.Fenced("(", slope, ")") : slope);
    }

    /** Returns null for a choice among more than two, which is hard to read. {@code value} is the derivative if it is one number. */
    public @Nullable Slope print(Local local, int to, int operand, @Nullable Double value) {
        DerivedFormula derived = new DerivedFormula(program, local.derivative, to, operand);
        List<String> letters = derived.letters().stream().map(letter -> letter.symbol() + " = " + letter.value()).toList();
        Formula formula = derived.right().replaced(this::inTheReadersLanguage);
        boolean isChoice = derived.hasWords();
        if (isChoice && (!letters.isEmpty() || derived.right().choices() > 1)) {
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
            image[i] = isKept && !(graph.op(i) instanceof Leaf)
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

    /** Conditions stand in parentheses behind their values, which needs no word but the one for all other cases. */
    private @Nullable Formula inTheReadersLanguage(Formula part) {
        if (!(part instanceof Formula.Table(String environment, var rows)) || !environment.equals("cases")) {
            return null;
        }
        return new Formula.Table(environment, rows.stream().map(this::row).toList());
    }

    private List<Formula> row(List<Formula> cells) {
        Formula condition = cells.getLast().replaced(part -> part instanceof Formula.Word(var command, String text)
                ? command.equals("\\text")
                        ? text.strip().equals("if") ? FormulaWriter.row() : new Formula.Word(command, words.otherwise)
                        : null
                : joined(part));
        return List.of(cells.getFirst(), new Formula.Fenced("(", condition, ")"));
    }

    /** Writes {@code and} or {@code or} between two conditions, in the reader's language; returns null for other parts of a formula. */
    private @Nullable Formula joined(Formula part) {
        if (!(part instanceof Formula.Row(var items)) || items.size() != 2
                || !(items.get(0) instanceof Formula.Word(String command, String name)) || !command.equals("\\operatorname")
                || !(items.get(1) instanceof Formula.Fenced(var _, Formula.Row(var operands), var _))
                || operands.size() != ITEMS_OF_TWO_OPERANDS) {
            return null;
        }
        Formula first = guarded(operands.getFirst());
        Formula second = guarded(operands.getLast());
        return switch (name) {
            case "logical\\_and" -> Objects.requireNonNullElseGet(between(first, second), () -> joined(first, words.and, second));
            case "logical\\_or" -> joined(first, words.or, second);
            default -> null;
        };
    }

    /** A condition, in parentheses if it is made of others. */
    private Formula guarded(Formula condition) {
        Formula joined = condition.replaced(this::joined);
        return joined.parts().anyMatch(part -> part instanceof Formula.Word(var command, var _) && command.equals("\\text"))
                ? new Formula.Fenced("(", joined, ")")
                : joined;
    }

    private static Formula joined(Formula first, String word, Formula second) {
        return FormulaWriter.row(first, new Formula.Word("\\text", " " + word + " "), second);
    }

    /** What {@code x > a} and {@code x < b} say together, as {@code a < x < b}; null for other conditions. */
    private static @Nullable Formula between(Formula first, Formula second) {
        List<Formula> above = first.line();
        List<Formula> below = second.line();
        int sign = signOf(above, BELOW.keySet());
        int other = signOf(below, Set.copyOf(BELOW.values()));
        if (sign < 0 || other < 0 || !above.subList(0, sign).equals(below.subList(0, other))) {
            return null;
        }
        Formula flipped = Objects.requireNonNull(BELOW.get(above.get(sign)));
        List<Formula> all = new ArrayList<>(above.subList(sign + 2, above.size()));
        all.addAll(List.of(SPACE, flipped, SPACE));
        all.addAll(below);
        return new Formula.Row(all);
    }

    private static Formula sign(Operator operator) {
        return new Formula.Symbol(operator.latex());
    }

    private static int signOf(List<Formula> comparison, Set<Formula> signs) {
        return IntStream.range(0, comparison.size()).filter(i -> signs.contains(comparison.get(i))).findFirst().orElse(-1);
    }
}
