package io.chainrule.core;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.Kinks;
import io.chainrule.core.autodiff.ReverseMode;
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
 * The graph of a lowered program with the derivatives that were appended to it. Methods take nodes of the bound program, and answer
 * nodes of {@link #graph()}.
 *
 * @param cotangents by node of the lowered graph; −1 where zero
 * @param contributions by {@link Graph#use} of the lowered graph, what a node adds to the cotangent of its operand; −1 where zero,
 *        empty where nobody asks for it
 * @param tangents by node of the graph that was differentiated last; −1 where zero
 * @param seeds the inputs that hold the cotangents or tangents that calls give, by name
 * @param kinks by node of the lowered graph, the count of its elements that sit on a kink
 */
record DerivedGraph(LoweredProgram lowered, Graph graph, int[] cotangents, int[] contributions, int[] tangents,
        Map<String, Integer> seeds, Map<Integer, Integer> kinks) {
    private static final int NONE = -1;

    /** Without derivatives. */
    static DerivedGraph plain(LoweredProgram lowered) {
        return new DerivedGraph(lowered, lowered.graph(), none(lowered.graph()), new int[0], none(lowered.graph()), Map.of(), Map.of());
    }

    private static int[] none(Graph graph) {
        int[] none = new int[graph.size()];
        Arrays.fill(none, NONE);
        return none;
    }

    /** With the gradient of the output by nodes of the lowered graph; {@code isExplained} where diagnostics will ask for more. */
    static DerivedGraph gradient(LoweredProgram lowered, BitSet wrt, boolean isExplained, BuildLimits limits) {
        int output = lowered.result(lowered.program().output());
        GraphBuilder builder = GraphBuilder.extending(lowered.graph(), limits.derived());
        Node seed = Maths.broadcastTo(builder.literal(1), lowered.graph().shape(output));
        return reverse(lowered, builder, Map.of(), Map.of(output, seed), wrt, isExplained);
    }

    /** With cotangents of nodes, by the names under which calls give them, pulled back to nodes of the lowered graph. */
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
        return new DerivedGraph(lowered, builder.build(), sweep.cotangents(), isExplained ? sweep.contributions() : new int[0],
                none(lowered.graph()), seeds, kinks);
    }

    /** With tangents of every node along directions, which calls give by name for nodes that are moved. */
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
        return new DerivedGraph(lowered, builder.build(), cotangents, contributions, found, all, kinks);
    }

    /** Whether the output does not depend on a node as far as derivatives see. */
    boolean isZero(int node) {
        return cotangent(node) == NONE;
    }

    /** The cotangent of a node; −1 where it is zero. */
    int cotangent(int node) {
        return cotangents[lowered.image(node)];
    }

    /** The cotangents of these nodes that are not zero. */
    BitSet cotangentsOf(Iterable<Integer> nodes) {
        BitSet found = new BitSet();
        for (int node : nodes) {
            if (node != ResolvedNames.NO_NODE && !isZero(node)) {
                found.set(cotangent(node));
            }
        }
        return found;
    }

    /** The cotangents of all nodes that are not zero. */
    BitSet cotangents(int nodes) {
        return cotangentsOf(() -> IntStream.range(0, nodes).iterator());
    }

    /** What nodes add to the cotangents of others, and what that is computed from. */
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

    /** How many samples each seed carries that is given for each of them, by the shapes in which they are given. */
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
