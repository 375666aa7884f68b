package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;

/**
 * Maps a graph over a leading axis of some of its inputs, as JAX's vmap: each op becomes one op on batches, so that
 * the number of ops does not depend on the number of samples. What depends on no batched input stays as it was.
 *
 * @param graph with the needed nodes of the original
 * @param image where each of them stands; −1 for those that are not needed
 * @param batched the nodes of the original whose image has the axis
 */
public record Batching(Graph graph, int[] image, BitSet batched) {

    /** Maps what {@code results} need of a graph free of composite ops over an axis of length {@code n} of the given inputs. */
    public static Batching of(Graph graph, BitSet results, BitSet inputs, int n, int maxNodes) {
        BitSet needed = Activity.ancestors(graph, results);
        BitSet batched = Activity.dependents(graph, graph.size(), inputs);
        GraphBuilder builder = GraphBuilder.withShapes(maxNodes);
        int[] image = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            image[i] = needed.get(i) ? append(graph, i, builder, image, batched, n) : -1;
        }
        return new Batching(builder.build(), image, batched);
    }

    private static int append(Graph graph, int node, GraphBuilder builder, int[] image, BitSet batched, int n) {
        if (graph.op(node) instanceof Leaf leaf) {
            return switch (leaf) {
                case Leaf.Input input -> {
                    Shape shape = graph.shape(node);
                    yield builder.input(input.id(), batched.get(node) ? Shape.of(n).concat(shape) : shape).index();
                }
                case Leaf.Constant constant -> builder.constant(constant.value()).index();
                case Leaf.Literal literal -> builder.literalIndex(literal.value());
            };
        }
        Node[] operands = new Node[graph.operandCount(node)];
        boolean[] marks = new boolean[operands.length];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = builder.node(image[graph.operand(node, k)]);
            marks[k] = batched.get(graph.operand(node, k));
        }
        return batched.get(node) ? graph.op(node).batch(operands, marks, n).index() : builder.add(graph.op(node), operands).index();
    }
}
