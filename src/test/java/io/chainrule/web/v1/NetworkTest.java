package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Programs as layers and a loss. */
class NetworkTest extends HttpTest {
    /** The contract's example. */
    private static final String SMALL = """
            "network": {"input": {"name": "x", "shape": [2]},
              "layers": [{"type": "dense", "name": "hidden", "units": 3, "activation": "tanh"}, {"type": "dense", "name": "out", "units": 1}],
              "loss": {"type": "mse", "target": "y"}, "regularization": {"l2": 0.001}},
            "parameters": {"hidden.weight": [[1, 2, 3], [4, 5, 6]]}, "initializer": {"scheme": "he_normal", "seed": 7}""";
    private static final String DATA = ", \"inputs\": {\"x\": [[0, 1], [1, 1]], \"y\": [[1], [0]]}";
    private static final List<String> PARAMETERS = List.of("hidden.weight", "hidden.bias", "out.weight", "out.bias");
    private static final String NESTED = """
            "network": {"input": {"name": "x", "shape": [3]}, "layers": [
              {"type": "residual", "name": "block", "activation": "relu", "layers": [
                {"type": "dense", "units": 3}, {"type": "residual", "layers": [{"type": "dense", "name": "inner", "units": 3}]}]},
              {"type": "dense", "units": 2}]}""";

    private JsonNode ask(String path, String fields) {
        HttpResponse<String> response = post(path, "{" + fields + "}");
        assertThat(response.statusCode()).as(fields + response.body()).isEqualTo(200);
        return json(response);
    }

    private static List<String> ids(JsonNode answer) {
        return StreamSupport.stream(answer.path("nodes").spliterator(), false).map(node -> node.path("id").asString()).toList();
    }

    @Test
    void haveParametersThatTheAnswerTellsAndDifferentiatesBy() {
        JsonNode answer = ask("/v1/gradient", SMALL + DATA);
        assertThat(answer.path("output").asString()).isEqualTo("loss");
        assertThat(answer.path("gradients").propertyNames()).containsExactlyElementsOf(PARAMETERS);
        assertThat(answer.path("parameters").propertyNames()).containsExactly("hidden.bias", "out.weight", "out.bias");
        assertThat(answer.at("/parameters/hidden.bias")).hasToString("[0.0,0.0,0.0]");
        assertThat(ids(answer)).contains("x", "y", "hidden", "hidden/linear_1", "out", "loss", "loss/data", "loss/penalty")
                .containsAll(PARAMETERS);
        assertThat(ask("/v1/gradient", SMALL + DATA)).isEqualTo(answer);
        String given = JSON.writeValueAsString(((ObjectNode) answer.path("parameters")).set("hidden.weight",
                JSON.readTree("[[1, 2, 3], [4, 5, 6]]")));
        JsonNode again = ask("/v1/gradient", SMALL.substring(0, SMALL.indexOf("\"parameters\"")) + "\"parameters\": " + given + DATA);
        assertThat(again.path("gradients")).isEqualTo(answer.path("gradients"));
        assertThat(again.path("parameters")).isEmpty();
    }

    @Test
    void begin_otherwise_with_another_seed() {
        String seeded = SMALL.replace("\"seed\": 7", "\"seed\": 8");
        assertThat(ask("/v1/evaluate", seeded + DATA).path("parameters"))
                .isNotEqualTo(ask("/v1/evaluate", SMALL + DATA).path("parameters"));
        assertThat(ask("/v1/evaluate", SMALL.replace(", \"seed\": 7", "") + ", \"seed\": 7" + DATA).path("parameters"))
                .isEqualTo(ask("/v1/evaluate", SMALL + DATA).path("parameters"));
    }

    /** The two-layer network of CS231n's first assignment, with the numbers that its notebook publishes. */
    @Test
    void give_the_numbers_of_a_course() {
        ObjectNode parameters = JSON.createObjectNode();
        parameters.set("hidden.weight", linspace(-0.7, 0.3, 5, 50));
        parameters.set("hidden.bias", linspace(-0.1, 0.9, 1, 50).get(0));
        parameters.set("out.weight", linspace(-0.3, 0.4, 50, 7));
        parameters.set("out.bias", linspace(-0.9, 0.1, 1, 7).get(0));
        ObjectNode inputs = JSON.createObjectNode();
        inputs.set("x", transposed(linspace(-5.5, 4.5, 5, 3)));
        inputs.set("y", JSON.readTree("[0, 5, 1]"));
        String network = """
                "parameters": %s, "inputs": %s, "nodes": "none", "jacobians": "none", "network": {"input": {"name": "x", "shape": [5]},
                  "layers": [{"type": "dense", "name": "hidden", "units": 50, "activation": "relu"},
                             {"type": "dense", "name": "out", "units": 7}],
                  "loss": {"type": "cross_entropy", "target": "y"}%s}""";
        JsonNode plain = ask("/v1/gradient", network.formatted(parameters, inputs, ""));
        assertThat(plain.path("value").asDouble()).isCloseTo(3.4702243555953927, within(1e-12));
        double[] expected = {-0.324939342001415, -0.316876984452892, 0.03236840205338773, 0.06387890578208004, 0.1264913779284597,
                -0.08200397750693246, 0.501081618197312};
        assertThat(JSON.treeToValue(plain.at("/gradients/out.bias"), double[].class)).containsExactly(expected, within(1e-12));
        JsonNode regularized = ask("/v1/gradient", network.formatted(parameters, inputs, ", \"regularization\": {\"l2\": 1}"));
        assertThat(regularized.path("value").asDouble()).isCloseTo(26.594842695238583, within(1e-11));
    }

    private static ArrayNode linspace(double from, double to, int rows, int columns) {
        ArrayNode matrix = JSON.createArrayNode();
        for (int i = 0; i < rows; i++) {
            ArrayNode row = matrix.addArray();
            for (int j = 0; j < columns; j++) {
                row.add(from + (to - from) * (i * columns + j) / (rows * columns - 1));
            }
        }
        return matrix;
    }

    private static ArrayNode transposed(ArrayNode matrix) {
        ArrayNode result = JSON.createArrayNode();
        for (int j = 0; j < matrix.get(0).size(); j++) {
            ArrayNode row = result.addArray();
            for (JsonNode each : matrix) {
                row.add(each.get(j));
            }
        }
        return result;
    }

    @Test
    void are_nested_under_names_without_prefix() {
        JsonNode answer = ask("/v1/gradient",
                NESTED + ", \"inputs\": {\"x\": [[1, 2, 3]]}, \"output\": \"block\", \"cotangent\": [[1, 1, 1]]");
        assertThat(answer.path("gradients").propertyNames()).containsExactly("dense_1.weight", "dense_1.bias", "inner.weight", "inner.bias",
                "dense_2.weight", "dense_2.bias");
        assertThat(ids(answer)).contains("block", "block/add_1", "residual_1", "inner", "dense_1", "dense_2");
    }

    /** hidden.weight is no name in a text; the answer tells what it is called there, so that the text can be posted. */
    @Test
    void theTextOfANetworkTellsWhatItCallsItsParameters() {
        JsonNode described = ask("/v1/graph", SMALL);
        assertThat(described.path("renamed_inputs").path("hidden.weight").asString()).isEqualTo("hidden_weight");
        JsonNode derivative = ask("/v1/derivative", SMALL + ", \"wrt\": [\"out.bias\"]").path("derivatives").path("out.bias");
        assertThat(derivative.path("renamed_inputs").propertyNames()).contains("hidden.weight", "out.weight");
        assertThat(derivative.path("expression").asString()).contains("hidden_weight").doesNotContain("hidden.weight");
        assertThat(ask("/v1/graph", "\"expression\": \"f = x^2\", \"shapes\": {\"x\": []}").path("renamed_inputs")).isEmpty();
    }

    @Test
    void summarize_their_layers() {
        JsonNode answer = ask("/v1/graph", """
                "nodes": "named", "network": {"input": {"name": "image", "shape": [1, 8, 8]}, "layers": [
                  {"type": "conv2d", "name": "c1", "filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"},
                  {"type": "max_pool2d", "kernel_size": 2}, {"type": "flatten"}, {"type": "dense", "units": 10}],
                  "loss": {"type": "cross_entropy", "target": "digit"}}""");
        assertThat(StreamSupport.stream(answer.path("layers").spliterator(), false)
                .map(layer -> layer.path("name").asString() + " " + layer.path("type").asString() + " " + layer.path("output_shape") + " "
                        + layer.path("parameters")))
                .containsExactly("c1 conv2d [1,8,8,8] 80", "max_pool2d_1 max_pool2d [1,8,4,4] 0", "flatten_1 flatten [1,128] 0",
                        "dense_1 dense [1,10] 1290");
        assertThat(answer.at("/layers/3/flops").asLong()).isBetween(2 * 1280L, 2 * 1280L + 20);
        assertThat(answer.at("/layers/0/flops").asLong()).isBetween(2L * 8 * 64 * 9, 2L * 8 * 64 * 9 + 3 * 8 * 64);
        assertThat(answer.at("/totals/parameters").asLong()).isEqualTo(1370);
        assertThat(answer.at("/totals/flops").asLong()).isPositive().isLessThan(answer.at("/cost/forward_flops").asLong());
        assertThat(answer.path("inputs").findValuesAsString("id")).containsExactlyInAnyOrder("image", "digit", "c1.weight", "c1.bias",
                "dense_1.weight", "dense_1.bias");
        JsonNode opened = ask("/v1/graph", NESTED.replace("inner", "a/b") + ", \"gates\": \"expand\"");
        assertThat(StreamSupport.stream(opened.path("layers").spliterator(), false).map(layer -> layer.path("name").asString()))
                .containsExactlyInAnyOrder("block", "dense_1", "residual_1", "a/b", "dense_2");
        assertThat(opened.path("layers")).allSatisfy(layer -> assertThat(layer.path("flops").asLong()).isPositive());
        JsonNode many = ask("/v1/graph", NESTED + ", \"shapes\": {\"x\": [64, 3]}");
        assertThat(many.at("/layers/0/output_shape").get(0).asInt()).isEqualTo(64);
        assertThat(ask("/v1/graph", "\"expression\": \"x\", \"shapes\": {\"x\": []}").has("layers")).isFalse();
    }

    @Test
    void are_mapped_over_samples() {
        String sums = SMALL.replace("\"target\": \"y\"", "\"target\": \"y\", \"reduction\": \"sum\"").replace("0.001", "0");
        JsonNode whole = ask("/v1/gradient", sums + DATA);
        String mapped = sums + ", \"inputs\": {\"x\": [[[0, 1]], [[1, 1]]], \"y\": [[[1]], [[0]]]}, \"batch\": [\"x\", \"y\"]";
        JsonNode each = ask("/v1/gradient", mapped).path("gradients");
        JsonNode reduced = ask("/v1/gradient", mapped + ", \"reduce\": \"sum\"").path("gradients");
        for (String name : PARAMETERS) {
            double[] sum = flat(whole.at("/gradients/" + name));
            assertThat(flat(reduced.path(name))).containsExactly(sum, within(1e-12));
            double[] first = flat(each.path(name).get(0));
            double[] second = flat(each.path(name).get(1));
            for (int i = 0; i < sum.length; i++) {
                assertThat(first[i] + second[i]).isCloseTo(sum[i], within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"expand", "collapse"})
    void have_the_same_gradients_with_their_gates_open_or_closed(String gates) {
        JsonNode written = ask("/v1/gradient", SMALL + DATA).path("gradients");
        JsonNode answer = ask("/v1/gradient", SMALL + DATA + ", \"gates\": \"" + gates + "\"").path("gradients");
        PARAMETERS.forEach(name -> assertThat(flat(answer.path(name))).containsExactly(flat(written.path(name)), within(1e-12)));
    }

    @Test
    void go_through_every_endpoint() {
        JsonNode gradient = ask("/v1/gradient", SMALL + DATA);
        JsonNode vjp = ask("/v1/vjp", SMALL + DATA + ", \"cotangents\": {\"loss\": 1}");
        assertThat(vjp.path("gradients")).isEqualTo(gradient.path("gradients"));
        JsonNode jvp = ask("/v1/jvp", SMALL + DATA + ", \"tangents\": {\"out.bias\": [1]}");
        double slope = gradient.at("/gradients/out.bias").get(0).asDouble();
        assertThat(jvp.at("/tangents/loss").asDouble()).isCloseTo(slope, within(1e-12));
        JsonNode jacobian = ask("/v1/jacobian", SMALL + DATA + ", \"of\": [\"out\"], \"wrt\": [\"hidden\"]");
        assertThat(jacobian.at("/jacobians/out/hidden").size()).isEqualTo(2);
        JsonNode hessian = ask("/v1/hessian", SMALL + DATA);
        JsonNode hvp = ask("/v1/hvp", SMALL + DATA + ", \"vectors\": {\"out.bias\": [1]}");
        assertThat(flat(hvp.at("/products/hidden.bias"))).containsExactly(flat(hessian.at("/hessians/hidden.bias/out.bias")),
                within(1e-12));
        assertThat(hessian.path("hessians").propertyNames()).containsExactlyElementsOf(PARAMETERS);
        JsonNode check = ask("/v1/check", SMALL + DATA + ", \"order\": 2");
        assertThat(check.path("passed").asBoolean()).as(check.toString()).isTrue();
        for (JsonNode answer : List.of(gradient, vjp, jvp, jacobian, hessian, hvp, check, ask("/v1/evaluate", SMALL + DATA))) {
            assertThat(answer.at("/parameters").propertyNames()).containsExactly("hidden.bias", "out.weight", "out.bias");
        }
    }

    @Test
    void have_derivatives_that_can_be_posted_again() {
        JsonNode answer = ask("/v1/derivative", SMALL + ", \"shapes\": {\"x\": [2, 2]}");
        assertThat(answer.path("derivatives").propertyNames()).containsExactlyElementsOf(PARAMETERS);
        JsonNode gradient = ask("/v1/gradient", SMALL + DATA);
        ObjectNode inputs = (ObjectNode) JSON.readTree("{" + DATA.substring(2) + "}").path("inputs");
        inputs.setAll((ObjectNode) gradient.path("parameters"));
        inputs.set("hidden.weight", JSON.readTree("[[1, 2, 3], [4, 5, 6]]"));
        for (String name : PARAMETERS) {
            JsonNode value = ask("/v1/evaluate",
                    "\"graph\": " + answer.path("derivatives").path(name).path("graph") + ", \"inputs\": " + inputs);
            assertThat(flat(value.path("value"))).containsExactly(flat(gradient.path("gradients").path(name)), within(1e-12));
        }
    }

    @Test
    void drop_out_and_take_the_batchs_statistics_only_in_training() {
        String network = """
                "network": {"input": {"name": "x", "shape": [2]}, "layers": [
                  {"type": "batch_norm", "name": "norm"}, {"type": "dropout", "name": "drop", "rate": 0.5}]},
                "inputs": {"x": [[1, 2], [3, 6], [5, 10]]}, "cotangent": [[1, 1], [1, 1], [1, 1]]""";
        JsonNode calm = ask("/v1/gradient", network);
        assertThat(calm.path("gradients").propertyNames()).containsExactly("norm.weight", "norm.bias");
        assertThat(calm.path("value").get(1).get(0).asDouble()).isCloseTo(3 / Math.sqrt(1 + 1e-5), within(1e-12));
        JsonNode running = ask("/v1/gradient", network + ", \"parameters\": {\"norm.running_mean\": [3, 6]}");
        assertThat(running.path("value").get(1)).hasToString("[0.0,0.0]");
        JsonNode first = ask("/v1/gradient", network + ", \"training\": true, \"seed\": 1");
        assertThat(first.path("gradients").propertyNames()).containsExactly("norm.weight", "norm.bias");
        assertThat(first.path("value")).isEqualTo(ask("/v1/gradient", network + ", \"training\": true, \"seed\": 1").path("value"));
        assertThat(List.of(2, 3, 4)).anySatisfy(seed -> assertThat(
                ask("/v1/gradient", network + ", \"training\": true, \"seed\": " + seed).path("value")).isNotEqualTo(first.path("value")));
        assertThat(flat(first.path("value"))).contains(0.0);
    }

    private static double[] flat(JsonNode value) {
        return value.isArray()
                ? StreamSupport.stream(value.spliterator(), false).flatMapToDouble(item -> java.util.Arrays.stream(flat(item))).toArray()
                : new double[]{value.asDouble()};
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    invalid-value ``                                     | "network": {"input": {"name": "x", "shape": [2]}, "layers": []}, "expression": "x"
                    invalid-value /seed                                  | "expression": "x", "inputs": {"x": 1}, "seed": 1
                    invalid-value /parameters                            | "expression": "x", "inputs": {"x": 1}, "parameters": {"w": 1}
                    invalid-value /network/input                         | "network": {"layers": [{"type": "flatten"}]}
                    invalid-value /network/layers                        | "network": {"input": {"name": "x", "shape": [2]}}
                    invalid-value /network/loss/target                   | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}], "loss": {"type": "mse"}}, "inputs": {"x": [[1, 2]]}
                    invalid-value /network/regularization/l2             | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}], "loss": {"type": "mse", "target": "x"}, "regularization": {"l2": -1}}, "inputs": {"x": [[1, 2]]}
                    unknown-field /network/layers/0/unitz                | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "unitz": 2}]}, "inputs": {"x": [[1, 2]]}
                    wrong-type /network/layers/0/units                   | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "units": 2.5}]}, "inputs": {"x": [[1, 2]]}
                    wrong-type /network/layers                           | "network": {"input": {"name": "x", "shape": [2]}, "layers": 3}, "inputs": {"x": [[1, 2]]}
                    bad-attribute /network/layers/0/units                | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense"}]}, "inputs": {"x": [[1, 2]]}
                    bad-attribute /network/layers/0/units                | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten", "units": 3}]}, "inputs": {"x": [[1, 2]]}
                    bad-attribute /network/layers/0/padding              | "network": {"input": {"name": "x", "shape": [1, 1, 1]}, "layers": [{"type": "conv2d", "filters": 1, "kernel_size": 1, "padding": "big"}]}, "inputs": {"x": [[[[1]]]]}
                    unknown-op /network/layers/1/type                    | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}, {"type": "dens", "units": 1}]}, "inputs": {"x": [[1, 2]]}
                    unknown-op /network/layers/0/layers/0/activation     | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "residual", "layers": [{"type": "dense", "units": 2, "activation": "rleu"}]}]}, "inputs": {"x": [[1, 2]]}
                    unknown-op /network/loss/type                        | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}], "loss": {"type": "msee", "target": "y"}}, "inputs": {"x": [[1, 2]], "y": [[1, 2]]}
                    duplicate-id /network/layers/1/name                  | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten", "name": "a"}, {"type": "dense", "name": "a", "units": 1}]}, "inputs": {"x": [[1, 2]]}
                    missing-input /network/input/name                    | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}]}
                    missing-input /network/loss/target                   | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}], "loss": {"type": "mse", "target": "y"}}, "inputs": {"x": [[1, 2]]}
                    shape-mismatch /inputs/x                             | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "flatten"}]}, "inputs": {"x": [1, 2]}
                    shape-mismatch /network/layers/1                     | "network": {"input": {"name": "x", "shape": [1, 2, 2]}, "layers": [{"type": "flatten", "name": "f"}, {"type": "conv2d", "name": "c2", "filters": 1, "kernel_size": 1}]}, "inputs": {"x": [[[[1, 2], [3, 4]]]]}
                    shape-mismatch /parameters/a.weight                  | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "a", "units": 1}]}, "inputs": {"x": [[1, 2]]}, "parameters": {"a.weight": [1, 2]}
                    unknown-node /parameters/a.wieght                    | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "a", "units": 1}]}, "inputs": {"x": [[1, 2]]}, "parameters": {"a.wieght": [1, 2]}
                    invalid-value /parameters/a.bias                     | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "a", "units": 1}]}, "inputs": {"x": [[1, 2]], "a.bias": [1]}, "parameters": {"a.bias": [1]}
                    invalid-value /network/layers/0/initializer/seed     | "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "units": 1, "initializer": {"scheme": "ones", "seed": 1}}]}, "inputs": {"x": [[1, 2]]}
                    invalid-value /network/layers/0                      | "network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "embedding", "name": "e", "vocabulary": 2, "units": 1}]}, "inputs": {"x": [[7]]}
                    """)
    void have_errors_that_point_at_the_layer(String error, String fields) {
        HttpResponse<String> response = post("/v1/evaluate", "{" + fields + "}");
        String wanted = error.endsWith("``") ? error.substring(0, error.length() - 2) : error;
        assertThat(response.statusCode()).as(response.body()).isIn(400, 422);
        assertThat(errors(response)).as(response.body()).containsExactly(wanted);
    }

    @Test
    void say_which_layer_gets_what_from_which() {
        JsonNode problem = json(post("/v1/evaluate", """
                {"network": {"input": {"name": "x", "shape": [1, 28, 28]}, "layers": [{"type": "flatten", "name": "f"},
                   {"type": "conv2d", "name": "c2", "filters": 8, "kernel_size": 3}]}, "inputs": {"x": %s}}"""
                .formatted(JSON.writeValueAsString(new double[2][1][28][28]))));
        assertThat(problem.at("/errors/0/message").asString()).contains("conv2d 'c2' needs [batch, channels, height, width]",
                "flatten 'f' gives [batch, 784]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    [2]    | {"type": "dense", "units": 2147483647}
                    [2]    | {"type": "dense", "units": 4000000, "initializer": {"scheme": "orthogonal"}}
                    [2]    | {"type": "dense", "units": 100000}, {"type": "dense", "units": 100000}
                    [2]    | {"type": "embedding", "vocabulary": 2147483647, "units": 2147483647}
                    [1, 2, 2] | {"type": "conv2d", "filters": 1, "kernel_size": 1048576, "padding": 1048575}
                    [1, 2, 2] | {"type": "conv2d", "filters": 2147483647, "kernel_size": 1}
                    [100000, 1] | {"type": "lstm", "units": 3}
                    [50000, 1]  | {"type": "gru", "units": 1}, {"type": "dense", "units": 1}
                    [2000000000, 1] | {"type": "simple_rnn", "units": 1}
                    [2000000000, 2000000000] | {"type": "self_attention"}
                    """)
    void are_counted_before_they_are_built(String shape, String layers) {
        String network = "{\"network\": {\"input\": {\"name\": \"x\", \"shape\": " + shape + "}, \"layers\": [" + layers + "]}}";
        HttpResponse<String> response = post("/v1/graph", network);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(errors(response)).as(response.body()).containsExactly("limit-exceeded -");
    }

    @Test
    void are_not_nested_without_end() {
        for (int depth : List.of(100, 490, 2_000)) {
            String layers = "{\"type\": \"residual\", \"layers\": [".repeat(depth) + "{\"type\": \"flatten\"}" + "]}".repeat(depth);
            HttpResponse<String> response = post("/v1/evaluate",
                    "{\"network\": {\"input\": {\"name\": \"x\", \"shape\": [2]}, \"layers\": [" + layers
                            + "]}, \"inputs\": {\"x\": [[1, 2]]}}");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(depth == 100 ? 200 : 400);
        }
    }
}
