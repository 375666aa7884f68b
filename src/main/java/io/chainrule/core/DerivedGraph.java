package io.chainrule.core;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.Kinks;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.execution.Checks;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The graph of a lowered program with its derivatives appended. Methods take nodes of the bound program and return nodes of {@link
 * #graph()}.
 *
 * @param cotangents the cotangent of each node of the lowered graph; −1 where it is zero
 * @param contributions for each {@link Graph#use} of the lowered graph, what the reading node adds to the cotangent of its operand; −1
 *        where that is zero; empty if they are not needed
 * @param order when each contribution is added; empty if contributions are
 * @param tangents the tangent of each node of the graph that was differentiated forward; −1 where it is zero; empty if none was
 * @param seeds the inputs that hold the cotangents or tangents that each call supplies, by name
 * @param kinks for each node of the lowered graph that has kinks, the node that counts its elements on a kink
 */
record DerivedGraph(LoweredProgram lowered, Graph graph, int[] cotangents, int[] contributions, int[] order, int[] tangents,
        Map<String, Integer> seeds, Map<Integer, Integer> kinks) {
    private static final int NONE = -1;

    /** The lowered graph without derivatives. */
    static DerivedGraph plain(LoweredProgram lowered) {
        return new DerivedGraph(lowered, lowered.graph(), none(lowered.graph()), new int[0], new int[0], new int[0], Map.of(),
                Map.of());
    }

    private static int[] none(Graph graph) {
        int[] none = new int[graph.size()];
        Arrays.fill(none, NONE);
        return none;
    }

    /**
     * Appends the gradient of the output by nodes of the lowered graph. With {@code isExplained}, contributions and kinks are kept for
     * diagnostics.
     */
    static DerivedGraph gradient(LoweredProgram lowered, BitSet wrt, boolean isExplained, BuildLimits limits) {
        int output = lowered.result(lowered.program().output());
        GraphBuilder builder = GraphBuilder.extending(lowered.graph(), limits.derived());
        Node seed = Maths.broadcastTo(builder.literal(1), lowered.graph().shape(output));
        return reverse(lowered, builder, Map.of(), Map.of(output, seed), wrt, isExplained);
    }

    /** Appends the pullback, to nodes of the lowered graph, of cotangents that each call supplies by name. */
    static DerivedGraph reverse(LoweredProgram lowered, Map<String, Integer> seeded, BitSet wrt, boolean isExplained, BuildLimits limits) {
        GraphBuilder builder = GraphBuilder.extending(lowered.graph(), limits.derived());
        Map<String, Integer> seeds = new LinkedHashMap<>();
        Map<Integer, Node> byResult = new LinkedHashMap<>();
        seeded.forEach((name, node) -> {
            Node seed = builder.input("cotangent", lowered.graph().shape(lowered.result(node)));
            seeds.put(name, seed.index());
            byResult.merge(lowered.result(node), seed, Maths::add);
        });
        return reverse(lowered, builder, seeds, byResult, wrt, isExplained);
    }

    private static DerivedGraph reverse(LoweredProgram lowered, GraphBuilder builder, Map<String, Integer> seeds,
            Map<Integer, Node> byResult, BitSet wrt, boolean isExplained) {
        ReverseMode.Sweep sweep = ReverseMode.sweep(lowered.graph(), builder, byResult, wrt);
        Map<Integer, Integer> kinks = isExplained ? Kinks.counts(lowered.graph(), builder, sweep.cotangents()) : Map.of();
        return new DerivedGraph(lowered, builder.build().trimmed(), sweep.cotangents(), isExplained ? sweep.contributions() : new int[0],
                isExplained ? sweep.order() : new int[0],
                new int[0], seeds, kinks);
    }

    /** Appends the tangents of all nodes along directions that each call supplies by name. */
    DerivedGraph forward(Map<String, Integer> seeded, BuildLimits limits) {
        GraphBuilder builder = GraphBuilder.extending(graph, limits.derived());
        Map<String, Integer> all = new LinkedHashMap<>(seeds);
        Map<Integer, Node> byPoint = new LinkedHashMap<>();
        seeded.forEach((name, node) -> {
            Node seed = builder.input("tangent", graph.shape(lowered.point(node)));
            all.put(name, seed.index());
            byPoint.merge(lowered.point(node), seed, Maths::add);
        });
        int[] found = ForwardMode.tangents(graph, builder, byPoint);
        return new DerivedGraph(lowered, builder.build().trimmed(), cotangents, contributions, order, found, all, kinks);
    }

    /** Whether the cotangent of a node is zero whatever the inputs are. */
    boolean isZero(int node) {
        return cotangent(node) == NONE;
    }

    /** The cotangent of a node; −1 where it is zero. */
    int cotangent(int node) {
        return cotangents[lowered.image(node)];
    }

    /** The cotangents of these nodes, without those that are zero. */
    BitSet cotangentsOf(Iterable<Integer> nodes) {
        BitSet found = new BitSet();
        for (int node : nodes) {
            if (node != ResolvedNames.NO_NODE && !isZero(node)) {
                found.set(cotangent(node));
            }
        }
        return found;
    }

    /** The result of the output, and its cotangents by the names to differentiate by. */
    BitSet answered() {
        BitSet found = cotangentsOf(lowered.bound().names().wrt().values());
        found.set(lowered.result(lowered.program().output()));
        return found;
    }

    /** The cotangents of the first {@code nodes} nodes, without those that are zero. */
    BitSet cotangents(int nodes) {
        return cotangentsOf(() -> IntStream.range(0, nodes).iterator());
    }

    /** The contributions to cotangents, and the nodes that the derivatives are computed from. */
    BitSet contributed() {
        BitSet found = new BitSet();
        found.set(lowered.graph().size(), graph.size());
        for (int i = lowered.graph().size(); i < graph.size(); i++) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                found.set(graph.operand(i, k));
            }
        }
        IntStream.of(contributions).filter(node -> node != NONE).forEach(found::set);
        return found;
    }

    /** Adds to the results what diagnostics read after a run, and returns what they need to be checked while it goes. */
    Checks explained(Suspects suspects, BitSet results) {
        kinks.values().forEach(results::set);
        results.or(WrittenOps.kept(this));
        results.or(suspects.kept(this));
        BitSet all = cotangents(lowered.program().graph().size());
        BitSet finite = lowered.images();
        finite.or(all);
        BitSet zeros = contributed();
        zeros.or(all);
        return new Checks(finite, zeros);
    }

    /** The tangent of a node's result; −1 where it is zero. */
    int tangent(int node) {
        return tangents[lowered.result(node)];
    }

    /** The tangent of a node's cotangent; −1 where it is zero. */
    int tangentOfCotangent(int node) {
        return isZero(node) ? NONE : tangents[cotangent(node)];
    }

    /** The node nearest to the output that has this cotangent. */
    int origin(int cotangent) {
        int node = lowered.program().graph().size() - 1;
        while (cotangent(node) != cotangent) {
            node--;
        }
        return node;
    }

    /**
     * The number of samples by input of {@link #graph()}, for inputs that carry samples and for seeds that are given for each sample, as
     * their shapes show.
     */
    Map<Integer, Integer> lengths(Shapes given) {
        Map<Integer, Integer> lengths = new HashMap<>(lowered.sampleLengths());
        given.toMap().forEach((name, shape) -> {
            Integer seed = seeds.get(name);
            if (seed != null && !shape.equals(graph.shape(seed))) {
                lengths.put(seed, lowered.bound().samples().length());
            }
        });
        return lengths;
    }
}
