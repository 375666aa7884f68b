package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A function and its derivative, side by side in one graph, for comparison at points around a given one. The function is
 * a scalar node (order 1) or its gradient (order 2), of inputs, or of perturbations added to other nodes.
 *
 * @param image where each node of the original stands
 * @param points per node asked for the input that moves it: the node itself, or a perturbation of it, zero for now
 * @param results the function's; −1 for a part that is zero everywhere
 * @param seeds inputs for the tangents of the points; empty at order 1
 * @param derivatives at order 1 the gradient by each point; at order 2 the tangent of each result; −1 where zero
 * @param roundoffs by node of the original, how much its rounding moves the scalar, in units of rounding (Linnainmaa 1976)
 */
public record GradientCheck(Graph graph, int[] image, int[] points, int[] results, int[] seeds, int[] derivatives,
        Map<Integer, Integer> roundoffs) {

    /** Of a graph free of composite ops. */
    public static GradientCheck of(Graph original, int output, List<Integer> wrt, int order, Allowance allowance) {
        int[] image = new int[original.size()];
        int[] points = new int[wrt.size()];
        Graph movable = movable(original, wrt, image, points, allowance);
        int scalar = image[output];
        GraphBuilder builder = GraphBuilder.extending(movable, allowance);
        BitSet all = new BitSet();
        all.set(0, movable.size());
        int[] cotangents = ReverseMode.cotangents(movable, builder, Map.of(scalar, builder.literal(1)), all);
        int[] gradient = IntStream.of(points).map(node -> cotangents[node]).toArray();
        if (order == 1) {
            Map<Integer, Integer> roundoffs = new HashMap<>();
            for (int i = 0; i < original.size(); i++) {
                if (cotangents[image[i]] >= 0 && !movable.isLeaf(image[i])) {
                    Node product = Maths.strong(builder.node(cotangents[image[i]]), builder.node(image[i]));
                    roundoffs.put(i, Maths.sum(Maths.abs(product), axes(product), false).index());
                }
            }
            return new GradientCheck(builder.build(), image, points, new int[]{scalar}, new int[0], gradient, roundoffs);
        }
        Graph primal = builder.build();
        GraphBuilder second = GraphBuilder.extending(primal, allowance);
        Map<Integer, Node> seeded = new HashMap<>();
        int[] seeds = new int[points.length];
        for (int k = 0; k < points.length; k++) {
            Node seed = second.input("seed", movable.shape(points[k]));
            seeds[k] = seed.index();
            seeded.put(points[k], seed);
        }
        int[] tangents = ForwardMode.tangents(primal, second, seeded);
        int[] derivatives = IntStream.of(gradient).map(node -> node < 0 ? -1 : tangents[node]).toArray();
        return new GradientCheck(second.build(), image, points, gradient, seeds, derivatives, Map.of());
    }

    private static List<Integer> axes(Node node) {
        return IntStream.range(0, node.shape().rank()).boxed().toList();
    }

    /** The graph with an input added to each node that is none, by which its value can be moved. */
    private static Graph movable(Graph original, List<Integer> nodes, int[] image, int[] points, Allowance allowance) {
        Map<Integer, Integer> positions = new HashMap<>();
        nodes.forEach(node -> positions.put(node, positions.size()));
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        for (int i = 0; i < original.size(); i++) {
            int[] operands = new int[original.operandCount(i)];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = image[original.operand(i, k)];
            }
            image[i] = switch (original.op(i)) {
                case Leaf.Input input -> builder.input(input.id(), original.shape(i)).index();
                case Leaf.Literal literal -> builder.literalIndex(literal.value());
                default -> builder.add(original.op(i), operands);
            };
            Integer point = positions.get(i);
            if (point != null && original.op(i) instanceof Leaf.Input) {
                points[point] = image[i];
            } else if (point != null) {
                points[point] = builder.input("perturbation", original.shape(i)).index();
                image[i] = Maths.add(builder.node(image[i]), builder.node(points[point])).index();
            }
        }
        return builder.build();
    }
}
