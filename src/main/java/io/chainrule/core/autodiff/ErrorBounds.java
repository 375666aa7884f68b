package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph with bounds on the rounding errors of some of its nodes: one sweep from the leaves to them, in which each op bounds the error of
 * its value by those of its operands (Wilkinson 1963; Higham 2002, §3.3). Inputs are exact.
 *
 * @param graph the graph with the bounds appended
 * @param bounds the node of the bound by the node that it belongs to, without those that are exact
 * @param unknown the nodes whose ops cannot bound their errors
 */
public record ErrorBounds(Graph graph, Map<Integer, Integer> bounds, BitSet unknown) {
    private static final int EXACT = -1;

    /** Appends bounds for {@code wanted} nodes of a graph without composite ops. */
    public static ErrorBounds of(Graph graph, BitSet wanted, Allowance allowance) {
        GraphBuilder builder = GraphBuilder.extending(graph, allowance);
        BitSet needed = Activity.ancestors(graph, wanted);
        BitSet unknown = new BitSet();
        int[] errors = new int[graph.size()];
        Arrays.fill(errors, EXACT);
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            Node error = graph.shape(i).size() == 0 ? null : error(graph, builder, i, errors);
            if (error != null) {
                unknown.set(i, error.isLiteral(Double.POSITIVE_INFINITY));
                errors[i] = Maths.broadcastTo(error, graph.shape(i)).index();
            }
        }
        Map<Integer, Integer> bounds = new HashMap<>();
        wanted.stream().filter(node -> errors[node] != EXACT).forEach(node -> bounds.put(node, errors[node]));
        return new ErrorBounds(builder.build(), bounds, unknown);
    }

    private static @Nullable Node error(Graph graph, GraphBuilder builder, int node, int[] errors) {
        @Nullable
        Node[] ofOperands = new Node[graph.operandCount(node)];
        for (int k = 0; k < ofOperands.length; k++) {
            int error = errors[graph.operand(node, k)];
            ofOperands[k] = error == EXACT ? null : builder.node(error);
        }
        return graph.op(node).error(builder.node(node), ofOperands);
    }
}
