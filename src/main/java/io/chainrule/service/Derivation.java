package io.chainrule.service;

import io.chainrule.core.autodiff.Kinks;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** A program's graph with the cotangents of its nodes and the counts of kinks. */
final class Derivation {
    private final Workbench bench;
    private final GraphBuilder builder;
    private Graph graph;
    private final int[] cotangents;
    private final Map<Integer, Integer> seeds = new HashMap<>();
    private Map<Integer, Integer> kinks = Map.of();

    private Derivation(Workbench bench, Collection<Integer> seeded, BitSet wrt, BiFunction<GraphBuilder, Integer, Node> seedOf) {
        this.bench = bench;
        builder = GraphBuilder.extending(bench.graph(), bench.allowance());
        Map<Integer, Node> byImage = new LinkedHashMap<>();
        for (int node : seeded) {
            Node seed = seedOf.apply(builder, node);
            seeds.put(node, seed.index());
            byImage.merge(bench.result(node), seed, Maths::add);
        }
        cotangents = ReverseMode.cotangents(bench.graph(), builder, byImage, wrt);
        graph = builder.build();
    }

    /** With an input for the cotangent of each seeded node; {@code wrt} are nodes of the bench's graph. */
    static Derivation of(Workbench bench, Collection<Integer> seeded, BitSet wrt) {
        return Runs.derive(() -> new Derivation(bench, seeded, wrt,
                (builder, node) -> builder.input("cotangent", bench.graph().shape(bench.result(node)))));
    }

    /** With a cotangent of ones on the output. */
    static Derivation ofOnes(Workbench bench, int output, BitSet wrt) {
        return Runs.derive(() -> new Derivation(bench, List.of(output), wrt,
                (builder, node) -> Maths.broadcastTo(builder.literal(1), bench.graph().shape(bench.result(node)))));
    }

    /** With counts of the elements that sit on a kink, for who wants to tell of them. */
    Derivation countingKinks() {
        kinks = Runs.derive(() -> Kinks.counts(bench.graph(), builder, cotangents));
        graph = builder.build();
        return this;
    }

    Graph graph() {
        return graph;
    }

    /** Whether the output does not depend on the node as far as derivatives see. */
    boolean isZero(int node) {
        return cotangents[bench.image(node)] < 0;
    }

    /** The cotangents of these nodes that are not zero, as nodes of {@link #graph()}. */
    BitSet cotangentsOf(Iterable<Integer> nodes) {
        BitSet found = new BitSet();
        for (int node : nodes) {
            if (node != Workbench.NO_NODE && !isZero(node)) {
                found.set(cotangents[bench.image(node)]);
            }
        }
        return found;
    }

    /** The node of {@link #graph()} that holds a cotangent which is not zero. */
    int cotangentNode(int node) {
        return cotangents[bench.image(node)];
    }

    Tensor cotangent(int node, Run run) {
        return isZero(node)
                ? Tensor.zeros(bench.answered(bench.graph().shape(bench.image(node))))
                : run.value(cotangents[bench.image(node)]);
    }

    /** The node nearest to the output that has this cotangent. */
    int origin(int cotangent) {
        int node = bench.program().graph().size() - 1;
        while (cotangents[bench.image(node)] != cotangent) {
            node--;
        }
        return node;
    }

    /** Values of seeds by node of the program, as values of the nodes that hold them in {@link #graph()}. */
    Map<Integer, Tensor> seedValues(Map<Integer, Tensor> byNode) {
        Map<Integer, Tensor> values = new HashMap<>();
        byNode.forEach((node, value) -> values.put(seeds.get(node), value));
        return values;
    }

    /** The nodes of {@link #graph()} that count elements on kinks. */
    Collection<Integer> kinks() {
        return kinks.values();
    }

    /** How many elements sit on a kink, by node of the bench's graph. */
    Map<Integer, Long> kinkCounts(Run run) {
        Map<Integer, Long> counts = new HashMap<>();
        kinks.forEach((node, count) -> counts.put(node, (long) Arrays.stream(run.value(count).data()).sum()));
        return counts;
    }
}
