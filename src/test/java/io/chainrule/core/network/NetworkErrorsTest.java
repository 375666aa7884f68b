package io.chainrule.core.network;

import static io.chainrule.core.network.Networks.layer;
import static io.chainrule.core.network.Networks.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors of networks name the layer, the place, what arrives and what is needed. */
class NetworkErrorsTest {
    private static final LayerSpec FLATTEN = layer("flatten", "f", Map.of());
    private static final LayerSpec DENSE = layer("dense", "d", Map.of("units", 4.0));

    private static List<Problem> problems(NetworkSpec spec, Map<String, Shape> shapes) {
        return catchThrowableOfType(ProblemException.class, () -> Networks.lower(spec, shapes, true)).problems();
    }

    private static List<Problem> problems(Shape sample, LayerSpec... layers) {
        return problems(network(sample, null, layers), Map.of("x", Shape.of(4).concat(sample)));
    }

    static Stream<Arguments> layers() {
        return Stream.of(
                of("28,28",
                        "SHAPE_MISMATCH /network/layers/1 conv2d 'c2' needs [batch, channels, height, width], flatten 'f' gives [batch, 784]",
                        FLATTEN, layer("conv2d", "c2", Map.of("filters", 2.0, "kernel_size", 3.0))),
                of("3", "SHAPE_MISMATCH /network/layers/0 lstm 'l' needs [batch, time, features], input 'x' gives [batch, 3]",
                        layer("lstm", "l", Map.of("units", 3.0))),
                of("3", "UNKNOWN_OP /network/layers/0/type there is no layer type 'dens' did you mean 'dense'?",
                        layer("dens", "d", Map.of("units", 4.0))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/unit dense 'd' has no attribute 'unit' did you mean 'units'?",
                        layer("dense", "d", Map.of("units", 2.0, "unit", 4.0))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/units dense 'd' needs attribute 'units'", layer("dense", "d", Map.of())),
                of("3", "BAD_ATTRIBUTE /network/layers/0/units dense 'd' attribute 'units' is at least 1, not 0",
                        layer("dense", "d", Map.of("units", 0.0))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/units dense 'd' attribute 'units' is not a whole number",
                        layer("dense", "d", Map.of("units", "many"))),
                of("3", "UNKNOWN_OP /network/layers/0/activation dense 'd': there is no activation 'rellu' did you mean 'relu'?",
                        layer("dense", "d", Map.of("units", 4.0, "activation", "rellu"))),
                of("3", "UNKNOWN_OP /network/layers/0/activation dense 'd': there is no activation 'matmul'",
                        layer("dense", "d", Map.of("units", 4.0, "activation", "matmul", "alpha", 3.0))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/activation activation 'a' needs attribute 'activation'",
                        layer("activation", "a", Map.of())),
                of("3", "BAD_ATTRIBUTE /network/layers/0/pieces dense 'd' needs attribute 'pieces'",
                        layer("dense", "d", Map.of("units", 4.0, "activation", "maxout"))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/activation flatten 'f' has no attribute 'activation'",
                        layer("flatten", "f", Map.of("activation", "relu"))),
                of("3,8,8",
                        "BAD_ATTRIBUTE /network/layers/0/groups conv2d 'c': 3 channels do not fall into 2 groups; input 'x' gives [batch, 3, 8, 8]",
                        layer("conv2d", "c", Map.of("filters", 2.0, "kernel_size", 3.0, "groups", 2.0))),
                of("3,2", "BAD_ATTRIBUTE /network/layers/0/heads self_attention 'a': 2 features do not fall into 3 heads; "
                        + "input 'x' gives [batch, 3, 2]", layer("self_attention", "a", Map.of("heads", 3.0))),
                of("1,2,2", "SHAPE_MISMATCH /network/layers/0 conv2d 'c': the kernel spans 3 along the height, x with its padding has 2; "
                        + "input 'x' gives [batch, 1, 2, 2]", layer("conv2d", "c", Map.of("filters", 2.0, "kernel_size", 3.0))),
                of("3", "SHAPE_MISMATCH /network/layers/0 residual 'r': adds its input to the output of its layers: dense 'd' gives "
                        + "[batch, 4]; input 'x' gives [batch, 3]", layer("residual", "r", Map.of(), DENSE)),
                of("3", "SHAPE_MISMATCH /network/layers/0/layers/0 conv1d 'c' needs [batch, time, features], input 'x' gives [batch, 3]",
                        layer("residual", "r", Map.of(), layer("conv1d", "c", Map.of("filters", 2.0, "kernel_size", 3.0)))),
                of("3", "INVALID_VALUE /network/layers/0/layers residual 'r' has no layers", layer("residual", "r", Map.of())),
                of("3", "INVALID_VALUE /network/layers/0/layers dense 'd' takes no layers",
                        layer("dense", "d", Map.of("units", 4.0), FLATTEN)),
                of("3", "DUPLICATE_ID /network/layers/1/layers/0/name 'd' is the name of layer layers/0 and of layer layers/1/layers/0 "
                        + "names are unique over the whole network, also inside residual layers",
                        DENSE, layer("residual", "r", Map.of(), DENSE)),
                of("3", "BAD_ATTRIBUTE /network/layers/0/rate dropout 'o' attribute 'rate' is from 0.0 to 1.0, not 2.0",
                        layer("dropout", "o", Map.of("rate", 2.0))),
                of("3", "UNKNOWN_OP /network/layers/0/initializer/scheme there is no initializer 'he_norm' did you mean 'he_normal'?",
                        new LayerSpec("dense", "d", Map.of("units", 2.0), List.of(), new InitializerSpec("he_norm", Map.of()))),
                of("3", "BAD_ATTRIBUTE /network/layers/0/initializer flatten 'f' has no weights to initialise",
                        new LayerSpec("flatten", "f", Map.of(), List.of(), InitializerSpec.DEFAULT)));
    }

    private static Arguments of(String sample, String expected, LayerSpec... layers) {
        int[] dims = Stream.of(sample.split(",", -1)).mapToInt(Integer::parseInt).toArray();
        return Arguments.of(Shape.of(dims), expected, layers);
    }

    /** As a request has it. */
    private static String text(@Nullable Place place) {
        return switch (place) {
            case Place.OfLayer layer -> "/network" + layer.path().stream().map(i -> "/layers/" + i).collect(Collectors.joining())
                    + text(layer.parts());
            case Place.OfPart part when part.owner() == Place.Owner.NETWORK -> "/network" + text(part.parts());
            case Place.OfPart part when part.owner() == Place.Owner.SETTINGS -> text(part.parts());
            case Place.OfNode _,Place.OfPart _ -> throw new AssertionError(place);
            case null -> "null";
        };
    }

    private static String text(List<String> parts) {
        return parts.stream().map(part -> "/" + part).collect(Collectors.joining());
    }

    private static String text(Problem problem) {
        return problem.code() + " " + text(problem.place()) + " " + problem.message()
                + (problem.hint() == null ? "" : " " + problem.hint());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void a_problem_names_the_layer_and_its_place(Shape sample, String expected, LayerSpec... layers) {
        assertThat(problems(sample, layers)).singleElement().extracting(NetworkErrorsTest::text).isEqualTo(expected);
    }

    @Test
    void what_is_wrong_in_different_places_is_told_at_once() {
        NetworkSpec spec = new NetworkSpec(new InputSpec("x", Shape.of(3)),
                List.of(layer("lstm", "l", Map.of("units", 2.0)), layer("dense", "d", Map.of("unts", 3.0)),
                        layer("dropout", "d", Map.of())),
                new LossSpec("mse", "y", Map.of()), -1, 0);
        assertThat(problems(spec, Map.of("z", Shape.of(4, 3)))).extracting(Problem::code, problem -> text(problem.place()))
                .extracting(Object::toString).containsExactlyInAnyOrder("(INVALID_VALUE, \"/network/regularization/l1\")",
                        "(MISSING_INPUT, \"null\")", "(MISSING_INPUT, \"null\")", "(DUPLICATE_ID, \"/network/layers/2/name\")",
                        "(BAD_ATTRIBUTE, \"/network/layers/1/units\")", "(BAD_ATTRIBUTE, \"/network/layers/1/unts\")",
                        "(BAD_ATTRIBUTE, \"/network/layers/2/rate\")", "(SHAPE_MISMATCH, \"/network/layers/0\")");
    }

    @Test
    void a_parameter_of_a_wrong_shape_is_told_with_its_layer() {
        List<Problem> found = problems(network(Shape.of(3), null, DENSE), Map.of("x", Shape.of(2, 3), "d.weight", Shape.of(4, 3)));
        assertThat(found).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("dense 'd' needs d.weight [3, 4], got [4, 3]");
            assertThat(problem.node()).isEqualTo("d.weight");
        });
    }

    @Test
    void data_of_another_shape_than_a_batch_of_samples_are_refused() {
        assertThat(problems(network(Shape.of(3), null, DENSE), Map.of("x", Shape.of(2, 4)))).singleElement()
                .extracting(Problem::message).isEqualTo("the network needs input 'x' [batch, 3], got [2, 4]");
    }

    @Test
    void a_target_must_not_be_broadcast() {
        NetworkSpec spec = network(Shape.of(3), new LossSpec("mse", "y", Map.of()), layer("dense", "d", Map.of("units", 1.0)));
        assertThat(problems(spec, Map.of("x", Shape.of(5, 3), "y", Shape.of(5)))).singleElement().extracting(NetworkErrorsTest::text)
                .isEqualTo(
                        "SHAPE_MISMATCH /network/loss the loss: mse needs a target in the shape of dense 'd'; dense 'd' gives [batch, 1], "
                                + "target 'y' is [5]");
    }

    @Test
    void a_loss_says_what_is_wrong_with_its_options() {
        NetworkSpec spec = network(Shape.of(3), new LossSpec("mse", "y", Map.of("reduction", "men", "eps", 1.0)), DENSE);
        assertThat(problems(spec, Map.of("x", Shape.of(5, 3), "y", Shape.of(5, 4)))).extracting(problem -> text(problem.place()))
                .containsExactly("/network/loss/eps");
        NetworkSpec unknown = network(Shape.of(3), new LossSpec("msee", "y", Map.of()), DENSE);
        assertThat(problems(unknown, Map.of("x", Shape.of(5, 3), "y", Shape.of(5, 4)))).singleElement()
                .satisfies(problem -> assertThat(problem.hint()).isEqualTo("did you mean 'mse'?"));
    }

    @Test
    void a_penalty_needs_a_loss() {
        NetworkSpec spec = new NetworkSpec(new InputSpec("x", Shape.of(3)), List.of(DENSE), null, 0, 1);
        assertThat(problems(spec, Map.of("x", Shape.of(5, 3)))).singleElement()
                .satisfies(problem -> assertThat(text(problem.place())).isEqualTo("/network/regularization"));
    }

    @Test
    void batch_norm_cannot_train_on_one_number_a_channel() {
        NetworkSpec spec = network(Shape.of(3), null, layer("batch_norm", "n", Map.of()));
        assertThat(problems(spec, Map.of("x", Shape.of(1, 3)))).singleElement()
                .satisfies(
                        problem -> assertThat(problem.message()).startsWith("batch_norm 'n': needs more than one number of each channel"));
    }

    @Test
    void residual_layers_are_not_nested_without_end() {
        LayerSpec block = DENSE;
        for (int i = 0; i < 50_000; i++) {
            block = layer("residual", "r" + i, Map.of(), block);
        }
        assertThat(problems(network(Shape.of(4), null, block), Map.of("x", Shape.of(2, 4)))).isNotEmpty()
                .allMatch(problem -> problem.code() == ProblemCode.INVALID_VALUE);
    }
}
