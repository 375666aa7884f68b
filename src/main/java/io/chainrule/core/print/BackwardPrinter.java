package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Typesets what the chain rule says of one node: its gradient as a sum over the nodes that read it. */
public final class BackwardPrinter {
    private static final int MOST_TERMS = 8;
    private static final MathContext DIGITS = new MathContext(6);
    private static final Formula D = new Formula.Symbol("\\partial ");

    private final NamedGraph program;
    private final Graph graph;
    private final boolean isEnglish;

    /** {@code isEnglish} says whether formulas may hold English words, as those of some ops do. */
    public BackwardPrinter(NamedGraph program, boolean isEnglish) {
        this.program = program;
        this.graph = program.graph();
        this.isEnglish = isEnglish;
    }

    /**
     * How an op pulls a gradient back to one of its operands.
     *
     * @param text the equation in Unicode, as {@code ∂f/∂W = (∂f/∂q) xᵀ}
     * @param shapes those of its factors and of the result, as {@code [2]·[2]ᵀ → [2, 2]}
     */
    public record Form(String text, String shapes, String latex, @Nullable String mathml) {}

    /** A node that reads another one; an elementwise one multiplies by its partial derivative. */
    public record Reader(int to, int operand, boolean isElementwise) {}

    /** What a form is made of. */
    public enum Kind {
        /** The upstream gradient times other operands. */
        PRODUCT,
        /** Elements of the upstream gradient, each at the place of the element that it belongs to. */
        PLACED,
        /** Sums of elements of the upstream gradient. */
        SUMMED,
        /** Elements of the upstream gradient, or sums of them, divided by a number. */
        SHARED,
        OTHER
    }

    public Kind kind(int to, int operand) {
        Pullback known = Pullback.of(OpCatalogue.of(graph.op(to)), operand);
        Pullback template = known == null ? Pullback.DEFAULT : known;
        List<Integer> places = new ArrayList<>();
        template.places((place, _) -> places.add(place.operand()));
        if (places.stream().allMatch(place -> place == Pullback.UPSTREAM)) {
            return template.hasFraction() ? Kind.SHARED : template.hasSum() ? Kind.SUMMED : template.isScaled() ? Kind.OTHER : Kind.PLACED;
        }
        return template.isProduct() && places.stream().noneMatch(place -> place == Pullback.JACOBIAN || place == Pullback.RESULT)
                ? Kind.PRODUCT
                : Kind.OTHER;
    }

    /** Whether an operand's elements get equal shares of one element each of the upstream gradient. */
    public boolean isEqualShare(int to, int operand) {
        Pullback known = Pullback.of(OpCatalogue.of(graph.op(to)), operand);
        return known != null && kind(to, operand) == Kind.SHARED && !known.hasSum();
    }

    /** The form of an op that is not elementwise: that of its definition, or for want of one a product with its Jacobian. */
    public Form form(int to, int operand) {
        Formula right = pullback(to, operand);
        Formula left = head(to, operand);
        Formula equation = FormulaWriter.row(left, FormulaParser.template(" = "), right);
        Typeset typeset = new Typeset(equation);
        String text = PlainText.equation(left, right);
        return new Form(text, new BackwardShapes(graph, to, operand).of(template(to, operand)), typeset.latex(), typeset.mathml());
    }

    /**
     * The gradient of a node as the sum of what its readers contribute. {@code numbers} has, for scalars, the upstream and local derivative
     * of each reader, as far as they are known; {@code value} is the gradient if it is short enough to be shown.
     */
    public FormulaPrinter.Both sum(int node, List<Reader> readers, List<double[]> numbers, @Nullable Tensor value) {
        List<Formula> parts = new ArrayList<>(List.of(derivative(node)));
        if (readers.isEmpty()) {
            parts.add(FormulaParser.template(" = "));
        }
        for (int i = 0; i < Math.min(readers.size(), MOST_TERMS); i++) {
            Reader reader = readers.get(i);
            parts.add(FormulaParser.template(i == 0 ? " = " : " + "));
            if (reader.isElementwise) {
                boolean isScalar = graph.shape(reader.to).isScalar();
                parts.add(FormulaWriter.row(derivative(reader.to), FormulaParser.template(isScalar ? " \\cdot " : " \\odot "),
                        fraction(operand(reader.to), operand(node))));
            } else {
                parts.add(pullback(reader.to, reader.operand));
            }
        }
        if (readers.size() > MOST_TERMS) {
            parts.add(FormulaParser.template(" + \\cdots"));
        }
        if (!numbers.isEmpty() && numbers.size() == readers.size() && readers.size() <= MOST_TERMS) {
            for (int i = 0; i < numbers.size(); i++) {
                parts.add(FormulaParser.template(i == 0 ? " = " : " + "));
                parts.add(number(numbers.get(i)[0], i > 0));
                parts.add(FormulaParser.template(" \\cdot "));
                parts.add(number(numbers.get(i)[1], true));
            }
        }
        if (value != null) {
            if (!readers.isEmpty()) {
                parts.add(FormulaParser.template(" = "));
            }
            parts.add(FormulaValues.constant(rounded(value)));
        }
        Typeset typeset = new Typeset(new Formula.Row(parts));
        return new FormulaPrinter.Both(typeset.latex(), typeset.mathml());
    }

    /** The whole of a formula in both languages. */
    private record Typeset(String latex, @Nullable String mathml) {
        Typeset(Formula formula) {
            this(written(formula, Typesetting.LATEX), written(formula, Typesetting.MATHML));
        }

        private static String written(Formula formula, Typesetting typesetting) {
            StringBuilder out = new StringBuilder();
            typesetting.write(formula, out::append);
            return typesetting.whole(out.toString());
        }
    }

    /** Numbers have so many significant digits, which is enough to follow a calculation. */
    private static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
    }

    private static Tensor rounded(Tensor value) {
        Tensor rounded = value.copy();
        Arrays.setAll(rounded.data(), i -> rounded(rounded.data()[i]));
        return rounded;
    }

    private static Formula number(double value, boolean isGuarded) {
        Formula number = FormulaValues.number(rounded(value));
        return isGuarded && (value < 0 || 1 / value < 0) ? new Formula.Fenced("(", number, ")") : number;
    }

    private static Formula fraction(Formula over, Formula under) {
        return new Formula.Fraction(FormulaWriter.row(D, over), FormulaWriter.row(D, under));
    }

    /** The derivative of the output by a node. */
    private Formula derivative(int node) {
        return fraction(guarded(program.outputId()), operand(node));
    }

    private Formula operand(int node) {
        return graph.op(node) instanceof Leaf.Literal(double value) ? FormulaValues.number(value) : guarded(program.id(node));
    }

    /** A name in parentheses if it could be read as a fraction, as those of the gates of a circuit. */
    private static Formula guarded(String id) {
        Formula name = FormulaNames.of(id);
        return id.contains("/") ? new Formula.Fenced("(", name, ")") : name;
    }

    /** What is left of the equals sign, with the subscript that the op's formula has. */
    private Formula head(int to, int operand) {
        Formula derivative = derivative(graph.operand(to, operand));
        String subscript = template(to, operand).subscript();
        return subscript.isEmpty()
                ? derivative
                : new Formula.Script(new Formula.Fenced("(", derivative, ")"), FormulaParser.parse(subscript), false);
    }

    private Pullback template(int to, int operand) {
        Pullback found = Pullback.of(OpCatalogue.of(graph.op(to)), operand);
        return found == null || found.hasWords() && !isEnglish ? Pullback.DEFAULT : found;
    }

    private Formula pullback(int to, int operand) {
        return filled(template(to, operand).formula(), to, operand);
    }

    private Formula filled(Formula template, int to, int operand) {
        return switch (template) {
            case Formula.Row(var items) -> new Formula.Row(items.stream().map(item -> filled(item, to, operand)).toList());
            case Formula.Group(var of) -> new Formula.Group(filled(of, to, operand));
            case Formula.Fraction(var over, var under) -> new Formula.Fraction(filled(over, to, operand), filled(under, to, operand));
            case Formula.Root(var of) -> new Formula.Root(filled(of, to, operand));
            case Formula.Fenced(String open, var inside, String close) -> new Formula.Fenced(open, filled(inside, to, operand), close);
            case Formula.Script(Formula.Place place, var script, boolean isAbove) -> {
                Formula base = place(place, to, operand);
                if (Pullback.isTransposition(script) && isVector(place, to) && graph.shape(graph.operand(to, operand)).rank() <= 1) {
                    yield base;
                }
                yield new Formula.Script(base instanceof Formula.Fraction ? new Formula.Fenced("(", base, ")") : base,
                        filled(script, to, operand), isAbove);
            }
            case Formula.Script(var base, var script, boolean isAbove) ->
                new Formula.Script(filled(base, to, operand), filled(script, to, operand), isAbove);
            case Formula.Place place -> place(place, to, operand);
            default -> template;
        };
    }

    private boolean isVector(Formula.Place place, int to) {
        return Pullback.shape(place, graph, to).rank() <= 1;
    }

    private Formula place(Formula.Place place, int to, int operand) {
        return switch (place.operand()) {
            case Pullback.UPSTREAM -> derivative(to);
            case Pullback.RESULT -> operand(to);
            case Pullback.JACOBIAN -> fraction(operand(to), operand(graph.operand(to, operand)));
            default -> operand(graph.operand(to, place.operand()));
        };
    }

    /** The shapes of the factors of a form. */
    private record BackwardShapes(Graph graph, int to, int operand) {

        String of(Pullback pullback) {
            List<String> factors = new ArrayList<>();
            Shape result = graph.shape(graph.operand(to, operand));
            pullback.places((place, isTransposed) -> {
                Shape shape = place.operand() == Pullback.JACOBIAN
                        ? graph.shape(to).concat(result)
                        : Pullback.shape(place, graph, to);
                factors.add(shape + (isTransposed && (shape.rank() > 1 || result.rank() > 1) ? "ᵀ" : ""));
            });
            return (pullback.isProduct()
                    ? String.join("·", factors)
                    : factors.stream().distinct().collect(Collectors.joining(", "))) + " → " + result;
        }
    }
}
