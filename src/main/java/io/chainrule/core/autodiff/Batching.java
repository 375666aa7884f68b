package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Maps a graph over a leading axis of some of its inputs, like JAX's vmap: each op becomes one op on batches, so that the number of ops
 * does not depend on the number of samples. Nodes that do not depend on a batched input are not changed. A batch that is known to be
 * {@link OneHot} stays so, without its zeros, as far as ops can tell what becomes of it.
 *
 * @param graph the mapped graph, with the nodes of the original that are needed, in their order
 * @param image the new number of each node of the original; −1 for those that are not needed. Inputs that are one-hot became an input for
 *        the positions
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
        return of(graph, results, inputs, Map.of(), allowance);
    }

    /**
     * Maps the same part where some inputs are one-hot.
     *
     * @param oneHot for each such input an axis: its batch consists of arrays that are 1 at one index along this axis and 0 elsewhere
     */
    public static Batching of(Graph graph, BitSet results, Map<Integer, Integer> inputs, Map<Integer, OneHot.Axis> oneHot,
            Allowance allowance) {
        Mapping mapping = new Mapping(graph, inputs, oneHot, GraphBuilder.withShapes(allowance));
        BitSet needed = Activity.ancestors(graph, results);
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            mapping.visit(i);
            if (results.get(i)) {
                mapping.image[i] = mapping.arrays(i);
            }
        }
        return new Batching(mapping.builder.build(), mapping.image, mapping.lengths);
    }

    /** The state of one mapping: the nodes that are mapped so far, and which of them are one-hot. */
    private static final class Mapping {
        private final Graph graph;
        private final Map<Integer, Integer> inputs;
        private final Map<Integer, OneHot.Axis> oneHot;
        private final GraphBuilder builder;
        private final int[] image;
        private final int[] lengths;
        private final @Nullable OneHot[] hots;
        /** The arrays of one-hot nodes, once an op has needed them. */
        private final int[] arrays;

        Mapping(Graph graph, Map<Integer, Integer> inputs, Map<Integer, OneHot.Axis> oneHot, GraphBuilder builder) {
            this.graph = graph;
            this.inputs = inputs;
            this.oneHot = oneHot;
            this.builder = builder;
            image = new int[graph.size()];
            Arrays.fill(image, -1);
            lengths = new int[graph.size()];
            Arrays.fill(lengths, NONE);
            hots = new OneHot[oneHot.isEmpty() ? 0 : graph.size()];
            arrays = new int[hots.length];
            Arrays.fill(arrays, -1);
        }

        void visit(int node) {
            image[node] = graph.op(node) instanceof Leaf leaf ? leaf(node, leaf) : op(node);
        }

        private int leaf(int node, Leaf leaf) {
            return switch (leaf) {
                case Leaf.Input input -> input(node, input.id());
                case Leaf.Constant constant -> builder.constant(constant.value()).index();
                case Leaf.Literal literal -> builder.literalIndex(literal.value());
            };
        }

        private int input(int node, String id) {
            Integer n = inputs.get(node);
            Shape shape = graph.shape(node);
            if (n == null) {
                return builder.input(id, shape).index();
            }
            lengths[node] = n;
            OneHot.Axis axis = oneHot.get(node);
            if (axis == null) {
                return builder.input(id, Shape.of(n).concat(shape)).index();
            }
            Node positions = builder.input(id, Shape.of(n));
            hots[node] = new OneHot(Maths.broadcastTo(builder.literal(1), shape), positions, axis);
            return positions.index();
        }

        private int op(int node) {
            int operands = graph.operandCount(node);
            boolean[] batched = new boolean[operands];
            boolean anyHot = false;
            for (int k = 0; k < operands; k++) {
                int operand = graph.operand(node, k);
                batched[k] = lengths[operand] != NONE;
                anyHot |= hot(operand) != null;
                lengths[node] = Math.max(lengths[node], lengths[operand]);
            }
            Node structured = anyHot ? structured(node, batched) : null;
            if (structured != null) {
                return structured.index();
            }
            Node[] all = new Node[operands];
            for (int k = 0; k < operands; k++) {
                all[k] = builder.node(arrays(graph.operand(node, k)));
            }
            Node result = lengths[node] != NONE
                    ? graph.op(node).batch(all, batched, lengths[node])
                    : builder.add(graph.op(node), all);
            return result.index();
        }

        private @Nullable OneHot hot(int node) {
            return hots.length == 0 ? null : hots[node];
        }

        /** Batches an op that has a one-hot operand, without its zeros. Returns null if the op needs the zeros. */
        private @Nullable Node structured(int node, boolean[] batched) {
            Node[] operands = new Node[batched.length];
            boolean[] isHot = new boolean[batched.length];
            OneHot common = null;
            int last = -1;
            int count = 0;
            for (int k = 0; k < batched.length; k++) {
                int operand = graph.operand(node, k);
                OneHot hot = hot(operand);
                operands[k] = hot == null ? builder.node(image[operand]) : hot.values();
                isHot[k] = hot != null;
                boolean isOther = common != null && hot != null
                        && (!common.positions().equals(hot.positions()) || !common.axis().equals(hot.axis()));
                if (batched[k] && hot == null || isOther) {
                    return null;
                }
                common = hot == null ? common : hot;
                last = hot == null ? last : k;
                count += hot == null ? 0 : 1;
            }
            OneHot hot = Objects.requireNonNull(common);
            Node values = graph.op(node).onOneHot(operands, isHot);
            if (values != null) {
                hots[node] = new OneHot(values, hot.positions(), hot.axis());
                return values;
            }
            return count == 1 ? graph.op(node).batchOneHot(operands, last, hot) : null;
        }

        /** The image of a node with all its zeros. */
        int arrays(int node) {
            OneHot hot = hot(node);
            if (hot == null) {
                return image[node];
            }
            if (arrays[node] < 0) {
                arrays[node] = Maths.arrays(hot).index();
            }
            return arrays[node];
        }
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
