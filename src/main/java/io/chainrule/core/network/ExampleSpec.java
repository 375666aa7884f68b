package io.chainrule.core.network;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small network that shows one layer, loss or initializer, with values of its data. */
public record ExampleSpec(NetworkSpec network, @Nullable InitializerSpec initializer, Map<String, Tensor> inputs) {
    private static final int MOST_NODES = 1000;
    private static final String INPUT = "x";
    private static final String TARGET = "y";

    /** Returns an example of one layer, whose output is compared with zeros. */
    public static ExampleSpec of(LayerType type) {
        Tensor x = type.exampleInput();
        NetworkSpec layer = network(x, List.of(type.exampleLayer()), null);
        LoweredNetwork lowered = NetworkLowering.lower(layer, Map.of(INPUT, x.shape()), InitializerSpec.DEFAULT, false, 0,
                Allowance.nodes(MOST_NODES));
        Shape output = lowered.program().graph().shape(lowered.program().output());
        return of(x, type.exampleLayer(), new LossSpec("mse", TARGET, Map.of()), Tensor.zeros(output), null);
    }

    /** Returns an example of a dense layer with the loss. */
    public static ExampleSpec of(LossType type) {
        return of(values(2, 2), dense(type.exampleUnits(), type.exampleActivation()), new LossSpec(type.name(), TARGET, Map.of()),
                type.exampleTarget(), null);
    }

    /** Returns an example of a dense layer whose weights are set by the initializer. */
    public static ExampleSpec of(String scheme, Map<String, Object> options) {
        return of(values(2, 3), dense(2, null), new LossSpec("mse", TARGET, Map.of()), Tensor.zeros(Shape.of(2, 2)),
                new InitializerSpec(scheme, options));
    }

    private static ExampleSpec of(Tensor x, LayerSpec layer, LossSpec loss, Tensor y, @Nullable InitializerSpec initializer) {
        return new ExampleSpec(network(x, List.of(layer), loss), initializer, Map.of(INPUT, x, TARGET, y));
    }

    private static LayerSpec dense(int units, @Nullable String activation) {
        Map<String, Object> options = activation == null ? Map.of("units", units) : Map.of("units", units, "activation", activation);
        return new LayerSpec("dense", null, options, List.of(), null);
    }

    private static NetworkSpec network(Tensor x, List<LayerSpec> layers, @Nullable LossSpec loss) {
        return new NetworkSpec(new InputSpec(INPUT, x.shape().without(0)), layers, loss, 0, 0);
    }

    /** Returns numbers of both signs that have few digits, so that examples are easy to read. */
    static Tensor values(int... dims) {
        Tensor values = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(values.data(), i -> (i * 7 % 11 - 3) / 4.0);
        return values;
    }
}
