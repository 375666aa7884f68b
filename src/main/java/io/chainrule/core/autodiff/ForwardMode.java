package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Jacobian–vector products: one sweep from the inputs to the results (Wengert 1964; Griewank and Walther 2008, §3.1).
 * Appends the tangents of a graph's nodes to it, so that they can be differentiated again.
 */
public final class ForwardMode {
    private ForwardMode() {}

    /**
     * Appends tangents to {@code builder}, which holds the nodes of {@code graph}, free of composite ops.
     *
     * @param seeds tangents by node, in the node's shape: perturbations added to its value
     * @return the tangent of each node of {@code graph}; −1 where it is zero
     */
    public static int[] tangents(Graph graph, GraphBuilder builder, Map<Integer, Node> seeds) {
        int[] tangents = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            Node tangent = tangent(graph, builder, i, tangents);
            Node seed = seeds.get(i);
            if (seed != null) {
                tangent = tangent == null ? seed : Maths.add(tangent, seed);
            }
            tangents[i] = tangent == null ? -1 : tangent.index();
        }
        return tangents;
    }

    private static @Nullable Node tangent(Graph graph, GraphBuilder builder, int node, int[] tangents) {
        @Nullable
        Node[] ofOperands = new Node[graph.operandCount(node)];
        boolean any = false;
        for (int k = 0; k < ofOperands.length; k++) {
            int tangent = tangents[graph.operand(node, k)];
            if (tangent >= 0) {
                ofOperands[k] = builder.node(tangent);
                any = true;
            }
        }
        Node tangent = any ? graph.op(node).jvp(builder.node(node), ofOperands) : null;
        return tangent == null ? null : Maths.broadcastTo(tangent, graph.shape(node));
    }
}
