package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;

/** Multi-head self-attention (Vaswani et al., "Attention is all you need", 2017) over sequences [batch, time, features]. */
final class AttentionLayer {
    private static final String SQUARE = "[features, features]";
    private static final String FEATURES = "[features]";

    static final LayerType SELF_ATTENTION = LayerType.define("self_attention", "batch", "time", "features")
            .gives("batch", "time", "features")
            .describedAs("Each step of time becomes a mean over the values of all steps, weighted by how well its query fits their keys; "
                    + "in each head by itself, and then projected.")
            .formula("\\operatorname{softmax}\\left(\\frac{q k^\\mathsf{T}}{\\sqrt{d}}\\right) v").source("Vaswani et al. 2017")
            .options(Attribute.optional("heads", Attribute.Type.INT, 1, "into how many parts, side by side, the features fall").atLeast(1),
                    Ops.attribute("scaled_dot_product_attention", "causal"))
            .activated().weight("weight_query", SQUARE).bias("bias_query", FEATURES).weight("weight_key", SQUARE)
            .bias("bias_key", FEATURES).weight("weight_value", SQUARE).bias("bias_value", FEATURES).weight("weight_output", SQUARE)
            .bias("bias_output", FEATURES).example(Map.of("heads", 2, "causal", true), ExampleSpec.values(1, 3, 4)).as(a -> {
                int heads = a.integer("heads");
                boolean causal = a.flag("causal");
                return (scope, x) -> attention(scope, x, heads, causal);
            });

    static final List<LayerType> ALL = List.of(SELF_ATTENTION);

    private AttentionLayer() {}

    private static Node attention(LayerScope scope, Node x, int heads, boolean causal) {
        Shape shape = x.shape();
        if (shape.last() % heads != 0) {
            throw new ShapeException(shape.last() + " features do not fall into " + heads + " heads", "a divisor of " + shape.last(),
                    String.valueOf(heads)).by("heads");
        }
        Node query = split(projected(scope, x, "query"), heads);
        Node key = split(projected(scope, x, "key"), heads);
        Node value = split(projected(scope, x, "value"), heads);
        Node attended = Ops.call("scaled_dot_product_attention", Map.of("causal", causal), query, key, value);
        Node joined = Ops.reshape(Ops.transpose(attended, 0, 2, 1, 3), shape.dims());
        return projected(scope, joined, "output");
    }

    private static Node projected(LayerScope scope, Node x, String role) {
        int features = x.shape().last();
        Node weight = scope.weight("weight_" + role, Shape.of(features, features), features, features);
        return Ops.call("linear", x, weight, scope.bias("bias_" + role, features));
    }

    /** Splits the features among the heads: returns [batch, heads, time, features of a head]. */
    private static Node split(Node x, int heads) {
        Shape shape = x.shape();
        return Ops.transpose(Ops.reshape(x, shape.dim(0), shape.dim(1), heads, shape.last() / heads), 0, 2, 1, 3);
    }
}
