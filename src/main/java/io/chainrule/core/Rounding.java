package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How far rounding may have moved the value of a program, to first order (Linnainmaa 1976); NaN if that is unknown.
 *
 * @param worst the node of the program whose rounding contributes most; −1 if that is unknown
 * @param name the name of that node, in quotes, followed by its op
 */
record Rounding(double ofValue, int worst, String name) {
    private static final double UNIT_ROUNDOFF = 0x1p-53;

    /**
     * Appends, for each node that has a cotangent, a node that computes how far relative errors in its value move the output.
     *
     * @return the appended nodes, by the node of {@code graph} they belong to
     */
    static Map<Integer, Integer> sensitivities(Graph graph, GraphBuilder builder, int[] cotangents) {
        Map<Integer, Integer> found = new HashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            if (cotangents[i] >= 0 && !graph.isLeaf(i)) {
                Node product = Maths.strong(builder.node(cotangents[i]), builder.node(i));
                List<Integer> axes = IntStream.range(0, product.shape().rank()).boxed().toList();
                found.put(i, Maths.sum(Maths.abs(product), axes, false).index());
            }
        }
        return found;
    }

    /**
     * Estimates the rounding in a run; {@code sensitivities} are the nodes that {@link #sensitivities} appended, by node of the lowered
     * graph.
     */
    static Rounding of(LoweredProgram lowered, Map<Integer, Integer> sensitivities, PlannedGraph.Run run) {
        double sum = sensitivities.isEmpty() ? Double.NaN : 0;
        double largest = 0;
        int worst = -1;
        for (Map.Entry<Integer, Integer> entry : sensitivities.entrySet()) {
            double moved = UNIT_ROUNDOFF * run.value(entry.getValue()).item();
            sum += Double.isFinite(moved) ? moved : 0;
            if (moved > largest) {
                largest = moved;
                worst = lowered.origin(entry.getKey());
            }
        }
        return new Rounding(sum, worst,
                worst < 0 ? "" : "'" + lowered.program().id(worst) + "' (" + lowered.program().graph().op(worst).name() + ")");
    }
}
