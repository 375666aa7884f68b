package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class EndpointsTest extends HttpTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    /v1/evaluate | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "nodes": "none"} \
                                 | {"output": "y", "value": [2.0, 4.0], "nodes": [], "diagnostics": []}
                    /v1/gradient | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "cotangent": [1, 10], "nodes": "none"} \
                                 | {"output": "y", "value": [2.0, 4.0], "gradients": {"x": [2.0, 20.0]}, "nodes": [], "jacobians": [], "diagnostics": []}
                    /v1/vjp      | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "cotangents": {"y": [1, 10]}} \
                                 | {"values": {"y": [2.0, 4.0]}, "gradients": {"x": [2.0, 20.0]}}
                    /v1/jvp      | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "tangents": {"x": [1, 10]}} \
                                 | {"values": {"y": [2.0, 4.0]}, "tangents": {"y": [2.0, 20.0]}}
                    /v1/jvp      | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "tangents": {"x": [1, 10]}, "of": []} \
                                 | {"values": {}, "tangents": {}}
                    /v1/jacobian | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "of": []} \
                                 | {"values": {}, "jacobians": {}, "mode": "reverse", "passes": 0}
                    /v1/jacobian | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "mode": "forward"} \
                                 | {"values": {"y": [2.0, 4.0]}, "jacobians": {"y": {"x": [[2.0, 0.0], [0.0, 2.0]]}}, "mode": "forward", "passes": 1}
                    /v1/jacobian | {"expression": "y = x * 2", "inputs": {"x": [1, 2]}, "mode": "reverse", "format": "coo"} \
                                 | {"values": {"y": [2.0, 4.0]}, "jacobians": {"y": {"x": {"shape": [2, 2], "indices": [[0, 0], [1, 1]], "values": [2.0, 2.0]}}}, "mode": "reverse", "passes": 1}
                    /v1/jacobian | {"expression": "e = x * y\\nr = y^2 + 0 * x", "inputs": {"x": 2, "y": 3}, "pairs": {"r": ["y"], "e": ["y", "x"]}} \
                                 | {"values": {"r": 9.0, "e": 6.0}, "jacobians": {"r": {"y": 6.0}, "e": {"y": 2.0, "x": 3.0}}, "mode": "reverse", "passes": 2}
                    /v1/jacobian | {"expression": "e = sum(x)\\nr = x * s", "inputs": {"x": [2, 3], "s": 4}, "pairs": {"e": ["x"], "r": ["s"]}, "format": "coo"} \
                                 | {"values": {"e": 5.0, "r": [8.0, 12.0]}, "jacobians": {"e": {"x": {"shape": [2], "indices": [[0], [1]], "values": [1.0, 1.0]}}, "r": {"s": {"shape": [2], "indices": [[0], [1]], "values": [2.0, 3.0]}}}, "mode": "mixed", "passes": 2}
                    /v1/hessian  | {"expression": "f = x^2 * y", "inputs": {"x": 3, "y": 5}} \
                                 | {"value": 45.0, "gradients": {"x": 30.0, "y": 9.0}, "hessians": {"x": {"x": 10.0, "y": 6.0}, "y": {"x": 6.0, "y": 0.0}}, "passes": 2}
                    /v1/hvp      | {"expression": "f = x^2 * y", "inputs": {"x": 3, "y": 5}, "vectors": {"x": 1}} \
                                 | {"value": 45.0, "gradients": {"x": 30.0, "y": 9.0}, "products": {"x": 10.0, "y": 6.0}}
                    """)
    void answers(String path, String request, String answer) {
        HttpResponse<String> response = post(path, request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(json(response)).isEqualTo(JSON.readTree(answer));
    }

    @Test
    void describesAProgramFromShapes() {
        JsonNode graph = json(
                post("/v1/graph", "{\"expression\": \"f = sum(W @ x)\", \"shapes\": {\"W\": [2, 3]}, \"inputs\": {\"x\": [1, 2, 3]}}"));
        assertThat(graph.at("/inputs")).hasToString("[{\"id\":\"W\",\"shape\":[2,3]},{\"id\":\"x\",\"shape\":[3]}]");
        assertThat(graph.at("/nodes/2"))
                .hasToString("{\"id\":\"matmul_1\",\"op\":\"matmul\",\"inputs\":[\"W\",\"x\"],\"attributes\":{},\"shape\":[2]}");
        assertThat(graph.at("/cost/forward_flops").asLong()).isPositive();
        assertThat(graph.at("/latex").asString())
                .isEqualTo("\\begin{aligned} f &= \\operatorname{sum}\\left(W \\, x\\right) \\end{aligned}");
        JsonNode again = json(
                post("/v1/graph", JSON.writeValueAsString(JSON.createObjectNode().put("expression", graph.path("expression").asString())
                        .set("shapes", JSON.readTree("{\"W\": [2, 3], \"x\": [3]}")))));
        assertThat(again.path("nodes")).isEqualTo(graph.path("nodes"));
    }

    @Test
    void takesAGraphWithLeavesWrittenOut() {
        HttpResponse<String> response = post("/v1/gradient", """
                {"graph": {"output": "f", "nodes": [
                   {"id": "f", "op": "sum", "inputs": ["m"], "attributes": {"axis": [0], "keepdims": null}},
                   {"id": "m", "op": "mul", "inputs": ["x", "c"]},
                   {"id": "c", "op": "constant", "value": [1, "Infinity"]},
                   {"id": "x", "op": "input", "shape": [2]}]},
                 "inputs": {"x": [3, 4]}}
                """);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(json(response).at("/gradients/x")).hasToString("[1.0,\"Infinity\"]");
    }

    @Test
    void writesArraysInBase64WhereAsked() {
        JsonNode answer = json(
                post("/v1/gradient", "{\"expression\": \"f = sum(x)\", \"inputs\": {\"x\": [1, 2]}, \"arrays\": \"base64\"}"));
        assertThat(answer.path("value").isNumber()).isTrue();
        assertThat(answer.at("/gradients/x/data/buffer").asString()).isEqualTo("AAAAAAAA8D8AAAAAAADwPw==");
        assertThat(answer.at("/nodes/0/value/shape")).hasToString("[2]");
        assertThat(answer.at("/jacobians/0/value/dtype").asString()).isEqualTo("float64");
    }

    @Test
    void readsUtf16AndKeepsNames() {
        String body = "{\"expression\": \"σ = θ^2\", \"inputs\": {\"θ\": 3}}";
        var publisher = java.net.http.HttpRequest.BodyPublishers.ofString(body, java.nio.charset.StandardCharsets.UTF_16BE);
        assertThat(json(post("/v1/gradient", publisher, "Content-Type", "application/json")).at("/gradients/θ").asDouble()).isEqualTo(6);
    }

    @Test
    void listsTheCatalogue() {
        JsonNode ops = json(get("/v1/ops"));
        assertThat(ops.size()).isGreaterThan(50);
        for (JsonNode op : ops) {
            JsonNode one = json(get("/v1/ops/" + op.path("name").asString()));
            assertThat(one.at("/example/answer/gradients").size()).as(one.toString()).isPositive();
            assertThat(post("/v1/gradient", one.at("/example/request").toString()).body()).isEqualTo(one.at("/example/answer").toString());
        }
    }

    @Test
    void findsAnOpByItsAlias() {
        JsonNode ops = json(get("/v1/ops"));
        JsonNode aliased = StreamSupport.stream(ops.spliterator(), false).filter(op -> !op.path("aliases").isEmpty()).findFirst()
                .orElseThrow();
        assertThat(json(get("/v1/ops/" + aliased.at("/aliases/0").asString())).path("name")).isEqualTo(aliased.path("name"));
    }

    @Test
    void hintsAtTheNearestOp() {
        HttpResponse<String> response = get("/v1/ops/rleu");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo("did you mean 'relu'?");
    }

    /** An empty list of nodes asks for none, which a reduced batch allows. */
    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "gradient", "explain"})
    void anEmptyListOfNodesIsNone(String endpoint) {
        String request = "{\"expression\": \"y = x^2\", \"inputs\": {\"x\": [1, 2, 3]}, \"batch\": [\"x\"], "
                + "\"reduce\": \"mean\", \"nodes\": %s}";
        HttpResponse<String> empty = post("/v1/" + endpoint, request.formatted("[]"));
        assertThat(empty.statusCode()).as(empty.body()).isEqualTo(200);
        assertThat(empty.body()).isEqualTo(post("/v1/" + endpoint, request.formatted("\"none\"")).body());
        assertThat(errors(post("/v1/" + endpoint, request.formatted("[\"x\"]")))).containsExactly("invalid-value /nodes");
    }
}
