package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The gradient endpoint's {@code digits}. */
class CertainDigitsTest extends HttpTest {
    private JsonNode gradient(String body) {
        return json(post("/v1/gradient", body));
    }

    @Test
    void standBesideTheGradientsInTheirShapes() {
        JsonNode answer = gradient("""
                {"expression": "f = sum(tanh(W @ x)^2)", "inputs": {"W": [[1, 2], [3, 4]], "x": [0.1, 0.2]}, "digits": true}""");
        assertThat(answer.get("digits").get("x").size()).isEqualTo(2);
        assertThat(answer.get("digits").get("W").get(1).get(0).asDouble()).isBetween(13.0, 15.9);
        assertThat(answer.get("value_digits").asDouble()).isBetween(13.0, 15.9);
    }

    @Test
    void areAbsentUnlessAskedFor() {
        String body = """
                {"expression": "f = exp(x) - x", "inputs": {"x": 1e-9}%s}""";
        JsonNode plain = gradient(body.formatted(""));
        JsonNode withDigits = gradient(body.formatted(", \"digits\": true"));
        assertThat(plain.has("digits") || plain.has("value_digits")).isFalse();
        assertThat(gradient(body.formatted(", \"digits\": false"))).isEqualTo(plain);
        assertThat(withDigits.get("gradients")).isEqualTo(plain.get("gradients"));
        assertThat(withDigits.get("value")).isEqualTo(plain.get("value"));
        // exp(x) - 1 is about 1e-9, and exp(x) is rounded to a part of 1e-16.
        assertThat(withDigits.get("digits").get("x").asDouble()).isBetween(6.0, 7.5);
    }

    @Test
    void areThoseOfEachSampleOfABatch() {
        JsonNode answer = gradient("""
                {"expression": "f = (x - 1)^3 * exp(y)", "inputs": {"x": [3, 1.0000001], "y": 0.3}, "batch": ["x"], "digits": true}""");
        assertThat(answer.get("digits").get("y").size()).isEqualTo(2);
        assertThat(answer.get("value_digits").size()).isEqualTo(2);
    }

    @Test
    void areAnsweredForNetworks() {
        JsonNode answer = gradient("""
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 1}],
                             "loss": {"type": "mse", "target": "y"}},
                 "inputs": {"x": [[0, 1], [1, 1]], "y": [[1], [0]]}, "digits": true}""");
        assertThat(answer.get("digits").get("out.weight").get(0).get(0).asDouble()).isGreaterThan(13);
    }

    @Test
    void areZeroWithADiagnosticWhereAnOpCannotBoundItsError() {
        JsonNode answer = gradient("""
                {"expression": "y = cofactor_derivative(A, A)\\nf = sum(y) + sum(A)", "wrt": ["A"],
                 "inputs": {"A": [[2, 1, 0, 0], [1, 3, 0, 1], [0, 0, 2, 1], [0, 1, 1, 5]]}, "digits": true}""");
        assertThat(answer.get("digits").get("A").get(0).get(0).asDouble()).isZero();
        assertThat(answer.get("diagnostics").values().stream().filter(one -> one.get("kind").asString().equals("digits-unknown"))
                .map(one -> one.get("node").asString())).containsExactly("y");
    }
}
