package io.chainrule.core;

import io.chainrule.core.code.Language;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.simplify.HyperbolicQuotients;
import io.chainrule.core.simplify.Textbook;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The derivatives of a program, as simplified programs. Each is simplified when it is asked for. Not thread-safe. */
public final class DerivativePrograms {
    /** The memory of a node while its graph is simplified. */
    private static final long BYTES_A_NODE = 500;
    /** Nobody reads longer derivatives, which are given in the stable form. */
    private static final int MOST_TEXTBOOK_NODES = 10_000;

    private final LoweredProgram lowered;
    private final @Nullable DerivedGraph derived;
    private final BuildLimits limits;
    private long nodes;

    private DerivativePrograms(LoweredProgram lowered, @Nullable DerivedGraph derived, BuildLimits limits) {
        this.lowered = lowered;
        this.derived = derived;
        this.limits = limits;
    }

    /** Differentiates a bound program; throws {@link io.chainrule.core.graph.LimitException} beyond {@code limits}. */
    public static DerivativePrograms of(BoundProgram bound, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(bound.program().output()), limits);
        DerivedGraph derived = null;
        if (lowered.graph().shape(lowered.result(bound.program().output())).isScalar()) {
            derived = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits);
            limits.checkSizes(derived.graph());
        }
        return new DerivativePrograms(lowered, derived, limits);
    }

    /** The shape of the output. */
    public Shape outputShape() {
        return lowered.graph().shape(lowered.result(lowered.program().output()));
    }

    /** Returns the shape of the node that a name in {@link BoundProgram#wrt()} stands for. */
    public Shape inputShape(String name) {
        return lowered.shape(name, node(name));
    }

    /**
     * The derivative of the output by names in {@link BoundProgram#wrt()}, one after the other, over the same inputs. Its shape is that of
     * the output, followed by those of what it is differentiated by. Throws {@link ProblemException} for a name of a node that is no input,
     * unless it is the only one.
     */
    public NamedGraph by(List<String> names) {
        RawDerivative raw = raw(names);
        Graph graph = raw.simplified(charged(raw.size()));
        return named(names.size() == 1 ? graph : bounded(graph));
    }

    /** The derivative by the last name of the simplified derivative by those before it. */
    private RawDerivative raw(List<String> names) {
        RawDerivative raw = first(names);
        for (String name : names.subList(1, names.size())) {
            raw = next(bounded(raw.simplified(charged(raw.size()))), name);
        }
        return raw;
    }

    /** Rewrites a derivative so that differentiating it again neither overflows earlier nor loses digits. */
    private Graph bounded(Graph derivative) {
        return HyperbolicQuotients.bounded(derivative, charged(derivative.size()));
    }

    /** The derivative as a textbook writes it, and the conditions under which it is that of {@link #by}. */
    public TextbookProgram textbook(List<String> names) {
        RawDerivative raw = first(names);
        Map<String, NamedGraph> domain = new LinkedHashMap<>();
        Graph graph = null;
        for (int i = 0; i < names.size(); i++) {
            raw = graph == null ? raw : next(graph, names.get(i));
            int size = raw.size();
            if (raw.node() < 0 || size > MOST_TEXTBOOK_NODES) {
                graph = raw.simplified(charged(size));
            } else {
                Textbook textbook = raw.textbook(charged(size));
                textbook.domain().stream().map(DerivativePrograms::named)
                        .forEach(condition -> domain.putIfAbsent(ExpressionPrinter.print(condition), condition));
                graph = textbook.graph();
            }
        }
        return new TextbookProgram(named(Objects.requireNonNull(graph)), List.copyOf(domain.values()));
    }

    private RawDerivative first(List<String> names) {
        String name = names.getFirst();
        int node = node(name);
        Shape shape = outputShape().concat(inputShape(name));
        checkInputs(names);
        if (node == ResolvedNames.NO_NODE || derived != null && derived.isZero(node)) {
            return RawDerivative.zero(shape);
        } else if (derived != null) {
            int written = lowered.graph().size();
            return new RawDerivative(derived.graph(), derived.cotangent(node), written, written, shape);
        }
        return sized(RawDerivative.of(lowered.graph(), lowered.result(lowered.program().output()), lowered.image(node), limits.derived()));
    }

    private RawDerivative next(Graph graph, String name) {
        limits.checkpoint().check();
        int node = node(name);
        String input = node == ResolvedNames.NO_NODE ? name : lowered.program().id(node);
        return sized(RawDerivative.of(graph, input, inputShape(name), limits.derived()));
    }

    private RawDerivative sized(RawDerivative raw) {
        limits.checkSizes(raw.graph());
        return raw;
    }

    private int node(String name) {
        return Objects.requireNonNull(lowered.bound().names().wrt().get(name), name);
    }

    /** A derivative is a program over inputs, so that only by these it can be differentiated again. */
    private void checkInputs(List<String> names) {
        Graph graph = lowered.program().graph();
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < names.size() && names.size() > 1; i++) {
            int node = node(names.get(i));
            if (node != ResolvedNames.NO_NODE && !(graph.op(node) instanceof Leaf.Input)) {
                problems.add(Problem
                        .of(ProblemCode.INVALID_VALUE, "'" + names.get(i) + "' is no input; a derivative of order " + names.size()
                                + " is by inputs")
                        .node(names.get(i)).at(Place.setting("wrt").item(i)).expected("an input", graph.op(node).name())
                        .hint("leave out the statement that computes '" + names.get(i) + "', which makes it an input"));
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }

    /** A derivative over the inputs of its program; {@code domain} are programs of conditions, which have to hold for every element. */
    public record TextbookProgram(NamedGraph program, List<NamedGraph> domain) {}

    /**
     * A function in another language that computes the value and these derivatives, in the form of {@link #by}. Parameters and derivatives
     * are in the order in which the request has the inputs, then in that of {@code arguments}; others stand after them, and those that a
     * model keeps at the end. Throws {@link ProblemException} if the program has an op that has no code in the language, or one value for
     * each sample.
     */
    public String code(List<List<String>> paths, Language language, List<String> arguments) {
        return new DerivativeCode(this, lowered, limits, language, arguments).text(paths);
    }

    /** A derivative, simplified to be joined with others. */
    Graph part(List<String> path) {
        RawDerivative last = raw(path);
        Graph graph = last.shared(charged(last.size()));
        return path.size() == 1 ? graph : bounded(graph);
    }

    /** The value of a node of the lowered graph, simplified to be joined with others. */
    Graph part(int node) {
        int size = lowered.graph().size();
        RawDerivative value = new RawDerivative(lowered.graph(), node, size, size, lowered.graph().shape(node));
        return value.shared(charged(value.size()));
    }

    /** What a derivative is called in answers: the names, one after the other. */
    public static String name(List<String> path) {
        return String.join(",", path);
    }

    private static NamedGraph named(Graph simple) {
        @Nullable
        String[] names = new String[simple.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = simple.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        return new NamedGraph(simple, simple.size() - 1, names, _ -> null);
    }

    private Allowance charged(int needed) {
        nodes += needed;
        if (nodes > limits.derivedNodes()) {
            throw LimitException.moreThan("derived-nodes", limits.derivedNodes());
        }
        limits.growth().accept(needed * BYTES_A_NODE);
        // The memory of the simplifier's graphs has already been charged above, so growth is not charged again.
        return new Allowance("derived-nodes", limits.derivedNodes(), _ -> limits.checkpoint().check());
    }
}
