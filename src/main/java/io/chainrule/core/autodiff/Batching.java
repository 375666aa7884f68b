package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Maps a graph over a leading axis of some of its inputs, like JAX's vmap: each op becomes one op on batches, so that the number of ops
 * does not depend on the number of samples. Nodes that do not depend on a batched input are not changed.
 *
 * @param graph the mapped graph, with the nodes of the original that are needed, in their order
 * @param image the new number of each node of the original; −1 for those that are not needed
 * @param lengths the length of the leading axis of each node of the original; {@link #NONE} for nodes without that axis
 */
public record Batching(Graph graph, int[] image, int[] lengths) {
    public static final int NONE = -1;

    /**
     * Maps the part of a graph without composite ops that {@code results} need.
     *
     * @param inputs the length of the leading axis by input; inputs of different lengths must not meet in one node
     */
    public static Batching of(Graph graph, BitSet results, Map<Integer, Integer> inputs, Allowance allowance) {
        BitSet needed = Activity.ancestors(graph, results);
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int[] image = new int[graph.size()];
        int[] lengths = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            lengths[i] = NONE;
            image[i] = !needed.get(i)
                    ? -1
                    : graph.op(i) instanceof Leaf leaf
                            ? leaf(graph, i, leaf, inputs, lengths, builder)
                            : op(graph, i, builder, image, lengths);
        }
        return new Batching(builder.build(), image, lengths);
    }

    private static int leaf(Graph graph, int node, Leaf leaf, Map<Integer, Integer> inputs, int[] lengths, GraphBuilder builder) {
        return switch (leaf) {
            case Leaf.Input input -> {
                Integer n = inputs.get(node);
                lengths[node] = n == null ? NONE : n;
                Shape shape = graph.shape(node);
                yield builder.input(input.id(), n == null ? shape : Shape.of(n).concat(shape)).index();
            }
            case Leaf.Constant constant -> builder.constant(constant.value()).index();
            case Leaf.Literal literal -> builder.literalIndex(literal.value());
        };
    }

    private static int op(Graph graph, int node, GraphBuilder builder, int[] image, int[] lengths) {
        Node[] operands = new Node[graph.operandCount(node)];
        boolean[] batched = new boolean[operands.length];
        for (int k = 0; k < operands.length; k++) {
            int operand = graph.operand(node, k);
            operands[k] = builder.node(image[operand]);
            batched[k] = lengths[operand] != NONE;
            lengths[node] = Math.max(lengths[node], lengths[operand]);
        }
        Node result = lengths[node] != NONE
                ? graph.op(node).batch(operands, batched, lengths[node])
                : builder.add(graph.op(node), operands);
        return result.index();
    }

    /** Whether a node of the original has the leading axis. */
    public boolean isBatched(int node) {
        return lengths[node] != NONE;
    }

    /** The node of the original that a node of the mapped graph belongs to; −1 where there is none. */
    public int original(int node) {
        return original(image, node);
    }

    /** Finds the node of the original by its image. Mapping may turn an op into several nodes, of which the last is the image. */
    public static int original(int[] image, int node) {
        return IntStream.range(0, image.length).filter(i -> image[i] >= node).boxed().min(Comparator.comparingInt(i -> image[i]))
                .orElse(-1);
    }
}
