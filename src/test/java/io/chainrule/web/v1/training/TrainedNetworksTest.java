package io.chainrule.web.v1.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The trainings of the README: small networks learn, in seconds, from fixed seeds. */
class TrainedNetworksTest extends HttpTest {
    private JsonNode train(String request) {
        HttpResponse<String> response = post("/v1/train", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static String request(String name) throws IOException {
        try (InputStream file = new ClassPathResource("training/" + name + ".json").getInputStream()) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({"xor, accuracy, 1", "spirals, validation_accuracy, 0.95", "echo, validation_accuracy, 0.99",
            "digits, validation_accuracy, 0.95"})
    void learn(String name, String metric, double wanted) throws IOException {
        JsonNode answer = train(request(name));
        assertThat(answer.path("stopped_by").asString()).isEqualTo("epochs");
        JsonNode last = answer.path("history").get(answer.path("history").size() - 1);
        assertThat(last.path("metrics").path(metric).asDouble()).as(last.toString()).isGreaterThanOrEqualTo(wanted);
        assertThat(last.path("loss").asDouble()).isLessThan(answer.at("/history/0/loss").asDouble());
    }

    @Test
    void follow_the_batchs_statistics() {
        JsonNode answer = train("""
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "batch_norm", "name": "n"},
                   {"type": "dense", "name": "a", "units": 1}], "loss": {"type": "mse", "target": "y"}},
                 "inputs": {"x": [[1, 2], [3, 6], [5, 10], [7, 14]], "y": [[1], [2], [3], [4]]},
                 "validation": {"inputs": {"x": [[4, 8]], "y": [[0]]}}}""");
        double[] mean = JSON.treeToValue(answer.at("/statistics/n.running_mean"), double[].class);
        double[] variance = JSON.treeToValue(answer.at("/statistics/n.running_variance"), double[].class);
        assertThat(mean).containsExactly(new double[]{0.4, 0.8}, within(1e-12));
        assertThat(variance).containsExactly(new double[]{0.9 + 0.1 * 20 / 3, 0.9 + 0.1 * 80 / 3}, within(1e-12));
        ObjectNode parameters = ((ObjectNode) answer.path("parameters")).setAll((ObjectNode) answer.path("statistics"));
        JsonNode evaluated = json(post("/v1/evaluate", """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "batch_norm", "name": "n"},
                   {"type": "dense", "name": "a", "units": 1}], "loss": {"type": "mse", "target": "y"}},
                 "parameters": %s, "inputs": {"x": [[4, 8]], "y": [[0]]}}""".formatted(parameters)));
        assertThat(evaluated.path("value").asDouble()).isCloseTo(answer.at("/history/0/validation_loss").asDouble(), within(1e-12));
    }

    @Test
    void leave_out_other_elements_at_every_step() {
        String network = """
                "network": {"input": {"name": "x", "shape": [8]}, "layers": [{"type": "dropout", "rate": 0.5},
                   {"type": "dense", "name": "a", "units": 1}], "loss": {"type": "mse", "target": "y"}},
                 "seed": 5, "inputs": {"x": [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]], "y": [[1], [1]]}""";
        String request = "{" + network + ", \"optimizer\": {\"type\": \"sgd\", \"lr\": 1e-300}, \"epochs\": 6}";
        JsonNode answer = train(request);
        assertThat(answer.path("history").findValues("loss").stream().distinct()).hasSize(6);
        assertThat(train(request)).isEqualTo(answer);
        JsonNode first = json(post("/v1/evaluate", "{" + network + ", \"training\": true}"));
        assertThat(first.path("value").asDouble()).isCloseTo(answer.at("/history/0/loss").asDouble(), within(1e-12));
    }

    @Test
    void keep_the_parameters_that_are_not_named() {
        JsonNode answer = train(
                """
                        {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "a", "units": 2, "activation": "tanh"},
                           {"type": "dense", "name": "b", "units": 1}], "loss": {"type": "mse", "target": "y"}},
                         "initializer": {"scheme": "ones"}, "inputs": {"x": [[1, 2], [3, 4]], "y": [[1], [2]]}, "wrt": ["b.weight"]}""");
        assertThat(answer.at("/parameters/a.weight")).hasToString("[[1.0,1.0],[1.0,1.0]]");
        assertThat(answer.at("/parameters/b.weight").toString()).isNotEqualTo("[[1.0],[1.0]]");
    }

    @Test
    void sayThatTheLastStepHasTooFewSamples() {
        HttpResponse<String> response = post("/v1/train", """
                {"network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "batch_norm", "name": "b"}],
                   "loss": {"type": "mse", "target": "y"}}, "batch_size": 2, "inputs": {"x": [[1], [2], [3]], "y": [[1], [2], [3]]}}""");
        assertThat(errors(response)).containsExactly("shape-mismatch /network/layers/0");
        JsonNode error = json(response).at("/errors/0");
        assertThat(error.path("message").asString()).contains("batch_norm 'b'", "1 of the 3 samples");
        assertThat(error.path("hint").asString()).contains("batch_size");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            evaluate | "name": "e", | embedding 'e': index 4           | /network/layers/1
            evaluate |              | embedding 'embedding_1': index 4 | /network/layers/1
            train    | "name": "e", | embedding 'e': sample 1: embedding: index 4 | /inputs/x/1
            """)
    void nameTheLayerThatCannotUseAValue(String endpoint, String name, String message, String pointer) {
        HttpResponse<String> response = post("/v1/" + endpoint, """
                {"network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "flatten"},
                   {"type": "embedding", %s "vocabulary": 4, "units": 2}], "loss": {"type": "mse", "target": "y"}},
                 "inputs": {"x": [[0], [4]], "y": [[[0, 0]], [[0, 0]]]}}""".formatted(name == null ? "" : name));
        assertThat(errors(response)).as(response.body()).containsExactly("invalid-value " + pointer);
        assertThat(json(response).at("/errors/0/message").asString()).startsWith(message);
    }

    @Test
    void trainNoRunningStatistics() {
        HttpResponse<String> response = post("/v1/train", """
                {"network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "batch_norm", "name": "b"}],
                   "loss": {"type": "mse", "target": "y"}}, "wrt": ["b.weight", "b.running_mean"],
                 "inputs": {"x": [[1], [2]], "y": [[1], [2]]}}""");
        assertThat(errors(response)).containsExactly("invalid-value /wrt/1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    bad-attribute /initializer/low     | "inputs": {"x": [[1, 2]], "y": [[1]]}, "initializer": {"scheme": "uniform", "low": 1, "high": 0}
                    invalid-value /batch               | "inputs": {"x": [[1, 2]], "y": [[1]]}, "batch": ["x"]
                    missing-input /network/loss/target | "inputs": {"x": [[1, 2]]}
                    shape-mismatch /inputs/y           | "inputs": {"x": [[1, 2]], "y": [[1], [2]]}
                    shape-mismatch /parameters/a.bias  | "inputs": {"x": [[1, 2]], "y": [[1]]}, "parameters": {"a.bias": [1, 2]}
                    unknown-node /wrt/0                | "inputs": {"x": [[1, 2]], "y": [[1]]}, "wrt": ["a.wieght"]
                    invalid-value /wrt/0               | "inputs": {"x": [[1, 2]], "y": [[1]]}, "wrt": ["x"]
                    """)
    void are_refused_where_something_is_wrong(String error, String fields) {
        HttpResponse<String> response = post("/v1/train", """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "a", "units": 1}],
                   "loss": {"type": "mse", "target": "y"}}, %s}""".formatted(fields));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(errors(response)).as(response.body()).containsExactly(error);
    }
}
