package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is known of an op: its names, operands, attributes, documentation and traits, and how an instance is made. */
public final class OpDefinition {
    private final String name;
    private final Family family;
    private final List<String> operands;
    private final ExampleProgram example;
    private final List<String> aliases = new ArrayList<>();
    private final List<Attribute> attributes = new ArrayList<>();
    private final List<Circuit> equivalentForms = new ArrayList<>();
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private CallForm callForm = CallForm.PLAIN;
    private String formula = "";
    private String derivative = "";
    private @Nullable String convention;
    private Backward backward = Backward.PLAIN;
    private @Nullable LatexForm latex;
    private @Nullable OpCode code;
    private @Nullable String vanishing;
    private @Nullable Integer checkedOperand;
    private Cautions cautions = Cautions.NONE;
    private @Nullable Function<Attributes, Op> factory;
    /** Serves all nodes without attributes; null until the first is made. */
    private volatile @Nullable Op single;

    private OpDefinition(String name, Family family, List<String> operands) {
        this.name = name;
        this.family = family;
        this.operands = operands;
        this.example = new ExampleProgram(name, operands);
    }

    static OpDefinition define(String name, Family family, String... operands) {
        return new OpDefinition(name, family, List.of(operands));
    }

    /** The last operand may be given any number of times, at least once. */
    OpDefinition variadic() {
        callForm = callForm.variadic();
        return this;
    }

    /** A list that is the only operand stands for the operands, as in {@code concatenate([a, b])}. */
    OpDefinition sequence() {
        callForm = callForm.sequence();
        return this;
    }

    /** The values that a loop in a call's brackets makes are combined by this op of two, as Python's function of the same name does. */
    OpDefinition pairwise(String ofTwo) {
        callForm = callForm.pairwise(ofTwo);
        return this;
    }

    /** The same for several operands. */
    OpDefinition several(String ofTwo) {
        callForm = callForm.several(ofTwo);
        return this;
    }

    /** The last operand may be left out. */
    OpDefinition lastOptional() {
        callForm = callForm.lastOptional();
        return this;
    }

    OpDefinition alias(String... names) {
        aliases.addAll(List.of(names));
        return this;
    }

    OpDefinition attribute(Attribute... more) {
        attributes.addAll(List.of(more));
        return this;
    }

    /** Formula and derivative in LaTeX; y is the result, an overlined letter a cotangent. */
    OpDefinition formula(String value, String derivativeOfValue, Backward... told) {
        formula = value;
        derivative = derivativeOfValue;
        backward = Stream.of(told).reduce(Backward.PLAIN, Backward::and);
        return this;
    }

    /** What holds at kinks, jumps and singular points. */
    OpDefinition convention(String text) {
        convention = text;
        return this;
    }

    /** An interval of operands in which value and derivative are finite; tests draw from it. */
    OpDefinition domain(double low, double high) {
        example.domain(low, high);
        return this;
    }

    /** An expression over inputs that are named like the operands, with their values. The default is a call on scalars of the domain. */
    OpDefinition example(String expression, Tensor... inputs) {
        example.expression(expression);
        for (int i = 0; i < inputs.length; i++) {
            example.input(operands.get(i), inputs[i]);
        }
        return this;
    }

    /** An expression over another input, for ops without operands. */
    OpDefinition example(String expression, String input, Tensor value) {
        example.expression(expression);
        example.input(input, value);
        return this;
    }

    OpDefinition as(Function<Attributes, Op> make) {
        factory = make;
        return this;
    }

    /** For ops without attributes: one instance serves all nodes. */
    OpDefinition as(Op op) {
        single = op;
        factory = none -> op;
        return this;
    }

    /** For an elementwise op without attributes: {@link Elementwise#circuit}. */
    OpDefinition circuit(Circuit simpler) {
        ((Elementwise) op()).circuit(simpler);
        return this;
    }

    OpDefinition accuracy(Accuracy bounds) {
        ((Elementwise) op()).accuracy(bounds);
        return this;
    }

    OpDefinition equivalentForms(Circuit... circuits) {
        equivalentForms.addAll(List.of(circuits));
        return this;
    }

    OpDefinition traits(Trait... more) {
        traits.addAll(List.of(more));
        return this;
    }

    /** Sets how formulas write a call, by the parts of a {@link LatexForm}, instead of {@code \operatorname{name}} and parentheses. */
    OpDefinition latex(String... parts) {
        latex = LatexForm.of(parts);
        return this;
    }

    /** Sets how the op is written in other languages. */
    OpDefinition code(OpCode inOtherLanguages) {
        code = inOtherLanguages;
        return this;
    }

    /** The reason why the op passes no gradient on where its derivative is zero. It completes a sentence. */
    OpDefinition vanishes(String reason) {
        vanishing = reason;
        return this;
    }

    /** Values of this operand may be refused when the op runs; a training checks those of all its samples before its first step. */
    OpDefinition checks(int operand) {
        checkedOperand = operand;
        return this;
    }

    OpDefinition cautions(Cautions values) {
        cautions = values;
        return this;
    }

    /** The op, which must have no attributes. */
    public Op op() {
        return Objects.requireNonNull(single, name);
    }

    public String name() {
        return name;
    }

    public Family family() {
        return family;
    }

    public List<String> operands() {
        return operands;
    }

    public CallForm callForm() {
        return callForm;
    }

    public List<String> aliases() {
        return List.copyOf(aliases);
    }

    /** Circuits other than that of {@link Op#expand} that are the op with its default attributes. */
    public List<Circuit> equivalentForms() {
        return List.copyOf(equivalentForms);
    }

    public boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** The operand of which the op refuses values, such as labels that name no class; null without one. */
    public @Nullable Integer checkedOperand() {
        return checkedOperand;
    }

    public Cautions cautions() {
        return cautions;
    }

    /** Null where a call is written with the op's name. */
    public @Nullable LatexForm latex() {
        return latex;
    }

    /** Null where the op is not written in other languages, unless as its circuit or as data that move. */
    public @Nullable OpCode code() {
        return code;
    }

    /** The reason, if there is more to say than that, why the op passes no gradient on where its derivative is zero; ends a sentence. */
    public @Nullable String vanishing() {
        return vanishing;
    }

    public List<Attribute> attributes() {
        return List.copyOf(attributes);
    }

    public String formula() {
        return formula;
    }

    public String derivative() {
        return derivative;
    }

    public Backward backward() {
        return backward;
    }

    public @Nullable String convention() {
        return convention;
    }

    /** A program that runs with {@link #exampleInputs()}. */
    public String example() {
        return example.expression();
    }

    public Map<String, Tensor> exampleInputs() {
        return example.inputs();
    }

    public double[] domain() {
        return example.domain();
    }

    /** An op; {@link ProblemException} where attributes (numbers, booleans, texts, lists of these) or the number of operands do not fit. */
    public Op create(Map<String, ?> given, int operandCount) {
        List<Problem> problems = Definitions.arity(this, operandCount);
        if (single != null && given.isEmpty() && problems.isEmpty()) {
            return single;
        }
        try {
            Attributes checked = new Attributes(this, given);
            if (problems.isEmpty()) {
                Op made = Objects.requireNonNull(factory).apply(checked);
                single = given.isEmpty() ? made : single;
                return made;
            }
        } catch (ProblemException e) {
            problems.addAll(e.problems());
        }
        throw new ProblemException(problems);
    }
}
