package io.chainrule.core.network;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Networks to test with. */
public final class Networks {
    private static final int MAX_NODES = 10_000;

    private Networks() {}

    public static LayerSpec layer(String type, String name, Map<String, Object> options, LayerSpec... inner) {
        return new LayerSpec(type, name, options, List.of(inner), null);
    }

    public static NetworkSpec network(Shape sample, @Nullable LossSpec loss, LayerSpec... layers) {
        return new NetworkSpec(new InputSpec("x", sample), List.of(layers), loss, 0, 0);
    }

    public static LoweredNetwork lower(NetworkSpec spec, Map<String, Shape> inputs, boolean training) {
        return NetworkLowering.lower(spec, inputs, InitializerSpec.DEFAULT, training, 3, Allowance.nodes(MAX_NODES));
    }

    /** A batch of two samples. */
    public static LoweredNetwork lower(NetworkSpec spec, boolean training) {
        return lower(spec, Map.of("x", Shape.of(2).concat(spec.input().shape())), training);
    }

    /** A node as a function of every input of the program, in their order. */
    public static GraphFunction function(NamedGraph program, int... outputs) {
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
        int[] inputs = program.inputs().stream().mapToInt(input -> opened.image()[input]).toArray();
        return new GraphFunction(opened.graph(), inputs, IntStream.of(outputs).map(output -> opened.image()[output]).toArray());
    }

    /** Numbers for every input: from 0.2 to 1 in size and of either sign, variances positive, the step 0. */
    public static Map<String, Tensor> values(LoweredNetwork network, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> values = new LinkedHashMap<>();
        NamedGraph program = network.program();
        for (int input : program.inputs()) {
            Tensor value = Tensor.zeros(program.graph().shape(input));
            for (int i = 0; i < value.length(); i++) {
                value.data()[i] = (0.2 + 0.8 * random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
            }
            String name = program.id(input);
            if (name.endsWith(".running_variance")) {
                Arrays.setAll(value.data(), i -> Math.abs(value.data()[i]));
            }
            values.put(name, name.equals(network.step()) ? Tensor.scalar(0) : value);
        }
        return values;
    }

    /** The output for these inputs. */
    public static Tensor run(LoweredNetwork network, Map<String, Tensor> values) {
        return run(network, network.program().output(), values);
    }

    public static Tensor run(LoweredNetwork network, int node, Map<String, Tensor> values) {
        return function(network.program(), node).run(ordered(network.program(), values)).getFirst();
    }

    public static List<Tensor> ordered(NamedGraph program, Map<String, Tensor> values) {
        return program.inputs().stream().map(input -> Objects.requireNonNull(values.get(program.id(input)), program.id(input))).toList();
    }
}
