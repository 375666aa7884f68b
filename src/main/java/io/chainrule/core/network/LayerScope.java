package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a layer that is being lowered access to its network: parameters, inner layers, and whether it is in training. */
final class LayerScope {
    private static final InitializerSpec ZEROS = new InitializerSpec("zeros", Map.of());
    private static final InitializerSpec ONES = new InitializerSpec("ones", Map.of());

    private final NetworkLowering lowering;
    private final NetworkGraph graph;
    private final Layer layer;
    private final String source;
    private long parameters;
    private boolean initializes;

    /** {@code source} describes in messages what the layer reads. */
    LayerScope(NetworkLowering lowering, NetworkGraph graph, Layer layer, String source) {
        this.lowering = lowering;
        this.graph = graph;
        this.layer = layer;
        this.source = source;
    }

    boolean training() {
        return lowering.training();
    }

    /** The seed of the layer's random numbers. */
    int seed() {
        return (int) Seeds.of(lowering.seed(), layer.name());
    }

    /** A scalar that counts the steps of a training. */
    Node step() {
        return graph.step();
    }

    /** A parameter that is initialised as the client says, and regularised. */
    Node weight(String role, Shape shape, long fanIn, long fanOut) {
        initializes = true;
        return parameter(role, shape, initializer(), fanIn, fanOut, true);
    }

    /** A parameter [entries, features] that is initialised as the client says, and not regularised. */
    Node table(String role, Shape shape) {
        initializes = true;
        return parameter(role, shape, initializer(), shape.dim(0), shape.dim(1), false);
    }

    Node bias(String role, int length) {
        return parameter(role, Shape.of(length), ZEROS, length, length, false);
    }

    Node scale(String role, int length) {
        return parameter(role, Shape.of(length), ONES, length, length, false);
    }

    Node number(String role, double initial) {
        return parameter(role, Shape.SCALAR, new InitializerSpec("constant", Map.of("value", initial)), 1, 1, false);
    }

    /** A running statistic: an input that training updates from the batch's value, without a gradient. */
    Node statistic(String role, Shape shape, double initial, @Nullable Node batchValue) {
        return graph.statistic(new Statistic(layer.name() + "." + role, shape, initial, batchValue == null ? null : batchValue.index()),
                layer.title());
    }

    Node zeros(Shape shape) {
        return graph.node(Ops.make("zeros", Map.of("shape", shape.toList()), 0));
    }

    /** Appends the layer's inner layers and returns their output. */
    Node inner(Node x) {
        return lowering.chain(layer.layers(), x, source);
    }

    /** The error of a block whose inner layers change the shape of its input. */
    ShapeException mismatch(Node x, Node inner) {
        return new ShapeException("adds its input to the output of its layers: " + layer.layers().getLast().title() + " gives "
                + NetworkLowering.describe(inner.shape()), x.shape().toString(), inner.shape().toString());
    }

    /** How many numbers of the layer are trained. */
    long parameters() {
        return parameters;
    }

    /** Whether the layer has a parameter that an initialiser of its own would set. */
    boolean initializes() {
        return initializes;
    }

    private InitializerSpec initializer() {
        return layer.initializer() == null ? lowering.initializer() : layer.initializer();
    }

    private Node parameter(String role, Shape shape, InitializerSpec initializer, long fanIn, long fanOut, boolean isWeight) {
        parameters += shape.size();
        return graph.parameter(new Parameter(layer.name() + "." + role, shape, initializer, fanIn, fanOut, isWeight), layer.title());
    }
}
