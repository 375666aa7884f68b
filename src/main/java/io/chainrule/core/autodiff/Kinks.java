package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Counts the elements at which a function has no single derivative, so that a convention chose one. */
public final class Kinks {
    private Kinks() {}

    /**
     * Appends, for each node whose op has kinks and that has a cotangent, a count of the elements that sit on a kink and whose
     * cotangent is not zero.
     *
     * @return the nodes of the counts, by node of {@code graph}
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
