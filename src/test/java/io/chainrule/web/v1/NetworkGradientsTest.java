package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.network.LayerCatalogue;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Every type of layer has the gradient that differences say, and the same one forward and in reverse. */
class NetworkGradientsTest extends HttpTest {
    /** Layer, shape of one sample, options, and what is said beside the network. */
    private static final String CASES = """
            dense             | [3]       | "units": 2, "activation": "tanh"                          |
            dense             | [2, 3]    | "units": 2, "activation": "maxout", "pieces": 2           |
            conv1d            | [5, 2]    | "filters": 3, "kernel_size": 3, "padding": "same"         |
            conv1d            | [6, 2]    | "filters": 2, "kernel_size": 2, "dilation": 2, "stride": 2 |
            conv2d            | [2, 4, 4] | "filters": 2, "kernel_size": [3, 2], "stride": 2, "padding": 1, "groups": 2, "activation": "gelu" |
            conv_transpose2d  | [2, 3, 3] | "filters": 2, "kernel_size": 2, "stride": [2, 1]          |
            max_pool2d        | [1, 4, 4] | "kernel_size": 2                                          |
            avg_pool2d        | [1, 4, 4] | "kernel_size": 3, "stride": 1, "padding": 1               |
            global_avg_pool2d | [2, 3, 3] |                                                           |
            flatten           | [2, 3]    |                                                           |
            reshape           | [6]       | "shape": [2, -1]                                          |
            activation        | [4]       | "activation": "softplus"                                  |
            dropout           | [20]      | "rate": 0.5                                               | "training": true, "seed": 3,
            batch_norm        | [3]       |                                                           | "training": true,
            batch_norm        | [2, 2, 2] | "activation": "sigmoid"                                   | "parameters": {"layer.running_variance": [2, 3]},
            layer_norm        | [2, 4]    |                                                           |
            group_norm        | [4, 2, 2] | "groups": 2                                               |
            embedding         | [2]       | "vocabulary": 5, "units": 3                               |
            simple_rnn        | [3, 2]    | "units": 2                                                |
            lstm              | [3, 2]    | "units": 2, "return_sequences": true                      |
            gru               | [3, 2]    | "units": 2                                                |
            self_attention    | [3, 4]    | "heads": 2, "causal": true                                |
            residual          | [3]       | "layers": [{"type": "dense", "units": 3}, {"type": "residual", "layers": [{"type": "dense", "units": 3, "activation": "tanh"}]}] |
            """;

    record Case(String type, int[] shape, String options, String beside) {
        static Case of(String line) {
            String[] parts = Arrays.stream(line.split("\\|", -1)).map(String::strip).toArray(String[]::new);
            return new Case(parts[0], JSON.readValue(parts[1], int[].class), parts[2], parts[3]);
        }

        String network(String loss) {
            return """
                    %s "initializer": {"scheme": "normal", "stddev": 0.7, "seed": 5}, "network": {
                      "input": {"name": "x", "shape": %s}, "layers": [{"type": "%s", "name": "layer"%s}]%s}"""
                    .formatted(beside, Arrays.toString(shape), type, options.isEmpty() ? "" : ", " + options, loss);
        }

        /** Indices, for an embedding. */
        JsonNode data() {
            int[] batch = new int[shape.length + 1];
            batch[0] = 3;
            System.arraycopy(shape, 0, batch, 1, shape.length);
            return array(batch, 0, type.equals("embedding") ? 1 : 0, new int[1]);
        }
    }

    /** Numbers that look like chance but are the same each time; whole ones where asked. */
    private static JsonNode array(int[] shape, int axis, int whole, int[] count) {
        if (axis == shape.length) {
            int n = count[0]++;
            return whole == 1 ? JSON.getNodeFactory().numberNode(n % 5) : JSON.getNodeFactory().numberNode(Math.sin(37.0 * n + 1));
        }
        ArrayNode array = JSON.createArrayNode();
        for (int i = 0; i < shape[axis]; i++) {
            array.add(array(shape, axis + 1, whole, count));
        }
        return array;
    }

    static Stream<Case> cases() {
        return CASES.lines().map(Case::of);
    }

    private JsonNode ask(String path, String body) {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(body + response.body()).isEqualTo(200);
        return json(response);
    }

    /** By the examples of the catalogue, so that a new type needs no case here. */
    @Test
    void ofEveryTypeAreThoseThatDifferencesSay() {
        assertThat(LayerCatalogue.LAYERS.names()).allSatisfy(type -> {
            JsonNode check = ask("/v1/check", json(get("/v1/layers/" + type)).at("/example/request").toString());
            assertThat(check.path("passed").asBoolean()).as(check.toString()).isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areThoseThatDifferencesSay(Case layer) {
        JsonNode last = ask("/v1/evaluate", "{" + layer.network("") + ", \"inputs\": {\"x\": " + layer.data() + "}}");
        ObjectNode inputs = JSON.createObjectNode();
        inputs.set("x", layer.data());
        inputs.set("y", array(shape(last.path("value")), 0, 0, new int[]{1000}));
        List<String> wrt = Stream.concat(last.path("parameters").propertyNames().stream(), Stream.of("x"))
                .filter(name -> !(name.equals("x") && layer.type().equals("embedding"))).toList();
        String body = layer.network(", \"loss\": {\"type\": \"mse\", \"target\": \"y\"}") + ", \"inputs\": " + inputs + ", \"wrt\": "
                + JSON.writeValueAsString(wrt);
        JsonNode check = ask("/v1/check", "{" + body + "}");
        assertThat(check.path("passed").asBoolean()).as(check.toString()).isTrue();
        assertThat(check.path("checks")).hasSize(wrt.size());
        JsonNode reverse = ask("/v1/gradient", "{" + body + "}").path("gradients");
        JsonNode forward = ask("/v1/jacobian", "{" + body + ", \"mode\": \"forward\"}").at("/jacobians/loss");
        wrt.forEach(name -> assertClose(forward.path(name), reverse.path(name)));
        assertThat(wrt.stream().flatMapToDouble(name -> Arrays.stream(JSON.treeToValue(flat(reverse.path(name)), double[].class)))
                .map(Math::abs)
                .max().orElse(0)).isPositive();
    }

    private static int[] shape(JsonNode value) {
        return value.isArray()
                ? Stream.concat(Stream.of(value.size()), Arrays.stream(shape(value.get(0))).boxed()).mapToInt(i -> i).toArray()
                : new int[0];
    }

    private static JsonNode flat(JsonNode value) {
        ArrayNode all = JSON.createArrayNode();
        if (value.isArray()) {
            value.forEach(item -> all.addAll((ArrayNode) flat(item)));
        } else {
            all.add(value);
        }
        return all;
    }

    private static void assertClose(JsonNode actual, JsonNode expected) {
        JsonNode a = flat(actual);
        JsonNode b = flat(expected);
        assertThat(a.size()).isEqualTo(b.size());
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.get(i).asDouble()).isCloseTo(b.get(i).asDouble(), within(1e-12 * Math.max(1, Math.abs(b.get(i).asDouble()))));
        }
    }
}
