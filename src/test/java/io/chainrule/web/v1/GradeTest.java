package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Backward passes are marked over HTTP. */
class GradeTest extends HttpTest {
    private static final String LECTURE = """
            {"expression": "q = x + y\\nf = q * z\\ndfdz = q\\ndfdq = x\\ndfdx = dfdq * 1", "inputs": {"x": -2, "y": 5, "z": -4}}""";

    @Test
    void tellsTheFirstWrongLineAndWhatItShouldSay() {
        assertThat(json(post("/v1/grade", LECTURE))).isEqualTo(JSON.readTree("""
                {"output": "f", "passed": false, "lines": [
                  {"name": "dfdz", "node": "z", "verdict": "right", "claimed": 3.0, "expected": 3.0,"text": "dfdz is ∂f/∂z."},
                  {"name": "dfdq", "node": "q", "verdict": "wrong", "mistake": "wrong-value", "claimed": -2.0, "expected": -4.0,
                   "expected_expression": "z",
                   "text": "dfdq is not ∂f/∂q. x is read where z should be. It should be dfdq = z."},
                  {"name": "dfdx", "node": "x", "verdict": "follows", "claimed": -2.0, "expected": -4.0,
                   "text": "dfdx is right but for an earlier error: with the true upstream gradient it would be ∂f/∂x."}],
                 "first_wrong": "dfdq"}"""));
    }

    @ParameterizedTest
    @CsvSource({"ko, , ko", "'fr, ko;q=0.5', , ko", "ko, en, en", "en, ko, ko", "fr, , en"})
    void theLanguageIsThatOfTheRequestOrElseOfTheHeader(String header, String lang, String language) {
        String field = lang == null ? "" : ", \"lang\": \"" + lang + "\"";
        HttpResponse<String> response = post("/v1/grade", LECTURE.replaceFirst("}$", field + "}"), "Content-Type", "application/json",
                "Accept-Language", header);
        assertThat(response.headers().firstValue("Content-Language")).contains(language);
        assertThat(response.headers().allValues("Vary").toString()).containsIgnoringCase("Accept-Language");
        assertThat(json(response).at("/lines/0/text").asString()).isEqualTo(language.equals("ko") ? "dfdz는 ∂f/∂z이다." : "dfdz is ∂f/∂z.");
    }

    @Test
    void takesClaimsAnOutputAndListsOfNodes() {
        JsonNode grade = json(post("/v1/grade", """
                {"graph": {"nodes": [{"id": "f", "op": "mul", "inputs": ["x", "y"]}, {"id": "g", "op": "mul", "inputs": ["y", 2]}]},
                 "inputs": {"x": 3, "y": 2}, "output": "f", "claims": {"g": "x"}}"""));
        assertThat(grade.at("/lines/0/mistake").asString()).isEqualTo("extra-factor");
        assertThat(grade.path("first_wrong").asString()).isEqualTo("g");
    }

    @Test
    void marksAnswersWithoutTellingTheTrueOnes() {
        HttpResponse<String> response = post("/v1/grade", """
                {"expression": "f = x * y", "inputs": {"x": 3, "y": 7.25}, "answers": {"x": 7.25, "y": 2}}""");
        assertThat(json(response).path("passed").asBoolean()).isFalse();
        assertThat(json(response).at("/lines/1")).isEqualTo(JSON.readTree("""
                {"name": "y", "node": "y", "verdict": "wrong", "claimed": 2.0,"text": "The answer for y is not the gradient."}"""));
    }

    @Test
    void aLongChainOfWrongLinesIsMarkedLineByLine() {
        List<String> lines = new ArrayList<>(List.of("h0 = w * x"));
        IntStream.range(1, 30).forEach(i -> lines.add("h" + i + " = tanh(h" + (i - 1) + " * w)"));
        lines.addAll(List.of("f = h29^2", "dh29 = h29"));
        IntStream.iterate(28, i -> i - 1).limit(29).forEach(i -> lines.add("dh%1$d = dh%2$d * (1 - h%2$d) * w".formatted(i, i + 1)));
        JsonNode grade = json(post("/v1/grade", JSON.writeValueAsString(
                Map.of("expression", String.join("\n", lines), "inputs", Map.of("x", 0.5, "w", 0.9)))));
        assertThat(grade.path("lines")).hasSize(30).allSatisfy(line -> {
            assertThat(line.path("verdict").asString()).isEqualTo("wrong");
            assertThat(line.path("mistake").asString()).isIn("missing-factor", "missing-constant-factor");
        });
    }

    @Test
    void aLineWhoseShapesDoNotFitIsMarked() {
        JsonNode grade = json(post("/v1/grade", """
                {"expression": "q = W @ x\\nf = sum(q^2)\\ndq = 2 * q\\ndW = dq @ x\\ndx = W.T @ dq",
                 "inputs": {"W": [[1, 2, 3], [4, 5, 6]], "x": [1, 0, -1]}}"""));
        assertThat(grade.at("/lines/1")).isEqualTo(JSON.readTree(
                """
                        {"name": "dW", "node": "W", "verdict": "wrong", "mistake": "wrong-operation", "expected": [[-4.0, 0.0, 4.0], [-4.0, 0.0, 4.0]],
                         "expected_expression": "outer(dq, x)",
                         "text": "dW cannot be computed: matmul: shapes [2] and [3] do not fit: rows of 2 meet columns of 3. The operation matmul is not \
                        the one that the chain rule has here. It should be dW = outer(dq, x)."}"""));
        assertThat(grade.at("/lines/2/verdict").asString()).isEqualTo("right");
    }

    @Test
    void networksHaveAQuizToo() {
        JsonNode grade = json(post("/v1/grade", """
                {"network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "dense", "name": "out", "units": 1}],
                  "loss": {"type": "mse", "target": "y"}}, "parameters": {"out.weight": [[2]], "out.bias": [1]},
                 "inputs": {"x": [[3]], "y": [[0]]}, "answers": {"out.weight": [[42]], "out.bias": [14]}}"""));
        assertThat(grade.path("passed").asBoolean()).as(grade.toString()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    "expression": "f = x\\ndx = 1", "inputs": {"x": 1}, "claims": {"dq": "x"} | unknown-node  | /claims/dq
                    "expression": "f = x\\ndx = 1", "inputs": {"x": 1}, "claims": {"dx": "q"} | unknown-node  | /claims/dx
                    "expression": "f = x", "inputs": {"x": 1}, "answers": {"w": 1}            | unknown-node  | /answers/w
                    "expression": "f = x * y", "inputs": {"x": 1, "y": 1}                      | invalid-value | /expression
                    "graph": {"nodes": [{"id": "f", "op": "exp", "inputs": ["x"]}]}, "inputs": {"x": 1} | invalid-value | /graph
                    "graph": {"nodes": [{"id": "q", "op": "exp", "inputs": ["x"]}, {"id": "f", "op": "mul", "inputs": ["q", "z"]}], "aliases": {"dfdz": "q"}}, "inputs": {"x": 1, "z": 2} | invalid-value | /graph/aliases/dfdz
                    "expression": "f = 2 * x\\ndx = 2", "inputs": {"x": [1, 2]}                | not-scalar    | /expression
                    "expression": "def f(x, dx):\\n  y = x^2\\n  dx = 2 * x\\n  return y", "inputs": {"x": 1, "dx": 1} | syntax-error | /expression
                    "expression": "f = x\\ndx = 1", "inputs": {"x": 1}, "batch": ["x"]         | unknown-field | /batch
                    """)
    void refusesWhatItCannotMark(String request, String code, String place) {
        JsonNode problem = json(post("/v1/grade", "{" + request + "}"));
        assertThat(problem.at("/errors/0/code").asString()).as(problem.toString()).isEqualTo(code);
        assertThat(problem.at("/errors/0/pointer").asString()).isEqualTo(place);
        if (place.contains("aliases")) {
            assertThat(problem.at("/errors/0/hint").asString()).isEqualTo("make it a node of its own, as mul of q and 1");
        }
    }
}
