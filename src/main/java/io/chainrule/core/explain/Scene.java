package io.chainrule.core.explain;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Contribution;
import io.chainrule.core.Contributions;
import io.chainrule.core.Outcome;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.print.BackwardPrinter;
import io.chainrule.core.print.SlopePrinter;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What all parts of an explanation speak of: one run of a program, in one language. */
final class Scene {
    private static final int LONGEST_QUOTE = 200;
    /** Names may hold them; a sentence is one line. */
    private static final Pattern LINE_BREAKS = Pattern.compile("\\R");

    final Outcome outcome;
    final Outcome total;
    final BoundProgram bound;
    final NamedGraph program;
    final Graph graph;
    final Contributions.Values contributions;
    final Language language;
    private final BackwardPrinter printer;
    private final SlopePrinter slopePrinter;
    private final Map<List<Integer>, Optional<Explanation.Slope>> slopes = new HashMap<>();

    /** {@code total} is the outcome over all samples, where they are reduced; else the same. */
    Scene(Outcome outcome, Outcome total, Language language) {
        this.outcome = outcome;
        this.total = total;
        this.bound = outcome.function().bound();
        this.program = bound.program();
        this.graph = program.graph();
        this.contributions = outcome.contributions();
        this.language = language;
        this.printer = new BackwardPrinter(program, language == Language.EN, contributions::form);
        this.slopePrinter = new SlopePrinter(program,
                new SlopePrinter.Words(language.text("formula.otherwise"), language.text("formula.and"), language.text("formula.or")));
    }

    /** Whether the cotangent of the output was given. */
    boolean isCotangentGiven() {
        return bound.signature().transformation() instanceof Transformation.Gradient gradient && !gradient.cotangent().isEmpty();
    }

    /** Whether the run noted what is remarkable. */
    boolean hasRemarks() {
        return bound.signature().transformation() instanceof Transformation.Gradient gradient
                && gradient.remarks() == Transformation.Remarks.ALL;
    }

    /** Whether the run answers the gradient by a node. */
    boolean hasGradient(int node) {
        return outcome.function().hasGradient(node);
    }

    /** The memory of all local derivatives. */
    long bytesOfLocals() {
        long elements = 0;
        for (int node = 0; node < graph.size(); node++) {
            for (Contribution.Edge edge : outcome.function().contributions(node)) {
                elements += edge.isElementwise() ? bound.answered(edge.to()).size() : 0;
            }
        }
        return Double.BYTES * elements;
    }

    BackwardPrinter printer() {
        return printer;
    }

    String text(String key, Object... arguments) {
        return language.text(key, Arrays.stream(arguments)
                .map(each -> each instanceof String text ? LINE_BREAKS.matcher(text).replaceAll(" ") : each).toArray());
    }

    String id(int node) {
        return graph.op(node) instanceof Leaf.Literal(double value) ? Numerals.of(value) : program.id(node);
    }

    /** A name behind a ∂, in parentheses if it could be read as a fraction. */
    static String guarded(String id) {
        return id.contains("/") ? "(" + id + ")" : id;
    }

    String outputId() {
        return program.outputId();
    }

    /** The output by both its names where a last statement gives a node another one, as {@code f = y}. */
    String outputNode() {
        String id = id(program.output());
        return id.equals(outputId()) ? id : outputId() + " = " + id;
    }

    String number(Tensor value) {
        return Numerals.of(value, language);
    }

    /** The derivative by which an elementwise gate multiplies, as a formula; null if there is none that is short. */
    Explanation.@Nullable Slope slope(Contribution contribution) {
        List<Integer> key = List.of(contribution.to(), contribution.operand(), contribution.part());
        return slopes.computeIfAbsent(key,
                _ -> Optional.ofNullable(contributions.slope(contribution)).map(local -> slopePrinter.print(local,
                        contribution.to(), contribution.operand(), contribution.factor().stream().boxed().findFirst().orElse(null)))
                        .map(slope -> new Explanation.Slope(slope.text(), slope.latex(), slope.mathml(), slope.letters())))
                .orElse(null);
    }

    Explanation.Form form(int to, int operand) {
        int node = graph.operand(to, operand);
        boolean isAll = outcome.function().contributions(node).stream().allMatch(edge -> edge.to() == to && edge.operand() == operand);
        return form(printer.form(to, operand, isAll), node);
    }

    /** How the op of a contribution pulls a gradient back, elementwise or not. */
    Explanation.Form form(Contribution contribution, boolean isAll) {
        int node = graph.operand(contribution.to(), contribution.operand());
        return contribution.local() == null || contribution.parts() > 1
                ? form(printer.form(contribution.to(), contribution.operand(), isAll), node)
                : form(slopePrinter.backward(contributions.slope(contribution), contribution.to(), contribution.operand(), isAll), node);
    }

    /** The sum over several readers of a node, of which each is called {@code letter}; {@code meaning} says what they are. */
    Explanation.Form sumOver(int node, int to, String letter, String meaning, boolean isAll) {
        BackwardPrinter.Form form = printer.sumOver(node, to, letter, isAll);
        return new Explanation.Form(form.text(), form.shapes(), form.latex(), form.mathml(), List.of(meaning));
    }

    /** The form of one part of a gate that reads its operand several times; null if there is none that is short. */
    Explanation.@Nullable Form part(int to, int operand, int part) {
        BackwardPrinter.Form form = printer.part(to, operand, part);
        return form == null ? null : form(form, graph.operand(to, operand));
    }

    private Explanation.Form form(BackwardPrinter.Form form, int operand) {
        return new Explanation.Form(form.text(), form.shapes(), form.latex(), form.mathml(),
                form.letters().stream().map(letter -> letter(letter, id(operand))).toList());
    }

    /** What a letter means, as {@code n = 3, the number of elements}. */
    private String letter(BackwardPrinter.Letter letter, String operand) {
        String equation = letter.value() == null ? letter.symbol() : letter.symbol() + " = " + letter.value();
        String meaning = letter.meaning();
        return meaning == null
                ? equation
                : letter.attribute() ? text("letter.attribute", equation, meaning) : text("letter." + meaning, equation, operand);
    }

    /** The node of an id that a request names in a field; {@code form} says how such an id is written. */
    int find(String id, String field, String form) {
        Integer node = program.find(id);
        if (node == null || graph.isLiteral(node)) {
            String quoted = quoted(id);
            throw new ProblemException(Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + quoted + "'").node(quoted)
                    .at(Place.setting(field)).hint(Nearest.hint(id, program.allIds()).orElse(form)));
        }
        return node;
    }

    /** A text of a request as messages quote it: its beginning. */
    static String quoted(String text) {
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE / 2)) + "…";
    }
}
