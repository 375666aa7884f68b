package io.chainrule.core.network;

import static io.chainrule.core.network.Networks.layer;
import static io.chainrule.core.network.Networks.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a network: ids, inputs, loss, and what training changes. */
class NetworkLoweringTest {
    private static final LayerSpec HIDDEN = layer("dense", "hidden", Map.of("units", 3.0, "activation", "tanh"));
    private static final LayerSpec OUT = layer("dense", "out", Map.of("units", 1.0));
    private static final LossSpec MSE = new LossSpec("mse", "y", Map.of());

    private static List<String> ids(LoweredNetwork network) {
        NamedGraph program = network.program();
        return IntStream.range(0, program.graph().size()).filter(i -> !program.graph().isLiteral(i)).mapToObj(program::id).toList();
    }

    private static int node(LoweredNetwork network, String id) {
        return Objects.requireNonNull(network.program().find(id), id);
    }

    private static double[] linspace(double from, double to, int n) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> from + (to - from) * i / (n - 1));
        return values;
    }

    @Test
    void the_two_layer_net_of_cs231n_gives_its_published_numbers() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Tensor x = Tensor.zeros(Shape.of(3, 5));
        double[] columns = linspace(-5.5, 4.5, 15);
        Arrays.setAll(x.data(), i -> columns[i % 5 * 3 + i / 5]);
        inputs.put("x", x);
        inputs.put("first.weight", Tensor.of(Shape.of(5, 50), linspace(-0.7, 0.3, 250)));
        inputs.put("first.bias", Tensor.vector(linspace(-0.1, 0.9, 50)));
        inputs.put("scores.weight", Tensor.of(Shape.of(50, 7), linspace(-0.3, 0.4, 350)));
        inputs.put("scores.bias", Tensor.vector(linspace(-0.9, 0.1, 7)));
        inputs.put("y", Tensor.vector(0, 5, 1));
        NetworkSpec plain = network(Shape.of(5), new LossSpec("cross_entropy", "y", Map.of()),
                layer("dense", "first", Map.of("units", 50.0, "activation", "relu")), layer("dense", "scores", Map.of("units", 7.0)));
        LoweredNetwork net = Networks.lower(plain, Derivatives.shapes(inputs), true);
        assertThat(Networks.run(net, inputs).item()).isCloseTo(3.4702243555953927, within(1e-12));
        NetworkSpec penalized = new NetworkSpec(plain.input(), plain.layers(), plain.loss(), 0, 1);
        assertThat(Networks.run(Networks.lower(penalized, Derivatives.shapes(inputs), true), inputs).item())
                .isCloseTo(26.594842695238583, within(1e-12));
        Derivatives.Derivative gradient = Derivatives.of(net.program(), "scores.bias");
        assertThat(Derivatives.value(gradient.graph(), gradient.node(), inputs).data()).containsExactly(
                new double[]{-0.324939342001415, -0.316876984452892, 0.03236840205338773, 0.06387890578208004, 0.1264913779284597,
                        -0.08200397750693246, 0.501081618197312},
                within(1e-12));
    }

    @Test
    void a_layer_gives_its_output_its_name_and_its_nodes_names_below_it() {
        Map<String, Shape> shapes = Map.of("x", Shape.of(4, 2), "y", Shape.of(4, 1));
        LoweredNetwork net = Networks.lower(network(Shape.of(2), MSE, HIDDEN, OUT), shapes, false);
        assertThat(ids(net)).containsExactly("x", "hidden.weight", "hidden.bias", "hidden/linear_1", "hidden", "out.weight", "out.bias",
                "out", "y", "loss");
        assertThat(net.program().outputId()).isEqualTo("loss");
        assertThat(net.program().isNamed(node(net, "hidden"))).isTrue();
        assertThat(net.program().isNamed(node(net, "hidden/linear_1"))).isFalse();
        assertThat(net.data()).containsExactly("x", "y");
        assertThat(net.parameters()).extracting(Parameter::name).containsExactly("hidden.weight", "hidden.bias", "out.weight", "out.bias");
        assertThat(net.layers()).containsExactly(
                new LayerSummary("hidden", "dense", Shape.of(4, 3), 9, node(net, "hidden"), Place.OfLayer.at(List.of(0))),
                new LayerSummary("out", "dense", Shape.of(4, 1), 4, node(net, "out"), Place.OfLayer.at(List.of(1))));
        assertThat(net.step()).isNull();
    }

    @Test
    void a_layer_without_a_name_is_counted_within_its_type_past_names_that_are_taken() {
        LayerSpec unnamed = new LayerSpec("dense", null, Map.of("units", 2.0), List.of(), null);
        LayerSpec block = new LayerSpec("residual", null, Map.of(), List.of(unnamed), null);
        LoweredNetwork net = Networks.lower(network(Shape.of(2), null, unnamed, block, layer("dense", "dense_1", Map.of("units", 2.0))),
                false);
        assertThat(net.layers()).extracting(LayerSummary::name).containsExactly("dense_2", "dense_3", "residual_1", "dense_1");
        assertThat(ids(net)).contains("residual_1", "dense_3.weight");
    }

    @Test
    void a_penalty_is_that_of_the_weights_alone() {
        NetworkSpec spec = new NetworkSpec(new InputSpec("x", Shape.of(3)),
                List.of(layer("embedding", "e", Map.of("vocabulary", 4.0, "units",
                        2.0)), layer("layer_norm", "n", Map.of()), layer("lstm", "r", Map.of("units", 2.0)), OUT),
                MSE, 0.5, 0.25);
        LoweredNetwork net = Networks.lower(spec, Map.of("x", Shape.of(2, 3), "y", Shape.of(2, 1)), false);
        Map<String, Tensor> values = Networks.values(net, 1);
        values.put("x", Tensor.of(Shape.of(2, 3), 0, 1, 2, 3, 0, 0));
        double penalty = List.of("r.weight_input", "r.weight_hidden", "out.weight").stream()
                .flatMapToDouble(name -> Arrays.stream(Objects.requireNonNull(values.get(name)).data()))
                .map(w -> 0.5 * Math.abs(w) + 0.125 * w * w).sum();
        assertThat(Networks.run(net, node(net, "loss/penalty"), values).item()).isCloseTo(penalty, within(1e-12));
        assertThat(Networks.run(net, values).item())
                .isCloseTo(penalty + Networks.run(net, node(net, "loss/data"), values).item(), within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"mse | 2,3 | mse_loss(x, y)", "mae | 2,3 | l1_loss(x, y)", "huber | 2,3 | huber_loss(x, y)",
            "cross_entropy | 2 | cross_entropy(x, y)", "cross_entropy | 2,3 | cross_entropy(x, y)",
            "binary_cross_entropy | 2,3 | binary_cross_entropy(x, y)",
            "binary_cross_entropy_with_logits | 2,3 | binary_cross_entropy_with_logits(x, y)", "hinge | 2 | hinge_loss(x, y)",
            "nll | 2 | nll_loss(x, y)", "kl_div | 2,3 | kl_div(x, y)"})
    void a_loss_is_its_op(String loss, String target, String meaning) {
        for (String reduction : List.of("mean", "sum", "none")) {
            NetworkSpec spec = network(Shape.of(3), new LossSpec(loss, "y", Map.of("reduction", reduction)),
                    layer("activation", "x1", Map.of("activation", "sigmoid")));
            Shape shape = target.equals("2") ? Shape.of(2) : Shape.of(2, 3);
            Tensor y = target.equals("2") ? Tensor.vector(2, 0) : Tensor.of(shape, 0.2, 0.3, 0.5, 0, 1, 0);
            Map<String, Tensor> values = Map.of("x", Tensor.of(Shape.of(2, 3), 1, -2, 0.5, 0.2, 3, -1), "y", y);
            LoweredNetwork net = Networks.lower(spec, Derivatives.shapes(values), false);
            String op = meaning.replace("(x", "(sigmoid(x)").replace("y)", "y, reduction='" + reduction + "')");
            NamedGraph program = Derivatives.parse(op, Derivatives.shapes(values));
            assertThat(Networks.run(net, values)).isEqualTo(Derivatives.value(program.graph(), program.output(), values));
        }
        assertThat(LossType.LOSSES.names()).contains(loss);
    }

    @Test
    void the_classes_of_images_lie_on_the_axis_of_channels() {
        NetworkSpec spec = network(Shape.of(3, 2, 2), new LossSpec("cross_entropy", "y", Map.of()), layer("conv2d", "c",
                Map.of("filters", 3.0, "kernel_size", 1.0)));
        LoweredNetwork net = Networks.lower(spec, Map.of("x", Shape.of(2, 3, 2, 2), "y", Shape.of(2, 2, 2)), false);
        assertThat(net.program().graph().shape(net.program().output())).isEqualTo(Shape.SCALAR);
    }

    @Test
    void a_target_may_be_the_input() {
        NetworkSpec spec = network(Shape.of(2), new LossSpec("mse", "x", Map.of()), layer("dense", "same", Map.of("units", 2.0)));
        LoweredNetwork net = Networks.lower(spec, Map.of("x", Shape.of(4, 2)), false);
        assertThat(net.data()).containsExactly("x");
        assertThat(net.program().inputs()).hasSize(3);
    }

    @Test
    void dropout_draws_another_mask_for_each_step_name_and_seed() {
        LayerSpec[] layers = {layer("dropout", "a", Map.of("rate", 0.5)), layer("dropout", "b", Map.of("rate", 0.5))};
        NetworkSpec one = network(Shape.of(200), null, layers[0]);
        Map<String, Shape> shapes = Map.of("x", Shape.of(1, 200));
        LoweredNetwork net = Networks.lower(one, shapes, true);
        assertThat(net.step()).isEqualTo("step");
        Tensor first = mask(net, 0);
        assertThat(first.data()).containsOnly(0, 2);
        assertThat(Arrays.stream(first.data()).filter(m -> m == 0).count()).isBetween(70L, 130L);
        assertThat(mask(net, 0)).isEqualTo(first);
        assertThat(List.of(mask(net, 1), mask(net, 2), mask(Networks.lower(network(Shape.of(200), null, layers[1]), shapes, true), 0),
                mask(NetworkLowering.lower(one, shapes, InitializerSpec.DEFAULT, true, 4, Allowance.nodes(100)), 0))).doesNotContain(first)
                .doesNotHaveDuplicates();
        LoweredNetwork idle = Networks.lower(one, shapes, false);
        assertThat(idle.step()).isNull();
        assertThat(Networks.run(idle, Map.of("x", first))).isEqualTo(first);
    }

    private static Tensor mask(LoweredNetwork net, int step) {
        return Networks.run(net, Map.of("x", Tensor.full(Shape.of(1, 200), 1), "step", Tensor.scalar(step)));
    }

    @Test
    void the_step_of_dropout_has_a_name_that_nobody_else_has() {
        LayerSpec drop = layer("dropout", "step", Map.of("rate", 0.5));
        LoweredNetwork net = Networks.lower(network(Shape.of(2), null, drop), true);
        assertThat(net.step()).isEqualTo("step_1");
        assertThat(net.program().graph().op(node(net, "step_1"))).isInstanceOf(Leaf.Input.class);
    }

    @Test
    void batch_norm_trains_on_the_statistics_of_the_batch_and_tells_them() {
        NetworkSpec spec = network(Shape.of(2, 2, 3), null, layer("batch_norm", "n", Map.of()));
        LoweredNetwork net = Networks.lower(spec, true);
        Map<String, Tensor> values = Networks.values(net, 5);
        Tensor x = Objects.requireNonNull(values.get("x"));
        assertThat(net.statistics()).extracting(Statistic::name).containsExactly("n.running_mean", "n.running_variance");
        assertThat(net.statistics()).extracting(Statistic::initial).containsExactly(0.0, 1.0);
        for (int channel = 0; channel < 2; channel++) {
            int c = channel;
            double[] numbers = IntStream.range(0, 24).filter(i -> i / 6 % 2 == c).mapToDouble(i -> x.data()[i]).toArray();
            double mean = Arrays.stream(numbers).average().orElseThrow();
            double variance = Arrays.stream(numbers).map(v -> (v - mean) * (v - mean)).sum() / 11;
            assertThat(statistic(net, 0, values)[c]).isCloseTo(mean, within(1e-12));
            assertThat(statistic(net, 1, values)[c]).isCloseTo(variance, within(1e-12));
            double weight = Objects.requireNonNull(values.get("n.weight")).data()[c];
            double bias = Objects.requireNonNull(values.get("n.bias")).data()[c];
            assertThat(Networks.run(net, values).data()[6 * c])
                    .isCloseTo((x.data()[6 * c] - mean) / Math.sqrt(variance * 11 / 12 + 1e-5) * weight + bias, within(1e-12));
        }
        assertThat(Networks.lower(spec, false).statistics()).allMatch(statistic -> statistic.batchValue() == null);
    }

    private static double[] statistic(LoweredNetwork net, int number, Map<String, Tensor> values) {
        return Networks.run(net, Objects.requireNonNull(net.statistics().get(number).batchValue()), values).data();
    }

    @Test
    void fans_are_what_an_output_reads_and_what_an_input_reaches() {
        LoweredNetwork net = Networks.lower(network(Shape.of(4, 6, 6), null,
                layer("conv2d", "c", Map.of("filters", 8.0, "kernel_size", 3.0, "groups", 2.0)),
                layer("conv_transpose2d", "t", Map.of("filters", 6.0, "kernel_size", 2.0, "groups", 2.0)),
                layer("flatten", "f", Map.of()), layer("dense", "d", Map.of("units", 10.0))), false);
        assertThat(net.parameters()).filteredOn(Parameter::isWeight).extracting(Parameter::shape, Parameter::fanIn, Parameter::fanOut)
                .containsExactly(tuple(Shape.of(8, 2, 3, 3), 18L, 72L),
                        tuple(Shape.of(8, 3, 2, 2), 16L, 24L),
                        tuple(Shape.of(150, 10), 150L, 10L));
    }

    @Test
    void nodes_are_counted_while_they_are_made() {
        NetworkSpec spec = network(Shape.of(1_000_000, 1), null, layer("lstm", "r", Map.of("units", 1.0)));
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> Networks.lower(spec, false))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nodes"));
    }

    @Test
    void whoever_limits_the_work_is_told_how_it_grows() {
        NetworkSpec spec = network(Shape.of(1_000, 1), null, layer("lstm", "r", Map.of("units", 1.0)));
        Map<String, Shape> shapes = Map.of("x", Shape.of(1, 1_000, 1));
        List<Long> growth = new ArrayList<>();
        NetworkLowering.lower(spec, shapes, InitializerSpec.DEFAULT, false, 0, new Allowance(100_000, growth::add));
        assertThat(growth).hasSizeGreaterThan(5).allMatch(bytes -> bytes > 0);
        assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(
                () -> NetworkLowering.lower(spec, shapes, InitializerSpec.DEFAULT, false, 0, new Allowance(100_000, _ -> {
                    throw new DeadlineExceededException(Duration.ofSeconds(1));
                })));
    }

    @Test
    void a_network_of_many_layers_takes_time_in_proportion() {
        LayerSpec[] layers = IntStream.range(0, 2_000)
                .mapToObj(i -> new LayerSpec("activation", null, Map.of("activation", "tanh"), List.of(), null)).toArray(LayerSpec[]::new);
        LoweredNetwork net = Networks.lower(network(Shape.of(1), null, layers), false);
        GraphFunction function = Networks.function(net.program(), net.program().output());
        assertThat(function.apply(Tensor.zeros(Shape.of(2, 1)))).isEqualTo(Tensor.zeros(Shape.of(2, 1)));
    }
}
