package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Layers on any arrays. */
final class BasicLayers {
    static final Attribute UNITS = Attribute.required("units", Attribute.Type.INT, "how many features come out");

    /** On the last axis, whatever comes before. */
    static final LayerType DENSE = LayerType.define("dense", "batch", LayerType.MORE, "features").options(UNITS).activated().as(a -> {
        int units = a.integer("units", 1, Integer.MAX_VALUE);
        return (scope, x) -> {
            int in = x.shape().last();
            return Ops.call("linear", x, scope.weight("weight", Shape.of(in, units), in, units), scope.bias("bias", units));
        };
    });
    static final LayerType FLATTEN = LayerType.define("flatten", "batch", LayerType.MORE, "features")
            .as(a -> (scope, x) -> Ops.call("flatten", Map.of("start_axis", 1), x));
    static final LayerType RESHAPE = LayerType.define("reshape", "batch", LayerType.MORE)
            .options(Attribute.required("shape", Attribute.Type.INTS, "of one sample; one length may be -1")).as(a -> {
                List<Integer> sample = Objects.requireNonNull(a.integers("shape"));
                return (scope, x) -> {
                    List<Integer> shape = IntStream.concat(IntStream.of(x.shape().dim(0)), sample.stream().mapToInt(i -> i)).boxed()
                            .toList();
                    return Ops.call("reshape", Map.of("shape", shape), x);
                };
            });
    static final LayerType ACTIVATION = LayerType.define("activation", "batch", LayerType.MORE).activated().as(a -> (scope, x) -> x);
    /** In training a mask of the network's seed, the layer's name and the step; else nothing. */
    static final LayerType DROPOUT = LayerType.define("dropout", "batch", LayerType.MORE).options(Ops.attribute("dropout", "rate"))
            .as(a -> {
                double rate = a.number("rate", 0, 1);
                return (scope, x) -> scope.training()
                        ? Ops.call("dropout", Map.of("rate", rate, "seed", scope.seed()), x, scope.step())
                        : x;
            });
    static final LayerType EMBEDDING = LayerType.define("embedding", "batch", LayerType.MORE)
            .options(Attribute.required("vocabulary", Attribute.Type.INT, "indices run from 0 to one less"), UNITS).activated().as(a -> {
                int vocabulary = a.integer("vocabulary", 1, Integer.MAX_VALUE);
                int units = a.integer("units", 1, Integer.MAX_VALUE);
                return (scope, x) -> Ops.call("embedding", x, scope.table("weight", Shape.of(vocabulary, units)));
            });
    static final LayerType RESIDUAL = LayerType.define("residual", "batch", LayerType.MORE).activated().nested()
            .as(a -> BasicLayers::residual);

    static final List<LayerType> ALL = List.of(DENSE, FLATTEN, RESHAPE, ACTIVATION, DROPOUT, EMBEDDING, RESIDUAL);

    private BasicLayers() {}

    private static Node residual(LayerScope scope, Node x) {
        Node inner = scope.inner(x);
        if (!inner.shape().equals(x.shape())) {
            throw scope.mismatch(x, inner);
        }
        return Ops.call("add", x, inner);
    }
}
