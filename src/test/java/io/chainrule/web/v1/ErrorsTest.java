package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest extends HttpTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    400 | malformed-json /inputs             | {"expression": "x", "inputs": {"x": 1}
                    400 | malformed-json ``                  | {"expression": "x", "inputs": {"x": 1}} {}
                    400 | malformed-json ``                  | ``
                    400 | malformed-json /inputs/x           | {"expression": "x", "inputs": {"x": NaN}}
                    400 | unknown-field /expresion           | {"expresion": "x", "inputs": {"x": 1}}
                    422 | shape-mismatch /inputs/x           | {"expression": "x", "inputs": {"x": 1}, "batch": ["x"]}
                    422 | unknown-node /batch/0              | {"expression": "x", "inputs": {"x": 1}, "batch": ["y"]}
                    422 | invalid-value /batch/0             | {"expression": "f = exp(x)", "inputs": {"x": 1}, "batch": ["f"]}
                    422 | invalid-value /reduce              | {"expression": "x", "inputs": {"x": 1}, "reduce": "sum"}
                    422 | invalid-value /nodes               | {"expression": "x", "inputs": {"x": [1]}, "batch": ["x"], "reduce": "sum", "nodes": "all"}
                    422 | invalid-value /jacobians           | {"expression": "x", "inputs": {"x": [1]}, "batch": ["x"], "reduce": "sum", "jacobians": "all"}
                    400 | unknown-field /graph/nodes/0/name  | {"graph": {"nodes": [{"name": "a", "op": "exp", "inputs": ["x"]}]}}
                    400 | wrong-type /inputs/x               | {"expression": "x", "inputs": {"x": "1"}}
                    400 | wrong-type /inputs/x               | {"expression": "x", "inputs": {"x": 1e999}}
                    400 | wrong-type /inputs/x               | {"expression": "x", "inputs": {"x": null}}
                    400 | wrong-type /expression             | {"expression": 1, "inputs": {"x": 1}}
                    400 | wrong-type /graph/nodes            | {"graph": {"nodes": 1}}
                    400 | wrong-type /graph/nodes/0/inputs/1 | {"graph": {"nodes": [{"id": "a", "op": "add", "inputs": ["x", true]}]}}
                    400 | wrong-type /nodes                  | {"expression": "x", "inputs": {"x": 1}, "nodes": 1}
                    422 | invalid-value /nodes               | {"expression": "x", "inputs": {"x": 1}, "nodes": "some"}
                    422 | invalid-value /jacobians           | {"expression": "x", "inputs": {"x": 1}, "jacobians": "some"}
                    422 | invalid-value /inputs/x/1          | {"expression": "x", "inputs": {"x": [[1, 2], [3]]}}
                    422 | invalid-value ``                   | {"inputs": {"x": 1}}
                    422 | invalid-value ``                   | {"expression": "x", "graph": {"nodes": []}}
                    422 | invalid-value ``                   | {"expression": "x", "network": {}}
                    422 | invalid-value /graph               | {"graph": {}}
                    422 | bad-attribute /graph/nodes/0/shape | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x"], "shape": [2]}]}}
                    422 | bad-attribute /graph/nodes/0/value | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x"], "value": 2}]}}
                    422 | syntax-error /expression           | {"expression": "f = (x + 1", "inputs": {"x": 3}}
                    422 | unknown-op /expression             | {"expression": "f = tahn(x)", "inputs": {"x": 3}}
                    422 | unknown-op /graph/nodes/0/op       | {"graph": {"nodes": [{"id": "a", "op": "tahn", "inputs": ["x"]}]}, "inputs": {"x": 1}}
                    422 | unknown-node /wrt/0                | {"expression": "f = x", "inputs": {"x": 3}, "wrt": ["y"]}
                    422 | unknown-node /output               | {"expression": "f = x", "inputs": {"x": 3}, "output": "y"}
                    422 | unknown-node /nodes/1              | {"expression": "f = x", "inputs": {"x": 3}, "nodes": ["f", "y"]}
                    422 | missing-input /expression          | {"expression": "f = x * y", "inputs": {"x": 3}}
                    422 | missing-output /graph/output       | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x"]}, {"id": "b", "op": "exp", "inputs": ["x"]}]}, "inputs": {"x": 1}}
                    422 | duplicate-id /graph/nodes/1/id     | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x"]}, {"id": "a", "op": "exp", "inputs": ["x"]}]}, "inputs": {"x": 1}}
                    422 | wrong-arity /expression            | {"expression": "f = exp(x, x)", "inputs": {"x": 3}}
                    422 | wrong-arity /graph/nodes/0/inputs  | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x", 1]}]}, "inputs": {"x": 1}}
                    422 | bad-attribute /expression          | {"expression": "f = sum(x, axes=0)", "inputs": {"x": [3]}}
                    422 | bad-attribute /graph/nodes/0/attributes/axes | {"graph": {"nodes": [{"id": "a", "op": "sum", "inputs": ["x"], "attributes": {"axes": 0}}]}, "inputs": {"x": 1}}
                    422 | shape-mismatch /expression         | {"expression": "f = sum(x + y)", "inputs": {"x": [1, 2], "y": [1, 2, 3]}}
                    422 | shape-mismatch /graph/nodes/0      | {"graph": {"nodes": [{"id": "a", "op": "add", "inputs": ["x", "y"]}]}, "inputs": {"x": [1, 2], "y": [1, 2, 3]}}
                    422 | shape-mismatch /cotangent          | {"expression": "f = x", "inputs": {"x": [1, 2]}, "cotangent": [1, 2, 3]}
                    422 | singular-matrix /expression        | {"expression": "f = sum(x + inv(x))", "inputs": {"x": [[1, 2], [2, 4]]}}
                    422 | singular-matrix /graph/nodes/1     | {"graph": {"nodes": [{"id": "a", "op": "cross_entropy", "inputs": ["x", "x"]}, {"id": "b", "op": "inv", "inputs": ["x"]}, {"id": "c", "op": "sum", "inputs": ["b"]}], "output": "c"}, "inputs": {"x": [[1, 2], [2, 4]]}}
                    422 | not-scalar /expression             | {"expression": "f = x^2", "inputs": {"x": [1, 2]}}
                    422 | not-scalar /graph/nodes/0          | {"graph": {"nodes": [{"id": "a", "op": "exp", "inputs": ["x"]}]}, "inputs": {"x": [1, 2]}}
                    """)
    void areAnsweredWithStatusCodeAndPlace(int status, String error, String body) {
        HttpResponse<String> response = post("/v1/gradient", body);
        String wanted = error.endsWith("``") ? error.substring(0, error.length() - 2) : error;
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(errors(response)).as(response.body()).containsExactly(wanted);
        assertThat(json(response).path("code").asString()).isEqualTo(wanted.substring(0, wanted.indexOf(' ')));
        assertThat(json(response).path("type").asString()).isEqualTo("/problems/" + json(response).path("code").asString());
        assertThat(json(response).path("instance").asString()).isEqualTo("/v1/gradient");
    }

    @Test
    void areAllToldAtOnce() {
        HttpResponse<String> response = post("/v1/gradient",
                """
                        {"graph": {"nodes": [{"id": "a", "op": "rleu", "inputs": ["x"]}, {"id": "b", "op": "exp", "inputs": ["a", 1]}], "output": "c"}, "inputs": {"x": 1}}
                        """);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(errors(response)).contains("unknown-op /graph/nodes/0/op", "wrong-arity /graph/nodes/1/inputs");
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo("did you mean 'relu'?");
    }

    @Test
    void pointIntoTheExpression() {
        HttpResponse<String> response = post("/v1/gradient", "{\"expression\": \"q = x + 1\\nf = tahn(q)\", \"inputs\": {\"x\": 3}}");
        assertThat(json(response).at("/errors/0/line").asInt()).isEqualTo(2);
        assertThat(json(response).at("/errors/0/column").asInt()).isEqualTo(5);
    }

    @Test
    void pointIntoTextThatIsNotJson() {
        HttpResponse<String> response = post("/v1/gradient", "{\"expression\": \"x\",\n \"inputs\": {\"x\": 3,}}");
        assertThat(json(response).at("/errors/0/line").asInt()).isEqualTo(2);
        assertThat(json(response).at("/errors/0/column").asInt()).isEqualTo(20);
    }

    @Test
    void keepTheStructuralApartFromTheRest() {
        HttpResponse<String> response = post("/v1/gradient", "{\"expression\": \"x\", \"inputs\": {\"x\": [[1], [1, 2]]}, \"wrt\": [1]}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(errors(response)).isEqualTo(List.of("invalid-value /inputs/x/1", "wrong-type /wrt/0"));
        assertThat(json(response).path("code").asString()).isEqualTo("wrong-type");
    }

    @Test
    void areListedUpToAHundred() {
        HttpResponse<String> response = post("/v1/gradient",
                "{\"expression\": \"f = x\", \"inputs\": {\"x\": 1}, \"wrt\": [\"x\"" + ", \"y\"".repeat(200) + "]}");
        assertThat(errors(response)).hasSize(100).allMatch(error -> error.startsWith("unknown-node /wrt/"));
        assertThat(json(response).path("detail").asString()).endsWith("(and 199 more)");
    }

    @Test
    void boundTheNumberOfNames() {
        String names = "\"x\"" + ", \"x\"".repeat(100_000);
        assertThat(errors(
                post("/v1/jvp", "{\"expression\": \"x\", \"inputs\": {\"x\": 1}, \"wrt\": [" + names + "], \"of\": [" + names + "]}")))
                .containsExactly("limit-exceeded /wrt", "limit-exceeded /of");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    /v1/vjp      | unknown-node /cotangents/y      | {"expression": "f = x", "inputs": {"x": 1}, "cotangents": {"y": 1}}
                    /v1/jvp      | unknown-node /tangents/y        | {"expression": "f = x", "inputs": {"x": 1}, "tangents": {"y": 1}}
                    /v1/jvp      | unknown-node /of/0              | {"expression": "f = x", "inputs": {"x": 1}, "tangents": {"x": 1}, "of": ["y"]}
                    /v1/jacobian | invalid-value /mode             | {"expression": "f = x", "inputs": {"x": 1}, "mode": "sideways"}
                    /v1/jacobian | limit-exceeded -                | {"expression": "y = broadcast_to(x, shape=[2000])\\nf = y^2", "inputs": {"x": 1}, "wrt": ["y"]}
                    /v1/jacobian | unknown-node /pairs/g           | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {"g": ["x"]}}
                    /v1/jacobian | unknown-node /pairs/f/1         | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {"f": ["x", "z"]}}
                    /v1/jacobian | invalid-value /pairs/f          | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {"f": []}}
                    /v1/jacobian | invalid-value /pairs            | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {}}
                    /v1/jacobian | invalid-value /of               | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {"f": ["x"]}, "of": ["f"]}
                    /v1/jacobian | invalid-value /wrt              | {"expression": "f = x", "inputs": {"x": 1}, "pairs": {"f": ["x"]}, "wrt": ["x"]}
                    /v1/jacobian | limit-exceeded -                | {"expression": "y = broadcast_to(x, shape=[800])\\nf = y^2\\ng = y * 2", "inputs": {"x": 1}, "pairs": {"f": ["y"], "g": ["x", "y"]}}
                    /v1/graph    | invalid-value /shapes/x         | {"expression": "f = x", "inputs": {"x": 1}, "shapes": {"x": []}}
                    /v1/hessian  | not-scalar /expression          | {"expression": "f = x * 2", "inputs": {"x": [3, 1]}}
                    /v1/derivative | unknown-node /wrt/0          | {"expression": "f = x * 2", "wrt": ["y"]}
                    /v1/derivative | invalid-value /shapes/x      | {"expression": "f = x", "inputs": {"x": 1}, "shapes": {"x": []}}
                    /v1/derivative | shape-mismatch /expression   | {"expression": "f = W @ x"}
                    /v1/evaluate | missing-input /expression       | {"expression": "f = x"}
                    """)
    void ofOtherEndpoints(String path, String error, String body) {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(errors(response)).containsExactly(error);
    }
}
