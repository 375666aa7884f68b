package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Constraint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Layers that are not limited to images or sequences. */
final class BasicLayers {
    static final Attribute UNITS = Attribute.required("units", Attribute.Type.INT, "how many features come out").atLeast(1);

    static final LayerType DENSE = LayerType.define("dense", "batch", LayerType.MORE, "features").gives("batch", LayerType.MORE, "units")
            .describedAs("Each feature of the output is a weighted sum of all features of the input and a bias; on the last axis, "
                    + "whatever comes before.")
            .formula("y = x w + b").options(UNITS).activated().weight("weight", "[features, units]").bias("bias", "[units]")
            .example(Map.of("units", 2, "activation", "tanh"), ExampleSpec.values(2, 3)).as(a -> {
                int units = a.integer("units");
                return (scope, x) -> {
                    int in = x.shape().last();
                    return Ops.call("linear", x, scope.weight("weight", Shape.of(in, units), in, units), scope.bias("bias", units));
                };
            });
    static final LayerType FLATTEN = LayerType.define("flatten", "batch", LayerType.MORE, "features").gives("batch", "all of a sample")
            .describedAs("All numbers of a sample in one axis.").example(Map.of(), ExampleSpec.values(2, 2, 2))
            .as(a -> (scope, x) -> Ops.call("flatten", Map.of("start_axis", 1), x));
    static final LayerType RESHAPE = LayerType.define("reshape", "batch", LayerType.MORE).gives("batch", "shape")
            .describedAs("The numbers of a sample in another shape, in the same order.")
            .options(Attribute.required("shape", Attribute.Type.INTS, "of one sample; one length may be -1"))
            .example(Map.of("shape", List.of(2, -1)), ExampleSpec.values(2, 4)).as(a -> {
                List<Integer> sample = Objects.requireNonNull(a.integers("shape"));
                return (scope, x) -> {
                    List<Integer> shape = IntStream.concat(IntStream.of(x.shape().dim(0)), sample.stream().mapToInt(i -> i)).boxed()
                            .toList();
                    return Ops.call("reshape", Map.of("shape", shape), x);
                };
            });
    static final LayerType ACTIVATION = LayerType.define("activation", "batch", LayerType.MORE).gives("batch", LayerType.MORE)
            .describedAs("An activation of the catalogue of ops; the slope of prelu is a parameter.").activated(true)
            .example(Map.of("activation", "leaky_relu", "negative_slope", 0.1), ExampleSpec.values(2, 3)).as(a -> (scope, x) -> x);
    static final LayerType DROPOUT = LayerType.define("dropout", "batch", LayerType.MORE).gives("batch", LayerType.MORE)
            .describedAs("In training each number is left out with a probability, and the others are scaled up to keep the mean; the mask "
                    + "follows from the seed, the layer's name and the step. Outside training nothing is done.")
            .source("Srivastava et al. 2014").options(Ops.attribute("dropout", "rate").with(Constraint.between(0.0, 1.0)))
            .example(Map.of("rate", 0.5), ExampleSpec.values(2, 3)).as(a -> {
                double rate = a.number("rate");
                return (scope, x) -> scope.training()
                        ? Ops.call("dropout", Map.of("rate", rate, "seed", scope.seed()), x, scope.step())
                        : x;
            });
    static final LayerType EMBEDDING = LayerType.define("embedding", "batch", LayerType.MORE).gives("batch", LayerType.MORE, "units")
            .describedAs("Each index becomes the row of a table that it names; the indices pass no gradient.")
            .options(Attribute.required("vocabulary", Attribute.Type.INT, "indices run from 0 to one less").atLeast(1), UNITS).activated()
            .weight("weight", "[vocabulary, units]")
            .example(Map.of("vocabulary", 4, "units", 2), Tensor.matrix(new double[]{0, 3, 1}, new double[]{2, 2, 0})).as(a -> {
                Shape table = Shape.of(a.integer("vocabulary"), a.integer("units"));
                return (scope, x) -> Ops.call("embedding", x, scope.table("weight", table));
            });
    static final LayerType RESIDUAL = LayerType.define("residual", "batch", LayerType.MORE).gives("batch", LayerType.MORE)
            .describedAs("Its input added to the output of the `layers` inside it, which has the same shape.").formula("y = x + f(x)")
            .source("He et al. 2016").activated().nested()
            .example(Map.of("activation", "relu"), ExampleSpec.values(2, 2),
                    new LayerSpec("dense", null, Map.of("units", 2), List.of(), null))
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
