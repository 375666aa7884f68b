package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Layers that give their input a mean of 0 and a variance of 1, then a scale and an offset. */
final class NormLayers {
    /** Over all axes but the channels. Training takes the batch's statistics, else the running ones. */
    static final LayerType BATCH_NORM = LayerType.define("batch_norm", "batch", LayerType.MORE, "features")
            .options(Ops.attribute("batch_norm", "eps")).activated().as(a -> {
                double eps = a.nonnegative("eps");
                return (scope, x) -> batchNorm(scope, x, eps);
            });
    /** Over the last axis. */
    static final LayerType LAYER_NORM = LayerType.define("layer_norm", "batch", LayerType.MORE, "features")
            .options(Ops.attribute("layer_norm", "eps")).activated().as(a -> {
                double eps = a.nonnegative("eps");
                return (scope, x) -> {
                    int features = x.shape().last();
                    return Ops.call("layer_norm", Map.of("eps", eps), x, scope.scale("weight", features), scope.bias("bias", features));
                };
            });
    /** Over the channels of a group, and the height and width of images or the time of sequences. */
    static final LayerType GROUP_NORM = LayerType.define("group_norm", "batch", LayerType.MORE, "features")
            .options(Ops.attribute("group_norm", "groups"), Ops.attribute("group_norm", "eps")).activated().as(a -> {
                Map<String, Object> attributes = Map.of("groups", a.integer("groups", 1, Integer.MAX_VALUE), "eps", a.nonnegative("eps"));
                return (scope, x) -> x.shape().rank() == 3
                        ? Ops.transpose(groupNorm(scope, Ops.transpose(x, 0, 2, 1), attributes), 0, 2, 1)
                        : groupNorm(scope, x, attributes);
            });

    static final List<LayerType> ALL = List.of(BATCH_NORM, LAYER_NORM, GROUP_NORM);

    private NormLayers() {}

    private static Node groupNorm(LayerScope scope, Node x, Map<String, Object> attributes) {
        int channels = x.shape().dim(1);
        return Ops.call("group_norm", attributes, x, scope.scale("weight", channels), scope.bias("bias", channels));
    }

    private static Node batchNorm(LayerScope scope, Node x, double eps) {
        int axis = Ops.channelAxis(x.shape());
        int channels = x.shape().dim(axis);
        Node weight = scope.scale("weight", channels);
        Node bias = scope.bias("bias", channels);
        Node batchMean = null;
        Node batchVariance = null;
        if (scope.training()) {
            if (x.shape().with(axis, 1).size() == 1) {
                throw new ShapeException("needs more than one number of each channel to train on", "two numbers a channel", "one");
            }
            List<Integer> axes = IntStream.range(0, x.shape().rank()).filter(i -> i != axis).boxed().toList();
            batchMean = Ops.call("mean", Map.of("axis", axes), x);
            batchVariance = Ops.call("var", Map.of("axis", axes), x);
        }
        Node mean = scope.statistic("running_mean", Shape.of(channels), 0, batchMean);
        Node variance = scope.statistic("running_variance", Shape.of(channels), 1, batchVariance);
        Map<String, Object> attributes = Map.of("training", scope.training(), "axis", axis, "eps", eps);
        return Ops.call("batch_norm", attributes, x, weight, bias, mean, variance);
    }
}
