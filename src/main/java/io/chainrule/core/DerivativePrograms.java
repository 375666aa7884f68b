package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.code.CodeProgram;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.SharedGraph;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.simplify.Textbook;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
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

    /** Value and all derivatives in one graph, in the form of {@link #by}, to be written in another language. */
    public CodeProgram code() {
        NamedGraph program = lowered.bound().program();
        Set<String> ids = new HashSet<>();
        program.inputs().forEach(input -> ids.add(program.id(input)));
        Map<String, Integer> inputs = new LinkedHashMap<>();
        Graph graph = derived.graph();
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input(String id, var _) && ids.contains(id)) {
                inputs.put(id, i);
            }
        }
        List<Integer> nodes = new ArrayList<>(List.of(lowered.result(program.output())));
        List<Shape> shapes = new ArrayList<>(List.of(Shape.SCALAR));
        Map<String, Integer> wrt = lowered.bound().names().wrt();
        wrt.forEach((name, node) -> {
            boolean isZero = node == ResolvedNames.NO_NODE || derived.isZero(node);
            nodes.add(isZero ? -1 : derived.cotangent(node));
            shapes.add(lowered.shape(name, node));
        });
        int needed = nodes.stream().mapToInt(node -> node < 0 ? 0 : needed(node)).sum();
        int[] results = nodes.stream().mapToInt(Integer::intValue).toArray();
        SharedGraph shared = SharedGraph.of(graph, results, shapes, lowered.graph().size(), inputs, charged(needed));
        Map<String, Integer> gradients = new LinkedHashMap<>();
        for (String name : wrt.keySet()) {
            gradients.put(name, shared.results()[gradients.size() + 1]);
        }
        return new CodeProgram(shared.graph(), List.copyOf(shared.inputs().values()), shared.results()[0], gradients);
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
