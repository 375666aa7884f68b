package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.code.CodeProgram;
import io.chainrule.core.code.Language;
import io.chainrule.core.code.NoCodeException;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.SharedGraph;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.simplify.Textbook;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The derivatives of a scalar program, as simplified programs. Each is simplified when it is asked for. Not thread-safe. */
public final class DerivativePrograms {
    /** The memory of a node while its graph is simplified. */
    private static final long BYTES_A_NODE = 500;
    /** Nobody reads longer derivatives, which are given in the stable form. */
    private static final int MOST_TEXTBOOK_NODES = 10_000;
    /** Nodes that are simplified only to find out which ones have a name. */
    private static final int MOST_NAMED_NODES = 20_000;

    private final LoweredProgram lowered;
    private final DerivedGraph derived;
    private final BuildLimits limits;
    private long nodes;

    private DerivativePrograms(LoweredProgram lowered, DerivedGraph derived, BuildLimits limits) {
        this.lowered = lowered;
        this.derived = derived;
        this.limits = limits;
    }

    /** Differentiates a bound program; throws {@link io.chainrule.core.graph.LimitException} beyond {@code limits}. */
    public static DerivativePrograms of(BoundProgram bound, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(bound.program().output()), limits);
        DerivedGraph derived = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits);
        limits.checkSizes(derived.graph());
        return new DerivativePrograms(lowered, derived, limits);
    }

    /** The derivative of the output by one of the names in {@link BoundProgram#wrt()}, over the same inputs. */
    public NamedGraph by(String name) {
        int node = Objects.requireNonNull(lowered.bound().names().wrt().get(name), name);
        Graph simple = node == ResolvedNames.NO_NODE || derived.isZero(node)
                ? zeros(lowered.shape(name, node), limits.derived())
                : simplified(derived.cotangent(node));
        return named(simple);
    }

    /** The derivative as a textbook writes it, and the conditions under which it is that of {@link #by}. */
    public TextbookProgram textbook(String name) {
        int node = Objects.requireNonNull(lowered.bound().names().wrt().get(name), name);
        int cotangent = node == ResolvedNames.NO_NODE || derived.isZero(node) ? -1 : derived.cotangent(node);
        int needed = cotangent < 0 ? 0 : needed(cotangent);
        if (cotangent < 0 || needed > MOST_TEXTBOOK_NODES) {
            return new TextbookProgram(by(name), List.of());
        }
        Textbook textbook = Simplifier.textbook(derived.graph(), cotangent, lowered.graph().size(), charged(needed));
        return new TextbookProgram(named(textbook.graph()), textbook.domain().stream().map(DerivativePrograms::named).toList());
    }

    /** A derivative over the inputs of its program; {@code domain} are programs of conditions, which have to hold for every element. */
    public record TextbookProgram(NamedGraph program, List<NamedGraph> domain) {}

    /**
     * A function in another language that computes value and all derivatives, in the form of {@link #by}. Parameters and gradients are in
     * the order in which the request has the inputs, those that it does not have after them. Throws {@link ProblemException} if the
     * program has an op that has no code in the language, or one value for each sample.
     */
    public String code(Language language) {
        BoundProgram bound = lowered.bound();
        if (bound.samples().keepAxis()) {
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, language.title() + " code computes one value and its gradients, "
                            + "but with 'batch' each of the " + bound.samples().length() + " samples has a value of its own")
                    .at(Place.setting("batch"))
                    .hint("combine the samples with \"reduce\": \"mean\" or \"sum\", or leave out 'batch' and give the shapes of one sample"));
        }
        CodeProgram program = code();
        limits.growth().accept(program.bytes(language));
        try {
            return program.in(language);
        } catch (NoCodeException e) {
            throw new ProblemException(problems(e, language));
        }
    }

    /** Says what was written that has no code, of which a refused op is perhaps only a part. */
    private List<Problem> problems(NoCodeException refused, Language language) {
        List<Problem> problems = new ArrayList<>();
        Set<String> open = new LinkedHashSet<>();
        for (NoCodeException.Refusal refusal : refused.refusals()) {
            String reason = refusal.reason();
            if (reason != null) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE, reason).hint("take another 'format', or leave it out"));
            } else if (refusal.op() != null) {
                open.add(refusal.op());
            }
        }
        NamedGraph program = lowered.bound().program();
        Graph graph = program.graph();
        Set<String> explained = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < graph.size() && !open.isEmpty(); i++) {
            if (!graph.isLeaf(i) && seen.add(graph.op(i).name())) {
                Set<String> parts = new HashSet<>(CodeProgram.parts(graph.op(i), List.of(graph.operandShapes(i))));
                parts.retainAll(open);
                if (!parts.isEmpty()) {
                    problems.add(noCode(graph.op(i).name(), language).node(program.id(i)).position(program.position(i)));
                }
                explained.addAll(parts);
            }
        }
        open.removeAll(explained);
        open.forEach(op -> problems.add(noCode(op, language)));
        return problems;
    }

    private static Problem noCode(String op, Language language) {
        return Problem.of(ProblemCode.INVALID_VALUE, "there is no " + language.title() + " code for '" + op
                + "' and its derivative; the formats expression and latex show it")
                .hint("leave out 'format', or write what the program needs of it by other ops");
    }

    private CodeProgram code() {
        BoundProgram bound = lowered.bound();
        NamedGraph program = bound.program();
        Graph graph = derived.graph();
        List<String> order = order(bound);
        Map<String, Integer> inputs = new LinkedHashMap<>();
        order.forEach(id -> inputs.put(id, -1));
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input(String id, var _) && inputs.containsKey(id)) {
                inputs.put(id, i);
            }
        }
        inputs.values().removeIf(node -> node < 0);
        Map<String, Integer> wrt = new LinkedHashMap<>();
        order.stream().filter(bound.names().wrt()::containsKey).forEach(id -> wrt.put(id, bound.names().wrt().get(id)));
        bound.names().wrt().forEach(wrt::putIfAbsent);
        List<Integer> nodes = new ArrayList<>(List.of(lowered.result(program.output())));
        List<Shape> shapes = new ArrayList<>(List.of(Shape.SCALAR));
        wrt.forEach((name, node) -> {
            boolean isZero = node == ResolvedNames.NO_NODE || derived.isZero(node);
            nodes.add(isZero ? -1 : derived.cotangent(node));
            shapes.add(lowered.shape(name, node));
        });
        Allowance allowance = charged(nodes.stream().mapToInt(node -> node < 0 ? 0 : needed(node)).sum());
        Map<String, Integer> written = written(program);
        written.values().forEach(node -> {
            nodes.add(node);
            shapes.add(graph.shape(node));
        });
        SharedGraph shared = SharedGraph.of(graph, nodes.stream().mapToInt(Integer::intValue).toArray(), shapes, lowered.graph().size(),
                inputs, allowance);
        int next = 1;
        Map<String, Integer> gradients = new LinkedHashMap<>();
        for (String name : wrt.keySet()) {
            gradients.put(name, shared.results()[next++]);
        }
        Map<String, Integer> named = new LinkedHashMap<>();
        for (String name : written.keySet()) {
            named.put(name, shared.results()[next++]);
        }
        return new CodeProgram(shared.graph(), program.outputId(), inputs.keySet().stream().map(shared.inputs()::get).toList(),
                shared.results()[0], gradients, named);
    }

    /** The ids of the inputs: first those that the request has, in its order. */
    private static List<String> order(BoundProgram bound) {
        NamedGraph program = bound.program();
        Set<String> all = new LinkedHashSet<>();
        program.inputs().forEach(input -> all.add(program.id(input)));
        Set<String> order = new LinkedHashSet<>();
        bound.signature().inputs().names().forEach(name -> {
            Integer node = program.find(name);
            if (node != null && all.contains(program.id(node))) {
                order.add(program.id(node));
            }
        });
        order.addAll(all);
        return List.copyOf(order);
    }

    /** Nodes of the derived graph by the names that the program gives them. Each of them is simplified, so large programs lose some. */
    private Map<String, Integer> written(NamedGraph program) {
        Map<String, Integer> written = new LinkedHashMap<>();
        if (program.isNamed(program.output())) {
            written.put(program.id(program.output()), lowered.result(program.output()));
        }
        int seen = 0;
        for (int i = 0; i < program.graph().size() && seen < MOST_NAMED_NODES; i++) {
            if (program.isNamed(i) && !program.graph().isLeaf(i) && !written.containsKey(program.id(i)) && lowered.image(i) >= 0) {
                seen += needed(lowered.image(i));
                written.put(program.id(i), lowered.image(i));
            }
        }
        return written;
    }

    private static NamedGraph named(Graph simple) {
        @Nullable
        String[] names = new String[simple.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = simple.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        return new NamedGraph(simple, simple.size() - 1, names, _ -> null);
    }

    private Graph simplified(int cotangent) {
        Allowance allowance = charged(needed(cotangent));
        return Simplifier.simplify(derived.graph(), cotangent, lowered.graph().size(), allowance);
    }

    private int needed(int cotangent) {
        BitSet result = new BitSet();
        result.set(cotangent);
        return Activity.ancestors(derived.graph(), result).cardinality();
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

    private static Graph zeros(Shape shape, Allowance allowance) {
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int zero = Maths.broadcastTo(builder.literal(0), shape).index();
        return Simplifier.simplify(builder.build(), zero, builder.size(), allowance);
    }
}
