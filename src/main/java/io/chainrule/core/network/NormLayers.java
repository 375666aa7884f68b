package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Layers that give their input a mean of 0 and a variance of 1, then a scale and an offset. */
final class NormLayers {
    private static final String FORMULA = "y = \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}\\, w + b";
    private static final String CHANNELS = "[channels]";

    static final LayerType BATCH_NORM = norm("batch_norm", "Over all axes but the channels, which are axis 1 of images and else the "
            + "last. Training takes the batch's mean and variance, else the running ones are taken.", "Ioffe and Szegedy 2015", CHANNELS)
            .parameter("running_mean", CHANNELS, "0; it follows the batches of a training")
            .parameter("running_variance", CHANNELS, "1; it follows the batches of a training").options(eps("batch_norm")).activated()
            .example(Map.of(), ExampleSpec.values(3, 2)).as(a -> {
                double eps = a.number("eps");
                return (scope, x) -> batchNorm(scope, x, eps);
            });
    static final LayerType LAYER_NORM = norm("layer_norm", "Over the last axis.", "Ba, Kiros and Hinton 2016", "[features]")
            .options(eps("layer_norm")).activated().example(Map.of(), ExampleSpec.values(2, 3)).as(a -> {
                double eps = a.number("eps");
                return (scope, x) -> {
                    int features = x.shape().last();
                    return Ops.call("layer_norm", Map.of("eps", eps), x, scope.scale("weight", features), scope.bias("bias", features));
                };
            });
    static final LayerType GROUP_NORM = norm("group_norm",
            "Over the channels of a group, and the height and width of images or the time of sequences.", "Wu and He 2018", CHANNELS)
            .options(Ops.attribute("group_norm", "groups").atLeast(1), eps("group_norm")).activated()
            .example(Map.of("groups", 2), ExampleSpec.values(1, 4, 2, 2)).as(a -> {
                Map<String, Object> attributes = Map.of("groups", a.integer("groups"), "eps", a.number("eps"));
                return (scope, x) -> x.shape().rank() == 3
                        ? Ops.transpose(groupNorm(scope, Ops.transpose(x, 0, 2, 1), attributes), 0, 2, 1)
                        : groupNorm(scope, x, attributes);
            });

    static final List<LayerType> ALL = List.of(BATCH_NORM, LAYER_NORM, GROUP_NORM);

    private NormLayers() {}

    private static LayerType norm(String name, String over, String source, String shape) {
        return LayerType.define(name, "batch", LayerType.MORE, "features").gives("batch", LayerType.MORE, "features")
                .describedAs("Shifted and scaled to a mean of 0 and a variance of 1, then by a weight and a bias. " + over).formula(FORMULA)
                .source(source).parameter("weight", shape, "1").bias("bias", shape);
    }

    private static Attribute eps(String op) {
        return Ops.attribute(op, "eps").atLeast(0);
    }

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
