package io.chainrule.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every type of layer. */
class LayersOfNetworksTest {
    private static final double STEP = 1e-5;

    static Stream<LayerCase> cases() {
        return LayerCase.ALL.stream();
    }

    static Stream<Arguments> modes() {
        return cases().flatMap(one -> Stream.of(Arguments.of(one, false), Arguments.of(one, true)));
    }

    static Stream<LayerCase> activations() {
        Map<String, Map<String, Object>> required = Map.of("threshold", Map.of("threshold", 0.1, "value", -3.0), "maxout",
                Map.of("pieces", 2.0), "celu", Map.of("alpha", 0.7), "gelu", Map.of("approximate", "tanh"));
        return Activation.all().map(OpDefinition::name)
                .map(name -> {
                    Map<String, Object> options = new LinkedHashMap<>(required.getOrDefault(name, Map.of()));
                    options.put("activation", name);
                    return LayerCase.of("activation", "4", options, name);
                });
    }

    @Test
    void every_type_has_its_case() {
        assertThat(cases().map(LayerCase::type).distinct()).as("add the layer to LayerCase")
                .containsExactlyInAnyOrderElementsOf(LayerCatalogue.LAYERS.names());
    }

    /** Names and numbers of axes; what the lengths are is told in words. */
    @Test
    void a_layer_tells_of_the_parameters_that_it_has() {
        assertThat(LayerCatalogue.LAYERS.all()).allSatisfy(type -> {
            NetworkSpec example = ExampleSpec.of(type).network();
            LoweredNetwork network = Networks.lower(
                    new NetworkSpec(example.input(), example.layers(), null, 0, 0), Map.of("x", type.exampleInput().shape()), true);
            List<String> found = new ArrayList<>();
            network.parameters().stream().filter(parameter -> parameter.name().startsWith(type.name()))
                    .forEach(parameter -> found.add(described(parameter.name(), parameter.shape())));
            network.statistics().forEach(statistic -> found.add(described(statistic.name(), statistic.shape())));
            assertThat(type.parameters()).as(type.name())
                    .extracting(parameter -> parameter.name() + " " + parameter.shape().split(",", -1).length)
                    .containsExactlyInAnyOrderElementsOf(found);
            int rank = network.layers().getLast().outputShape().rank();
            assertThat(type.output().contains(LayerType.MORE) || type == BasicLayers.RESHAPE || type.output().size() == rank)
                    .as(type.name() + " " + type.output()).isTrue();
        });
    }

    private static String described(String name, Shape shape) {
        return name.substring(name.indexOf('.') + 1) + " " + shape.rank();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_layer_has_the_derivatives_of_differences_in_both_modes(LayerCase one, boolean training) {
        check(one, training);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void every_activation_of_the_catalogue_can_be_a_layer(LayerCase one) {
        check(one, false);
    }

    private static void check(LayerCase one, boolean training) {
        LoweredNetwork network = Networks.lower(one.network(), training);
        NamedGraph program = network.program();
        List<Tensor> point = Networks.ordered(program, values(one, network));
        GraphFunction function = Networks.function(program, program.output());
        Shape shape = program.graph().shape(program.output());
        assertThat(function.outputShapes()).containsExactly(shape);
        Tensor cotangent = random(shape, 1);
        int[] wrt = IntStream.range(0, point.size()).filter(k -> isDifferentiated(one, network, program.id(program.inputs().get(k))))
                .toArray();
        List<Tensor> gradients = function.vjp(wrt).run(with(point, List.of(cotangent)));
        double along = 0;
        List<Tensor> tangents = new ArrayList<>();
        for (int k = 0; k < wrt.length; k++) {
            double[] gradient = gradients.get(k).data();
            Tensor tangent = random(gradients.get(k).shape(), 2 + k);
            tangents.add(tangent);
            for (int i = 0; i < gradient.length; i++) {
                double numeric = (at(function, point, wrt[k], i, STEP, cotangent) - at(function, point, wrt[k], i, -STEP, cotangent))
                        / (2 * STEP);
                assertThat(gradient[i]).as("%s, element %d", program.id(program.inputs().get(wrt[k])), i)
                        .isCloseTo(numeric, within(1e-7 * (1 + Math.abs(numeric))));
                along += gradient[i] * tangent.data()[i];
            }
        }
        Tensor pushed = function.jvp(wrt).run(with(point, tangents)).getFirst();
        assertThat(dot(pushed, cotangent)).as("forward mode").isCloseTo(along, within(1e-10 * (1 + Math.abs(along))));
    }

    private static boolean isDifferentiated(LayerCase one, LoweredNetwork network, String input) {
        boolean isParameter = network.parameters().stream().anyMatch(parameter -> parameter.name().equals(input));
        return isParameter || input.equals("x") && !one.type().equals("embedding");
    }

    private static Map<String, Tensor> values(LayerCase one, LoweredNetwork network) {
        Map<String, Tensor> values = Networks.values(network, 7);
        if (one.type().equals("embedding")) {
            values.put("x", Tensor.of(Shape.of(2, 3), 0, 3, 1, 1, 2, 3));
        }
        return values;
    }

    private static double at(GraphFunction function, List<Tensor> point, int input, int element, double step, Tensor cotangent) {
        List<Tensor> moved = new ArrayList<>(point);
        double[] data = point.get(input).data().clone();
        data[element] += step;
        moved.set(input, Tensor.of(point.get(input).shape(), data));
        return dot(function.run(moved).getFirst(), cotangent);
    }

    private static double dot(Tensor a, Tensor b) {
        return IntStream.range(0, a.length()).mapToDouble(i -> a.data()[i] * b.data()[i]).sum();
    }

    private static Tensor random(Shape shape, long seed) {
        Random random = new Random(seed);
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextGaussian());
        return tensor;
    }

    private static List<Tensor> with(List<Tensor> values, List<Tensor> more) {
        return Stream.concat(values.stream(), more.stream()).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_layer_is_its_ops_put_together(LayerCase one) {
        LoweredNetwork network = Networks.lower(one.network(), false);
        Map<String, Tensor> values = values(one, network);
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        values.forEach((name, value) -> renamed.put(name.replaceFirst("^l\\.", "").replace('.', '_'), value));
        NamedGraph meaning = Derivatives.parse(one.meaning(), Derivatives.shapes(renamed));
        Tensor expected = Derivatives.value(meaning.graph(), meaning.output(), renamed);
        Tensor actual = Networks.run(network, values);
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.data()).containsExactly(expected.data(), within(1e-12));
        LayerSummary summary = network.layers().getLast();
        assertThat(summary)
                .isEqualTo(new LayerSummary("l", one.type(), expected.shape(), summary.parameters(), network.program().output(),
                        Place.OfLayer.at(List.of(0))));
        assertThat(network.layers().stream().mapToLong(LayerSummary::parameters).sum())
                .isEqualTo(network.parameters().stream().mapToLong(parameter -> parameter.shape().size()).sum());
    }
}
