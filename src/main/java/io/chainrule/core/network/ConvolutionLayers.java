package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Convolutions and pooling, of images [batch, channels, height, width] or of sequences [batch, time, features]. */
final class ConvolutionLayers {
    /** The longest kernel that is accepted: longer than any image, and short enough that the product of two lengths fits a long. */
    private static final int LONGEST = 1 << 20;
    private static final String[] IMAGE = {"batch", "channels", "height", "width"};
    private static final Attribute FILTERS = Attribute.required("filters", Attribute.Type.INT, "how many channels come out").atLeast(1);
    private static final Attribute KERNEL_SIZE = Attribute.required("kernel_size", Attribute.Type.INTS,
            "lengths of the kernel, one an axis or one for all");

    static final LayerType CONV1D = convolution("conv1d", "batch", "time", "features").gives("batch", "steps", "filters")
            .describedAs("A kernel that is moved along the time: a sum over its steps and the features, for each filter.")
            .weight("weight", "[filters, features / groups, kernel_size]").bias("bias", "[filters]")
            .example(Map.of("filters", 2, "kernel_size", 2), ExampleSpec.values(1, 4, 2)).as(a -> {
                Kernel kernel = Kernel.of(a, "conv1d", 1);
                return (scope, x) -> Ops.transpose(kernel.convolve(scope, Ops.transpose(x, 0, 2, 1)), 0, 2, 1);
            });
    static final LayerType CONV2D = convolution("conv2d", IMAGE).gives("batch", "filters", "rows", "columns")
            .describedAs("A kernel that is moved over the image: a sum over its height, width and channels, for each filter.")
            .weight("weight", "[filters, channels / groups, kernel height, kernel width]").bias("bias", "[filters]")
            .example(Map.of("filters", 2, "kernel_size", 2, "padding", "same", "activation", "relu"), ExampleSpec.values(1, 1, 3, 3))
            .as(a -> Kernel.of(a, "conv2d", 2)::convolve);
    static final LayerType CONV_TRANSPOSE2D = convolution("conv_transpose2d", IMAGE).gives("batch", "filters", "rows", "columns")
            .describedAs("The transpose of a convolution: each number of the input is spread over a kernel's height and width.")
            .weight("weight", "[channels, filters / groups, kernel height, kernel width]").bias("bias", "[filters]")
            .example(Map.of("filters", 1, "kernel_size", 2, "stride", 2), ExampleSpec.values(1, 1, 2, 2))
            .as(a -> Kernel.of(a, "conv_transpose2d", 2)::spread);
    static final LayerType MAX_POOL2D = pool("max_pool2d", "The largest number of each window.", Map.of("kernel_size", 2),
            "batch", "channels", "rows", "columns");
    static final LayerType AVG_POOL2D = pool("avg_pool2d", "The mean of each window.", Map.of("kernel_size", 2),
            "batch", "channels", "rows", "columns");
    static final LayerType GLOBAL_AVG_POOL2D = pool("global_avg_pool2d", "The mean of each channel.", Map.of(), "batch", "channels");

    static final List<LayerType> ALL = List.of(CONV1D, CONV2D, CONV_TRANSPOSE2D, MAX_POOL2D, AVG_POOL2D, GLOBAL_AVG_POOL2D);

    private ConvolutionLayers() {}

    private static LayerType convolution(String name, String... axes) {
        Stream<Attribute> options = Stream.concat(Stream.of(FILTERS, KERNEL_SIZE), Ops.find(name).attributes().stream());
        return LayerType.define(name, axes).options(options.toArray(Attribute[]::new)).activated();
    }

    private static LayerType pool(String op, String description, Map<String, Object> example, String... output) {
        return LayerType.define(op, IMAGE).gives(output).describedAs(description)
                .options(Ops.find(op).attributes().toArray(Attribute[]::new)).example(example, ExampleSpec.values(1, 1, 4, 4)).as(a -> {
                    Op made = Ops.make(op, a, 1);
                    return (scope, x) -> x.graph().add(made, x);
                });
    }

    /** What the convolutions have in common. */
    private record Kernel(Op op, int filters, Shape size, int groups) {

        static Kernel of(Attributes a, String op, int axes) {
            Op made = Ops.make(op, a, 3);
            return new Kernel(made, a.integer("filters"), Shape.of(a.perAxis("kernel_size", axes, 1, LONGEST)), a.integer("groups"));
        }

        Node convolve(LayerScope scope, Node x) {
            int in = grouped(x.shape().dim(1), "channels");
            grouped(filters, "filters");
            return apply(scope, x, Shape.of(filters, in), in, filters);
        }

        Node spread(LayerScope scope, Node x) {
            int in = x.shape().dim(1);
            return apply(scope, x, Shape.of(in, grouped(filters, "filters")), grouped(in, "channels"), filters);
        }

        private Node apply(LayerScope scope, Node x, Shape channels, long in, long out) {
            Node weight = scope.weight("weight", channels.concat(size), in * size.size(), out * size.size());
            return x.graph().add(op, x, weight, scope.bias("bias", filters));
        }

        private int grouped(int count, String what) {
            if (count % groups != 0) {
                throw new ShapeException(count + " " + what + " do not fall into " + groups + " groups", "a multiple of " + groups,
                        String.valueOf(count)).by("groups");
            }
            return count / groups;
        }
    }
}
