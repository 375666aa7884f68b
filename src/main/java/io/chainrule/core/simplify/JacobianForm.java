package io.chainrule.core.simplify;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Jacobian of an array in closed form, in numerator layout: its shape is that of the array, followed by that of what it is
 * differentiated by. It is read off the tangent, a linear function whose factors are matrices (Magnus and Neudecker 1999, chapter 9):
 * of {@code tanh(W x)} the tangent is {@code (1 - tanh(W x)²) ∘ (W ẋ)}, the Jacobian {@code diag(1 - tanh(W x)²) W}.
 */
public final class JacobianForm {
    /** No program has an input of this name. */
    private static final String TANGENT = "\0tangent";

    private final Graph tangents;
    private final Node[] image;
    private final BitSet path;
    private final int seed;

    private JacobianForm(Graph tangents, Node[] image, BitSet path, int seed) {
        this.tangents = tangents;
        this.image = image;
        this.path = path;
        this.seed = seed;
    }

    /**
     * Appends the Jacobian of a node by another one to a builder.
     *
     * @param graph without composite ops
     * @param builder holds the nodes of the graph
     * @return null if the Jacobian is zero
     */
    public static @Nullable Node of(Graph graph, GraphBuilder builder, int result, int by, Allowance allowance) {
        Shape shape = graph.shape(by);
        GraphBuilder forward = GraphBuilder.extending(graph, allowance);
        Node seed = shape.isScalar() ? forward.literal(1) : forward.input(TANGENT, shape);
        int tangent = ForwardMode.tangents(graph, forward, Map.of(by, seed))[result];
        if (tangent < 0) {
            return null;
        }
        Graph simple = Simplifier.shared(forward.build(), tangent, graph.size(), allowance);
        BitSet path = path(simple);
        if (path.stream().anyMatch(node -> simple.op(node).isComposite())) {
            return read(Gates.expand(simple, allowance).graph(), graph, builder, shape);
        }
        return read(simple, graph, builder, shape);
    }

    private static @Nullable Node read(Graph simple, Graph graph, GraphBuilder builder, Shape shape) {
        Node[] image = copied(simple, graph, builder);
        int last = simple.size() - 1;
        if (shape.isScalar()) {
            return image[last];
        }
        BitSet path = path(simple);
        return path.get(last) ? new JacobianForm(simple, image, path, path.nextSetBit(0)).jacobian(last) : null;
    }

    /** The nodes between the tangent that is given and the one that is read. */
    private static BitSet path(Graph simple) {
        BitSet seeds = new BitSet();
        for (int i = 0; i < simple.size(); i++) {
            seeds.set(i, simple.op(i) instanceof Leaf.Input(String id, var _) && id.equals(TANGENT));
        }
        BitSet path = Activity.dependents(simple, simple.size(), seeds);
        BitSet results = new BitSet();
        results.set(simple.size() - 1);
        path.and(Activity.ancestors(simple, results));
        return path;
    }

    /** Copies a graph behind the nodes of another one, whose inputs it reads. */
    private static Node[] copied(Graph simple, Graph graph, GraphBuilder builder) {
        Map<String, Integer> inputs = new HashMap<>();
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input(String id, var _)) {
                inputs.put(id, i);
            }
        }
        Node[] image = new Node[simple.size()];
        for (int i = 0; i < image.length; i++) {
            Integer input = simple.op(i) instanceof Leaf.Input(String id, var _) ? inputs.get(id) : null;
            Node[] operands = new Node[simple.operandCount(i)];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = image[simple.operand(i, k)];
            }
            image[i] = input != null
                    ? builder.node(input)
                    : simple.op(i) instanceof Leaf.Literal(double value)
                            ? builder.literal(value)
                            : simple.op(i) instanceof Leaf.Input(String id, var _)
                                    ? builder.input(id, simple.shape(i))
                                    : builder.add(simple.op(i), operands);
        }
        return image;
    }

    /** The product of the Jacobians between products of matrices with vectors that every path passes. */
    private Node jacobian(int result) {
        List<Integer> waypoints = new ArrayList<>(List.of(seed));
        int[] lastReader = lastReaders();
        int furthest = seed;
        for (int node = seed; tangents.shape(seed).rank() == 1 && node < result; node = path.nextSetBit(node + 1)) {
            if (node != seed && furthest <= node && tangents.shape(node).rank() == 1 && tangents.op(node).name().equals("matmul")) {
                waypoints.add(node);
            }
            furthest = Math.max(furthest, lastReader[node]);
        }
        waypoints.add(result);
        int last = waypoints.size() - 1;
        Node product = LinearMap.of(tangents, image, path, waypoints.get(last - 1), waypoints.get(last));
        for (int k = last - 1; k > 0; k--) {
            product = LinearMap.call("matmul", product, LinearMap.of(tangents, image, path, waypoints.get(k - 1), waypoints.get(k)));
        }
        return product;
    }

    private int[] lastReaders() {
        int[] last = new int[tangents.size()];
        for (int reader = path.nextSetBit(0); reader >= 0; reader = path.nextSetBit(reader + 1)) {
            for (int k = 0; k < tangents.operandCount(reader); k++) {
                last[tangents.operand(reader, k)] = reader;
            }
        }
        return last;
    }
}
