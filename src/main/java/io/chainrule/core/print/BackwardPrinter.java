package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Typesets what the chain rule says of one node: its gradient as a sum over the nodes that read it. */
public final class BackwardPrinter {
    /** In place of the number of a part: all parts together. */
    public static final int WHOLE = -1;
    /** Each element's gradient is that of the result's element at the same place. */
    private static final Pullback SAME = new Pullback(FormulaParser.parse("$9"), "", false, Set.of());

    private static final int MOST_TERMS = 8;
    private static final MathContext DIGITS = new MathContext(6);

    private final NamedGraph program;
    private final Graph graph;
    private final boolean isEnglish;
    private final Derivatives derivatives;
    private final Map<List<Integer>, BackwardFormula> formulas = new HashMap<>();

    /**
     * {@code isEnglish} says whether formulas may hold English words, as those of some ops do; {@code derivatives} has what definitions do
     * not say in LaTeX.
     */
    public BackwardPrinter(NamedGraph program, boolean isEnglish, Derivatives derivatives) {
        this.program = program;
        this.graph = program.graph();
        this.isEnglish = isEnglish;
        this.derivatives = derivatives;
    }

    /** What ops add to the gradients of their operands, as graphs. */
    @FunctionalInterface
    public interface Derivatives {
        /** Returns null where there is none that is short. */
        @Nullable
        Derivative of(int to, int operand, int part);
    }

    /**
     * What an op adds to the gradient of an operand: the node {@code result} of a graph. The ids of its inputs are {@link #OPERAND} and a
     * number, {@link #RESULT} and {@link #UPSTREAM}.
     */
    public record Derivative(Graph graph, int result) {
        public static final String OPERAND = "operand ";
        public static final String RESULT = "result";
        public static final String UPSTREAM = "cotangent";
    }

    /**
     * What a letter of a form means: {@code value} is what it is equal to, and {@code meaning} what that is; one of both may be missing.
     *
     * @param attribute whether {@code meaning} is the name of an attribute, and no message
     */
    public record Letter(String symbol, @Nullable String value, @Nullable String meaning, boolean attribute) {}

    /**
     * How an op pulls a gradient back to one of its operands.
     *
     * @param text the equation in Unicode, as {@code ∂f/∂W = (∂f/∂q) xᵀ}
     * @param shapes those of its factors and of the result, as {@code [2]·[2]ᵀ → [2, 2]}
     * @param letters those that are no names of nodes
     */
    public record Form(String text, String shapes, String latex, @Nullable String mathml, List<Letter> letters) {}

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
        return formula(to, operand).kind();
    }

    /** Whether an operand's elements get equal shares of one element each of the upstream gradient. */
    public boolean isEqualShare(int to, int operand) {
        return formula(to, operand).isEqualShare();
    }

    /** Whether the form is but the product with the Jacobian. */
    public boolean isGeneral(int to, int operand) {
        return formula(to, operand).isGeneral();
    }

    /**
     * The form of an op that is not elementwise: that of its definition, or what its rules compute, or for want of both a product with its
     * Jacobian. Where it is not all of the operand's gradient, {@code +=} stands for the equals sign.
     */
    public Form form(int to, int operand, boolean isAll) {
        BackwardFormula formula = formula(to, operand);
        return form(formula.left(), isAll ? " = " : " += ", formula);
    }

    /** What one of several parts of an op adds; null if there is no short form of it. */
    public @Nullable Form part(int to, int operand, int part) {
        Derivative derivative = derivatives.of(to, operand, part);
        DerivedFormula formula = derivative == null ? null : new DerivedFormula(program, derivative, to, operand);
        if (formula == null || formula.hasWords() && !isEnglish) {
            return null;
        }
        // A definition says it shorter than parts that are choices, or belong to some elements only.
        boolean isLong = formula.isPlaced() || formula.hasWords();
        if (isLong && formula(to, operand) instanceof DeclaredFormula all && !all.isGeneral()) {
            return null;
        }
        Formula whole = formula.left();
        Formula left = new Formula.Script(formula.isPlaced() ? whole : new Formula.Fenced("(", whole, ")"),
                new Formula.Fenced("(", new Formula.Digits(String.valueOf(part + 1)), ")"), true);
        return form(left, " = ", formula);
    }

    /**
     * The gradient of a node that several nodes of one shape read, as the sum over them: ∂f/∂W = ∑_t (∂f/∂u_t) (∂u_t/∂W).
     *
     * @param to one of them, all of which are called {@code letter}
     */
    public Form sumOver(int node, int to, String letter, boolean isAll) {
        Formula reader = new Formula.Script(new Formula.Symbol(letter), new Formula.Symbol("t"), false);
        Formula left = BackwardFormula.derivative(program, node);
        Formula right = FormulaWriter.row(FormulaParser.template("\\sum_{t} "),
                BackwardFormula.fraction(FormulaNames.in(program, program.outputId()), reader), FormulaParser.template("\\, "),
                BackwardFormula.fraction(reader, BackwardFormula.name(program, node)));
        String sign = isAll ? " = " : " += ";
        Typeset typeset = new Typeset(FormulaWriter.row(left, FormulaParser.template(sign), right));
        Shape of = graph.shape(to);
        Shape result = graph.shape(node);
        return new Form(PlainText.equation(left, sign, right), of + "·" + of.concat(result) + " → " + result, typeset.latex(),
                typeset.mathml(), List.of());
    }

    private static Form form(Formula left, String sign, BackwardFormula formula) {
        Formula right = formula.right();
        Typeset typeset = new Typeset(FormulaWriter.row(left, FormulaParser.template(sign), right));
        return new Form(PlainText.equation(left, sign, right), formula.shapes(), typeset.latex(), typeset.mathml(), formula.letters());
    }

    private BackwardFormula formula(int to, int operand) {
        return formulas.computeIfAbsent(List.of(to, operand), _ -> found(to, operand));
    }

    private BackwardFormula found(int to, int operand) {
        DeclaredFormula declared = declared(to, operand);
        if (declared != null && !declared.hasWords()) {
            return declared;
        }
        Derivative derivative = derivatives.of(to, operand, WHOLE);
        DerivedFormula derived = derivative == null ? null : new DerivedFormula(program, derivative, to, operand);
        // A place as index writes it says more than that there is one.
        if (declared != null && (derived == null || !derived.isPlaced() || derived.hasWords())) {
            return declared;
        }
        return derived != null && (isEnglish || !derived.hasWords()) ? derived : general(to, operand);
    }

    /** The form of the definition; null if it does not hold or is not of the language. */
    private @Nullable DeclaredFormula declared(int to, int operand) {
        boolean isSame = OpCatalogue.has(graph.op(to), Trait.STRETCHES) && graph.shape(to).equals(graph.shape(graph.operand(to, operand)));
        Pullback declared = isSame ? SAME : Pullback.of(OpCatalogue.of(graph.op(to)), operand, graph.op(to).attributes());
        DeclaredFormula formula = declared == null || declared.hasWords() && !isEnglish
                ? null
                : new DeclaredFormula(program, declared, to, operand);
        return formula != null && formula.fits() ? formula : null;
    }

    private DeclaredFormula general(int to, int operand) {
        return new DeclaredFormula(program, Pullback.DEFAULT, to, operand);
    }

    /**
     * The gradient of a node as the sum of what its readers contribute. {@code numbers} has, for scalars, the upstream and local derivative
     * of each reader, as far as they are known; {@code value} is the gradient if it is short enough to be shown.
     */
    public FormulaPrinter.Both sum(int node, List<Reader> readers, List<double[]> numbers, @Nullable Tensor value) {
        Formula gradient = BackwardFormula.derivative(program, node);
        BackwardFormula placed = readers.size() == 1 ? placed(readers.getFirst()) : null;
        List<Formula> parts = new ArrayList<>(List.of(placed == null ? gradient : placed.left()));
        if (readers.isEmpty()) {
            parts.add(FormulaParser.template(" = "));
        }
        for (int i = 0; i < Math.min(readers.size(), MOST_TERMS); i++) {
            Reader reader = readers.get(i);
            parts.add(FormulaParser.template(i == 0 ? " = " : " + "));
            if (placed != null) {
                parts.add(placed.right());
            } else if (reader.isElementwise) {
                parts.add(elementwise(reader.to, node));
            } else {
                parts.add(whole(reader).right());
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
            if (placed != null) {
                parts.addAll(List.of(FormulaParser.template(",\\ "), gradient));
            }
            if (!readers.isEmpty()) {
                parts.add(FormulaParser.template(" = "));
            }
            parts.add(FormulaValues.constant(rounded(value)));
        }
        Typeset typeset = new Typeset(new Formula.Row(parts));
        return new FormulaPrinter.Both(typeset.latex(), typeset.mathml());
    }

    /** A form that is all that a reader adds, whatever its left side is. */
    private BackwardFormula whole(Reader reader) {
        if (placed(reader) != null) {
            DeclaredFormula declared = declared(reader.to, reader.operand);
            return declared == null || declared.hasWords() ? general(reader.to, reader.operand) : declared;
        }
        return formula(reader.to, reader.operand);
    }

    /** The form of some elements of a gradient, of which the others are 0; null where the form is that of all. */
    private @Nullable BackwardFormula placed(Reader reader) {
        BackwardFormula formula = reader.isElementwise ? null : formula(reader.to, reader.operand);
        return formula instanceof DerivedFormula derived && derived.isPlaced() ? derived : null;
    }

    /** The upstream gradient times the local one, added up along the axes along which the node is stretched. */
    private Formula elementwise(int to, int node) {
        boolean isScalar = graph.shape(to).isScalar();
        Formula product = FormulaWriter.row(BackwardFormula.derivative(program, to),
                FormulaParser.template(isScalar ? " \\cdot " : " \\odot "),
                BackwardFormula.fraction(BackwardFormula.name(program, to), BackwardFormula.name(program, node)));
        return graph.shape(to).equals(graph.shape(node))
                ? product
                : FormulaWriter.row(FormulaParser.template("\\sum "), new Formula.Fenced("(", product, ")"));
    }

    /** The whole of a formula in both languages. */
    record Typeset(String latex, @Nullable String mathml) {
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
    static double rounded(double value) {
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
}
