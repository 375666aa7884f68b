package io.chainrule.core;

import io.chainrule.core.expression.Evaluator;
import io.chainrule.core.expression.Given;
import io.chainrule.core.expression.NodeListAssembler;
import io.chainrule.core.expression.Parser;
import io.chainrule.core.expression.SyntaxTree;
import io.chainrule.core.expression.TextParts;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A parsed program whose inputs' shapes are not known yet. Immutable; each transformation returns a {@link Transformed}:
 *
 * <pre>{@code
 * Program program = Program.parse("f = sum((W @ x)^2)");
 * CompiledFunction f = program.valueAndGradient("W", "x").compile(Shapes.of("W", 2, 3, "x", 3));
 * Outcome r = f.call(Map.of("W", w, "x", x));
 * }</pre>
 */
public final class Program {
    private final Source source;
    /** The syntax tree of a text; null if the program was not written as text. */
    private final @Nullable SyntaxTree tree;

    private Program(Source source, int nesting) {
        this.source = source;
        this.tree = source instanceof Source.Text(String expression, _) ? Parser.parse(expression, nesting) : null;
    }

    /**
     * Parses a program in NumPy notation, one statement a line; the last statement is the output.
     *
     * @throws ProblemException with all syntax errors; errors in the meaning of names and calls are found by {@link #bind}
     */
    public static Program parse(String expression) {
        Program program = of(new Source.Text(expression), BuildLimits.GENEROUS.nesting());
        Objects.requireNonNull(program.tree).throwIfBroken();
        return program;
    }

    /** A program as a list of nodes in any order; without {@code output}, the one node that no other reads is the output. */
    public static Program of(List<NodeSpec> nodes, @Nullable String output) {
        return of(new Source.Nodes(nodes, output), 0);
    }

    /** A program as a network; {@code training} says whether its dropout and normalisations work as in training. */
    public static Program of(NetworkSpec network, boolean training) {
        return of(new Source.Network(network, InitializerSpec.DEFAULT, training, 0), 0);
    }

    /**
     * The program of a source. Syntax errors of a text are reported by {@link #bind}, together with all other problems.
     *
     * @param nesting how deep brackets may be nested in a text; beyond it, {@link io.chainrule.core.graph.LimitException} for limit
     *        "nesting"
     */
    public static Program of(Source source, int nesting) {
        return new Program(source, nesting);
    }

    public Source source() {
        return source;
    }

    /** Of a text, the names that may be names of inputs or models; of a list of nodes, the ops that may be models. */
    Set<String> mentioned() {
        return source instanceof Source.Nodes nodes
                ? NodeListAssembler.unknownOps(nodes.nodes())
                : parts().map(TextParts::names).orElse(Set.of());
    }

    /** The parts of a text; none of other programs. */
    public Optional<TextParts> parts() {
        return Optional.ofNullable(tree).map(TextParts::new);
    }

    /** The value of the output. */
    public Transformed<CompiledFunction> value() {
        return new Transformed<>(this, Signature.of(new Transformation.Value(), Shapes.NONE), CompiledFunction.class);
    }

    /** The value of the output, a scalar, and its gradient by these names, or by every input if none is given. */
    public Transformed<CompiledFunction> valueAndGradient(String... wrt) {
        return by(new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE), CompiledFunction.class, wrt);
    }

    /** The same, with the number of digits of both that are certain. */
    public Transformed<CompiledFunction> digits(String... wrt) {
        return by(new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.ALL,
                Transformation.Extra.DIGITS),
                CompiledFunction.class, wrt);
    }

    /** Cotangents of these nodes, which each call gives, pulled back to the names {@code wrt}. */
    public Transformed<CompiledFunction> vjp(Shapes cotangents, String... wrt) {
        return by(new Transformation.Vjp(cotangents), CompiledFunction.class, wrt);
    }

    /** Tangents of these nodes, which each call gives, pushed forward to the output. */
    public Transformed<CompiledFunction> jvp(Shapes tangents) {
        return by(new Transformation.Jvp(tangents, null), CompiledFunction.class);
    }

    /** The Hessian of the output, a scalar, times vectors for these names, which each call gives. */
    public Transformed<CompiledFunction> hvp(Shapes vectors, String... wrt) {
        return by(new Transformation.Hvp(vectors), CompiledFunction.class, wrt);
    }

    /** A training step: the loss and its gradient by these names; {@code data} are the inputs that carry samples. */
    public Transformed<CompiledFunction> trainingStep(List<String> data, String... wrt) {
        return by(new Transformation.TrainingStep(data, true, false, null, null), CompiledFunction.class, wrt);
    }

    /** The Jacobian of the output by these names, or by every input if none is given. */
    public Transformed<CompiledJacobian> jacobian(String... wrt) {
        return by(new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE), CompiledJacobian.class, wrt);
    }

    /** The Jacobians of nodes by the names that are listed for them. */
    public Transformed<CompiledJacobian> jacobians(SequencedMap<String, List<String>> pairs) {
        List<Transformation.Pairs> all = pairs.entrySet().stream()
                .map(pair -> new Transformation.Pairs(pair.getKey(), List.copyOf(pair.getValue()))).toList();
        return by(new Transformation.Jacobians(null, all, Transformation.Mode.AUTO, Transformation.Extent.DENSE), CompiledJacobian.class);
    }

    /** Second derivatives of the output, a scalar, by these names, or by every input if none is given. */
    public Transformed<CompiledJacobian> hessian(String... wrt) {
        return by(new Transformation.Hessian(true), CompiledJacobian.class, wrt);
    }

    /** The gradient (order 1) or the Hessian (order 2) of the output, a scalar, compared with central differences. */
    public Transformed<CompiledCheck> check(int order, String... wrt) {
        return by(new Transformation.Check(order), CompiledCheck.class, wrt);
    }

    private <F extends Compiled> Transformed<F> by(Transformation transformation, Class<F> type, String... wrt) {
        return new Transformed<>(this,
                Signature.of(transformation, Shapes.NONE).withWrt(wrt.length == 0 ? null : List.of(wrt)), type);
    }

    /**
     * Resolves the program's names and shapes for a signature.
     *
     * @throws ProblemException with all problems that were found
     * @throws io.chainrule.core.graph.LimitException beyond {@code limits}
     */
    public BoundProgram bind(Signature signature, BuildLimits limits) {
        Written written = written(signature, limits, null);
        limits.growByWritten(written.program().graph());
        return BoundProgram.of(written, signature, limits);
    }

    /** Returns the graph for a signature, before names are resolved. {@code names} are the inputs of a text; null means those given. */
    Written written(Signature signature, BuildLimits limits, @Nullable Set<String> names) {
        Map<String, Shape> shapes = signature.inputs().toMap();
        Allowance allowance = limits.written();
        return switch (source) {
            case Source.Text text -> {
                text.kept().toMap().forEach(shapes::put);
                Map<String, Shape> ofOne = ofOneSample(shapes, signature.batch());
                Given inputs = new Given(names == null ? ofOne.keySet() : names, ofOne, others(signature), text.models());
                SyntaxTree parsed = Objects.requireNonNull(tree);
                yield Written.of(signature.transformation() instanceof Transformation.Grade(Map<String, String> claims)
                        ? Evaluator.evaluateClaims(parsed, inputs, allowance, claims, limits.tensorElements())
                        : Evaluator.evaluate(parsed, inputs, allowance), shapes, signature.missing()).keeping(text.kept().names());
            }
            case Source.Nodes nodes -> {
                allowance.foreseen().accept(nodes.nodes().size());
                nodes.kept().toMap().forEach(shapes::put);
                Given inputs = new Given(shapes.keySet(), ofOneSample(shapes, signature.batch()), others(signature), nodes.models());
                yield Written.of(nodes.graph(signature.output(), inputs, allowance), shapes, signature.missing())
                        .keeping(nodes.kept().names());
            }
            case Source.Network network -> new NetworkReader(network, signature, allowance).read();
            case Source.Stored(StoredProgram stored) -> stored.written(signature, limits);
        };
    }

    private static Given.Others others(Signature signature) {
        return signature.missing() == Signature.Missing.SCALAR ? Given.Others.SCALARS : Given.Others.WITHOUT_VALUE;
    }

    /** The graph of the program for inputs {@code names} of any shape; {@code shapes} has those of some of them that are known. */
    NamedGraph graph(Set<String> names, Map<String, Shape> shapes, Allowance allowance) {
        return switch (source) {
            case Source.Text text -> Evaluator.evaluate(Objects.requireNonNull(tree),
                    new Given(names, shapes, Given.Others.OF_ANY_SHAPE, text.models()), allowance).program();
            case Source.Nodes nodes ->
                nodes.graph(null, new Given(names, shapes, Given.Others.OF_ANY_SHAPE, nodes.models()), allowance);
            case Source.Network network ->
                new NetworkReader(network, Signature.of(new Transformation.Value(), Shapes.of(shapes)), allowance)
                        .read().program();
            case Source.Stored(StoredProgram stored) -> stored.graph(shapes, allowance);
        };
    }

    /**
     * The names that the program reads as inputs, besides those that have a value. A name that it gives another meaning, as a constant, a
     * function or a node of its own, is none of them.
     *
     * @param given the shapes of the inputs that have a value
     * @param offered shapes of other inputs, where they are known: some texts cannot be read without
     * @throws ProblemException for a text with mistakes; those of other programs are found by {@link #bind}
     */
    public Set<String> inputsBesides(Shapes given, Map<String, Shape> offered, BuildLimits limits) {
        Set<String> read = new LinkedHashSet<>();
        switch (source) {
            case Source.Text text -> {
                Map<String, Shape> shapes = given.toMap();
                shapes.putAll(text.kept().toMap());
                Set<String> names = Set.copyOf(shapes.keySet());
                offered.forEach(shapes::putIfAbsent);
                NamedGraph graph = Evaluator
                        .evaluate(Objects.requireNonNull(tree), new Given(names, shapes, Given.Others.WITHOUT_VALUE, text.models()),
                                limits.written())
                        .program();
                limits.growByWritten(graph.graph());
                graph.inputs().forEach(node -> read.add(graph.id(node)));
            }
            case Source.Nodes nodes -> read.addAll(NodeListAssembler.inputs(nodes.nodes()));
            case Source.Network network -> read.addAll(network.data());
            case Source.Stored(StoredProgram stored) -> read.addAll(switch (stored.source()) {
                case Source.Network network -> network.data();
                // The parameters of a definition are inputs of the model also where it does not read them.
                case Source.Nodes nodes -> {
                    Set<String> ofNodes = NodeListAssembler.inputs(nodes.nodes());
                    yield stored.inputs().stream().filter(ofNodes::contains).toList();
                }
                default -> stored.inputsRead(given, offered, limits);
            });
        }
        read.removeAll(given.names());
        return read;
    }

    /**
     * If the program of a text is a function definition, given that these inputs have values: its parameters, in order. Else empty.
     */
    public List<String> parameters(Set<String> given) {
        return tree == null ? List.of() : tree.parameters(given);
    }

    /**
     * The names that a text or a list of nodes calls and that nothing defines: if they are not mistakes, they are models. Empty for other
     * programs, and for texts with errors in their syntax.
     */
    public Set<String> unknownCalls() {
        return source instanceof Source.Nodes nodes
                ? NodeListAssembler.unknownOps(nodes.nodes())
                : tree == null ? Set.of() : tree.unknownCalls();
    }

    /** The shapes without the leading axis of those inputs that carry samples. */
    static Map<String, Shape> ofOneSample(Map<String, Shape> shapes, Signature.Batch batch) {
        if (batch.inputs().isEmpty()) {
            return shapes;
        }
        Map<String, Shape> ofOne = new LinkedHashMap<>(shapes);
        batch.inputs().forEach(input -> ofOne.computeIfPresent(input,
                (_, shape) -> shape.isScalar() ? shape : shape.sub(1, shape.rank())));
        return ofOne;
    }

    private static <T> String lines(List<T> parts, Function<T, String> line) {
        return parts.stream().map(line).collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
        return switch (source) {
            case Source.Text(String expression, _) -> expression;
            case Source.Nodes(var nodes, _, _, _) ->
                lines(nodes, node -> node.id() + " = " + node.op() + node.inputs() + node.attributes());
            case Source.Network network -> lines(network.spec().layers(), layer -> layer.type() + " " + layer.options());
            case Source.Stored(StoredProgram stored) -> stored.toString();
        };
    }
}
