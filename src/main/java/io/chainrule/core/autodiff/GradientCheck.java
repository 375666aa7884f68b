package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A function and its derivative in one graph, for comparison at points around a given one. The function is
 * a scalar node (order 1) or its gradient (order 2), of inputs.
 *
 * @param points the inputs
 * @param results the function's; −1 for a part that is zero everywhere
 * @param seeds inputs for the tangents of the points; empty at order 1
 * @param derivatives at order 1 the gradient by each point; at order 2 the tangent of each result; −1 where zero
 * @param roundoffs by node of the original, the effect of its rounding on the scalar, in units of rounding (Linnainmaa 1976)
 */
public record GradientCheck(Graph graph, int[] points, int[] results, int[] seeds, int[] derivatives,
        Map<Integer, Integer> roundoffs) {

    /** Of a graph free of composite ops, whose nodes keep their numbers. */
    public static GradientCheck of(Graph original, int scalar, List<Integer> wrt, int order, Allowance allowance) {
        int[] points = wrt.stream().mapToInt(Integer::intValue).toArray();
        GraphBuilder builder = GraphBuilder.extending(original, allowance);
        BitSet all = new BitSet();
        all.set(0, original.size());
        int[] cotangents = ReverseMode.cotangents(original, builder, Map.of(scalar, builder.literal(1)), all);
        int[] gradient = IntStream.of(points).map(node -> cotangents[node]).toArray();
        Map<Integer, Integer> roundoffs = new HashMap<>();
        for (int i = 0; i < original.size(); i++) {
            if (cotangents[i] >= 0 && !original.isLeaf(i)) {
                Node product = Maths.strong(builder.node(cotangents[i]), builder.node(i));
                roundoffs.put(i, Maths.sum(Maths.abs(product), axes(product), false).index());
            }
        }
        if (order == 1) {
            return new GradientCheck(builder.build(), points, new int[]{scalar}, new int[0], gradient, roundoffs);
        }
        Graph primal = builder.build();
        GraphBuilder second = GraphBuilder.extending(primal, allowance);
        Map<Integer, Node> seeded = new HashMap<>();
        int[] seeds = new int[points.length];
        for (int k = 0; k < points.length; k++) {
            Node seed = second.input("seed", original.shape(points[k]));
            seeds[k] = seed.index();
            seeded.put(points[k], seed);
        }
        int[] tangents = ForwardMode.tangents(primal, second, seeded);
        int[] derivatives = IntStream.of(gradient).map(node -> node < 0 ? -1 : tangents[node]).toArray();
        return new GradientCheck(second.build(), points, gradient, seeds, derivatives, roundoffs);
    }

    private static List<Integer> axes(Node node) {
        return IntStream.range(0, node.shape().rank()).boxed().toList();
    }
}
