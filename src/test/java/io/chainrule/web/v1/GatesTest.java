package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The lecture's sigmoid, as one gate and as a circuit. */
class GatesTest extends HttpTest {

    @ParameterizedTest
    @CsvSource({"d, f/neg_1, n", "n, f/exp_1, p", "p, f/add_1, s", "s, f, f"})
    void anOpenedSigmoidIsTheLecturesCircuit(String inputInLecture, String opened, String inLecture) {
        JsonNode answer = answer("sigmoid-gate", "expand");
        JsonNode expected = example("sigmoid-neuron").path("expect");
        assertThat(answer.path("value").asDouble()).isCloseTo(expected.path("value").asDouble(), within(1e-12));
        JsonNode node = node(answer, opened);
        JsonNode input = node(answer, node.path("inputs").get(node.path("inputs").size() - 1).asString());
        for (String field : List.of("value", "gradient")) {
            assertThat(node.path(field).asDouble()).isCloseTo(expected.at("/nodes/" + inLecture + "/" + field).asDouble(), within(1e-12));
            assertThat(input.path(field).asDouble())
                    .isCloseTo(expected.at("/nodes/" + inputInLecture + "/" + field).asDouble(), within(1e-12));
        }
        assertThat(answer.at("/gradients/w0").asDouble()).isCloseTo(expected.at("/gradients/w0").asDouble(), within(1e-12));
    }

    @Test
    void theLecturesCircuitIsClosedIntoASigmoid() {
        JsonNode answer = answer("sigmoid-neuron", "collapse");
        JsonNode expected = example("sigmoid-neuron").path("expect");
        assertThat(ids(answer)).containsExactlyInAnyOrder("w0", "x0", "w1", "x1", "w2", "a", "b", "c", "d", "f");
        assertThat(node(answer, "f").path("op").asString()).isEqualTo("sigmoid");
        assertThat(node(answer, "f").path("inputs")).hasToString("[\"d\"]");
        expected.path("gradients").forEachEntry((input, gradient) -> assertThat(answer.at("/gradients/" + input).asDouble())
                .isCloseTo(gradient.asDouble(), within(1e-12)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /v1/evaluate | "nodes": ["e"]
            /v1/evaluate | "output": "e"
            /v1/gradient | "wrt": ["e"]
            /v1/jacobian | "of": ["e"]
            /v1/jvp      | "tangents": {"u": 1}, "of": ["e"]
            /v1/vjp      | "cotangents": {"e": 1}
            """)
    void aNodeThatTheRequestNamesIsNotClosedOver(String path, String field) {
        String body = "{\"expression\": \"e = exp(-u)\\ny = 1 / (1 + e)\", \"inputs\": {\"u\": 2}, \"gates\": \"collapse\", " + field + "}";
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            as_written | f = sigmoid(w * x)
            expand     | f = 1 / (1 + exp(-(w * x)))
            collapse   | f = sigmoid(w * x)
            """)
    void theGraphIsShownInThatForm(String gates, String expression) {
        JsonNode graph = json(post("/v1/graph", "{\"expression\": \"f = sigmoid(w * x)\", \"shapes\": {\"w\": [], \"x\": []}, \"gates\": \""
                + gates + "\"}"));
        assertThat(graph.path("expression").asString()).isEqualTo(expression);
        assertThat(graph.path("nodes").size()).isEqualTo(gates.equals("expand") ? 7 : 4);
    }

    @Test
    void aBatchIsMappedOverTheOpenedProgram() {
        JsonNode answer = json(post("/v1/evaluate", "{\"expression\": \"f = sigmoid(x)\", \"inputs\": {\"x\": [0, 0, 0]}, "
                + "\"batch\": [\"x\"], \"gates\": \"expand\"}"));
        assertThat(node(answer, "f/add_1").path("value")).hasToString("[2.0,2.0,2.0]");
    }

    /** What a rule would leave to broadcasting is a node here, with a gradient. */
    @Test
    void aNodeThatAGateReadsKeepsItsGradient() {
        for (String gates : List.of("as_written", "expand", "collapse")) {
            JsonNode answer = json(post("/v1/gradient", "{\"expression\": \"b = broadcast_to(x, shape=[2])\\nf = vecdot(b, y)\", "
                    + "\"inputs\": {\"x\": [3], \"y\": [4, 5]}, \"gates\": \"" + gates + "\"}"));
            assertThat(node(answer, "b").path("gradient")).as(gates).hasToString("[4.0,5.0]");
        }
    }

    @Test
    void anOpenedProgramObeysTheLimitOfNodes() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            text.append("x").append(i).append(" = sigmoid(").append(i == 0 ? "u" : "x" + (i - 1)).append(")\\n");
        }
        HttpResponse<String> response = post("/v1/evaluate", "{\"expression\": \"" + text
                + "\", \"inputs\": {\"u\": 0.5}, \"nodes\": \"none\", \"gates\": \"expand\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(errors(response).getFirst()).startsWith("limit-exceeded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []         | mish, sigmoid, sigmoid |
            ["a"]      | sigmoid, sigmoid       | a
            ["b"]      | mish, sigmoid          | b
            ["a", "b"] | sigmoid                | a, b
            ["b", "b"] | mish, sigmoid          | b
            """)
    void aListOpensTheseGatesAndWhatIsInsideThem(String gates, String closed, @Nullable String opened) {
        JsonNode answer = gradient(gates);
        assertThat(ops(answer).filter(List.of("mish", "sigmoid", "tanh", "softplus")::contains)).containsExactly(closed.split(", "));
        assertThat(ids(answer).stream().filter(id -> id.contains("/")).map(id -> id.substring(0, id.indexOf('/'))).distinct())
                .containsExactlyInAnyOrder(opened == null ? new String[0] : opened.split(", "));
        assertThat(ids(answer)).contains("a", "b", "f");
        JsonNode written = gradient("\"as_written\"");
        assertThat(answer.at("/gradients/x").asDouble()).isCloseTo(written.at("/gradients/x").asDouble(), within(1e-12));
        for (String id : List.of("a", "b", "f")) {
            assertThat(node(answer, id).path("gradient").asDouble()).isCloseTo(node(written, id).path("gradient").asDouble(),
                    within(1e-12));
        }
    }

    @Test
    void onlyGatesThatOpenAreListed() {
        HttpResponse<String> response = post("/v1/gradient",
                "{\"expression\": \"f = sigmoid(x) * x\", \"inputs\": {\"x\": 1}, \"gates\": [\"sigmoid_1\", \"f\", \"h\"]}");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(errors(response)).containsExactly("invalid-value /gates/1", "unknown-node /gates/2");
    }

    private JsonNode gradient(String gates) {
        HttpResponse<String> response = post("/v1/gradient",
                "{\"expression\": \"a = mish(x); b = sigmoid(a); f = b * sigmoid(x)\", \"inputs\": {\"x\": 0.7}, \"gates\": " + gates
                        + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static Stream<String> ops(JsonNode answer) {
        return StreamSupport.stream(answer.path("nodes").spliterator(), false).map(node -> node.path("op").asString()).sorted();
    }

    @Test
    void noOtherFormIsKnown() {
        HttpResponse<String> response = post("/v1/evaluate", "{\"expression\": \"x\", \"inputs\": {\"x\": 1}, \"gates\": \"open\"}");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(errors(response)).containsExactly("invalid-value /gates");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            sigmoid | 1 / (1 + exp(-x))
            silu    | x * (1 / (1 + exp(-x)))
            mean    | sum(x, axis=[1]) / 3
            norm    | sqrt(sum(square(x), axis=[1]))
            """)
    void theCatalogueTellsTheCircuit(String op, String circuit) {
        assertThat(json(get("/v1/ops/" + op)).path("circuit").asString()).isEqualTo(circuit);
    }

    @Test
    void aPrimitiveHasNoCircuit() {
        assertThat(json(get("/v1/ops/exp")).has("circuit")).isFalse();
    }

    private JsonNode answer(String example, String gates) {
        ObjectNode request = (ObjectNode) example(example).path("request");
        HttpResponse<String> response = post("/v1/gradient", request.put("gates", gates).toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static JsonNode example(String name) {
        try {
            return JSON.readTree(new ClassPathResource("examples/" + name + ".json").getContentAsByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> ids(JsonNode answer) {
        return StreamSupport.stream(answer.path("nodes").spliterator(), false).map(node -> node.path("id").asString()).toList();
    }

    private static JsonNode node(JsonNode answer, String id) {
        return StreamSupport.stream(answer.path("nodes").spliterator(), false).filter(node -> node.path("id").asString().equals(id))
                .findFirst().orElseThrow();
    }
}
