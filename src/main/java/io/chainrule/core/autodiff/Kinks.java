package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Where a derivative was one of several that could be meant. */
public final class Kinks {
    private Kinks() {}

    /**
     * Appends, for each node with kinks whose cotangent is there, a count of the elements that sit on a kink while
     * their cotangent is not zero.
     *
     * @return the count's node by node of {@code graph}
     */
    public static Map<Integer, Integer> counts(Graph graph, GraphBuilder builder, int[] cotangents) {
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            Node mask = cotangents[i] < 0 ? null : graph.op(i).kink(builder.node(i));
            if (mask != null) {
                Node counted = Maths.where(mask, Maths.isNonzero(builder.node(cotangents[i])), Maths.number(builder, 0));
                counts.put(i, Maths.sum(counted, IntStream.range(0, counted.shape().rank()).boxed().toList(), false).index());
            }
        }
        return counts;
    }
}
