package io.chainrule.service;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph with the tangents of its nodes along given directions.
 *
 * @param nodes per node of the graph that was differentiated its tangent; −1 where it is zero
 * @param seeds values of the nodes that hold the directions
 */
record Tangents(Graph graph, int[] nodes, Map<Integer, Tensor> seeds) {

    /** {@code primal} is the bench's graph or extends it; {@code directions} are given by node of the program. */
    static Tangents of(Workbench bench, Graph primal, Map<Integer, Tensor> directions) {
        GraphBuilder builder = GraphBuilder.extending(primal, bench.allowance());
        Map<Integer, Node> seeded = new LinkedHashMap<>();
        Map<Integer, Tensor> seeds = new HashMap<>();
        directions.forEach((node, value) -> {
            Node seed = builder.input("tangent", primal.shape(bench.point(node)));
            seeded.put(bench.point(node), seed);
            seeds.put(seed.index(), value);
        });
        int[] nodes = Runs.derive(() -> ForwardMode.tangents(primal, builder, seeded));
        return new Tangents(builder.build(), nodes, seeds);
    }
}
