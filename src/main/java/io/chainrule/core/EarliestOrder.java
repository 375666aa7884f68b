package io.chainrule.core;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import java.util.stream.IntStream;

/**
 * A graph in another topological order, in which the nodes from a certain one on are moved as far forward as their operands allow. Tangents
 * are then computed right after their values, so that the buffers of these values can be reused earlier.
 *
 * @param place the new number of each node of the original
 */
record EarliestOrder(Graph graph, int[] place) {

    static EarliestOrder of(Graph graph, int from, Allowance allowance) {
        int[] after = new int[graph.size()];
        for (int i = 0; i < after.length; i++) {
            after[i] = i < from ? i : -1;
            for (int k = 0; i >= from && k < graph.operandCount(i); k++) {
                after[i] = Math.max(after[i], after[graph.operand(i, k)]);
            }
        }
        int[] order = IntStream.range(0, after.length).boxed().sorted((a, b) -> Integer.compare(after[a], after[b]))
                .mapToInt(Integer::intValue).toArray();
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int[] place = new int[order.length];
        for (int node : order) {
            place[node] = builder.copy(graph, node, place);
        }
        return new EarliestOrder(builder.build(), place);
    }
}
