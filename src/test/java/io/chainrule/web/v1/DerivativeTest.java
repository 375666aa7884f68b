package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Derivatives over HTTP. */
class DerivativeTest extends HttpTest {
    private JsonNode derivatives(String request) {
        HttpResponse<String> response = post("/v1/derivative", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response).path("derivatives");
    }

    @Test
    void isGivenAsTextAsLatexAndAsAGraph() {
        assertThat(json(post("/v1/derivative", "{\"expression\": \"f = x^3\"}"))).isEqualTo(JSON.readTree(
                """
                        {"output": "f", "derivatives": {"x": {
                          "expression": "3 * x^2", "renamed_inputs": {},
                          "latex": "\\\\frac{\\\\partial f}{\\\\partial x} = 3 x^{2}",
                          "mathml": "<math xmlns=\\"http://www.w3.org/1998/Math/MathML\\" display=\\"block\\"><mfrac><mrow><mo>∂</mo><mi>f</mi></mrow><mrow><mo>∂</mo><mi>x</mi></mrow></mfrac><mo>=</mo><mn>3</mn><msup><mi>x</mi><mrow><mn>2</mn></mrow></msup></math>",
                          "graph": {"nodes": [
                            {"id": "x", "op": "input", "inputs": [], "attributes": {}, "shape": []},
                            {"id": "pow_1", "op": "pow", "inputs": ["x", 2.0], "attributes": {}},
                            {"id": "output", "op": "mul", "inputs": [3.0, "pow_1"], "attributes": {}}], "output": "output"}}}}
                        """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            none | 2 * w * x | x^2
            sum  | 2 * w * x | sum(x^2)
            mean | w * x     | 0.5 * sum(x^2)
            """)
    void isThatOfOneSampleOrOfWhatABatchIsReducedTo(String reduce, String byX, String byW) {
        JsonNode found = derivatives(
                "{\"expression\": \"w * x^2\", \"shapes\": {\"x\": [2]}, \"batch\": [\"x\"], \"reduce\": \"" + reduce + "\"}");
        assertThat(found.at("/x/expression").asString()).isEqualTo(byX);
        assertThat(found.at("/w/expression").asString()).isEqualTo(byW);
        assertThat(found.at("/x/graph/nodes").findValues("shape").toString()).contains(reduce.equals("none") ? "[]" : "[2]");
    }

    @Test
    void takesShapesAndValuesAndElseScalars() {
        JsonNode found = derivatives("""
                {"expression": "c * sum((W @ x)^2)", "shapes": {"x": [3]}, "inputs": {"W": [[1, 2, 3], [4, 5, 6]]}}
                """);
        assertThat(found.propertyNames()).containsExactly("W", "x", "c");
        assertThat(found.at("/x/expression").asString()).isEqualTo("2 * c * (W.T @ (W @ x))");
        assertThat(found.at("/W/expression").asString()).isEqualTo("2 * c * outer(W @ x, x)");
        assertThat(found.at("/c/expression").asString()).isEqualTo("sum((W @ x)^2)");
    }

    @Test
    void canBePostedAgainInBothForms() {
        JsonNode found = derivatives("""
                {"expression": "h = tanh(W @ x + [0.5, -1])\\nf = sum(h^2) / (1 + sum(x^2))", "wrt": ["x"],
                 "shapes": {"W": [2, 3], "x": [3]}}
                """).path("x");
        String inputs = "\"inputs\": {\"W\": [[1, -2, 3], [0.5, 1, -1]], \"x\": [0.1, 0.2, 0.3]}";
        JsonNode gradient = json(post("/v1/gradient",
                "{\"expression\": \"h = tanh(W @ x + [0.5, -1])\\nf = sum(h^2) / (1 + sum(x^2))\", " + inputs + "}")).at("/gradients/x");
        JsonNode fromText = json(post("/v1/evaluate", "{\"expression\": " + found.path("expression") + ", " + inputs + "}"));
        JsonNode fromGraph = json(post("/v1/evaluate", "{\"graph\": " + found.path("graph") + ", " + inputs + "}"));
        for (int i = 0; i < 3; i++) {
            assertThat(fromGraph.path("value").path(i).asDouble()).isCloseTo(gradient.path(i).asDouble(), within(1e-15));
            assertThat(fromText.path("value").path(i).asDouble()).isCloseTo(gradient.path(i).asDouble(),
                    within(1e-12));
        }
    }

    @Test
    void isAGraphThatTellsItsShapes() {
        JsonNode graph = derivatives("{\"expression\": \"y * sum(x^3)\", \"shapes\": {\"x\": [2]}}").at("/x/graph");
        HttpResponse<String> response = post("/v1/graph", "{\"graph\": " + graph + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(json(response).path("expression").asString()).isEqualTo("mul_1 = 3 * y\npow_1 = x^2\noutput = mul_1 * pow_1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sigmoid(x)        | as_written | sigmoid(x) * (1 - sigmoid(x))
            sigmoid(x)        | expand     | exp(-x) / (1 + exp(-x))^2
            1 / (1 + exp(-x)) | as_written | exp(-x) / (1 + exp(-x))^2
            1 / (1 + exp(-x)) | collapse   | sigmoid(x) * (1 - sigmoid(x))
            """)
    void isThatOfTheOpenedOrClosedProgram(String function, String gates, String derivative) {
        assertThat(derivatives("{\"expression\": \"" + function + "\", \"gates\": \"" + gates + "\"}").at("/x/expression").asString())
                .isEqualTo(derivative);
    }

    @Test
    void isPrintedAsInATextbookAndRunsInTheStableForm() {
        JsonNode textbook = derivatives("{\"expression\": \"x * log(x)\"}").path("x");
        assertThat(textbook.path("expression").asString()).isEqualTo("log(x) + 1");
        assertThat(textbook.path("domain").toString()).isEqualTo("[\"x != 0\",\"isfinite(x)\"]");
        JsonNode stable = derivatives("{\"expression\": \"x * log(x)\", \"form\": \"stable\"}").path("x");
        assertThat(stable.path("expression").asString()).isEqualTo("x / x + log(x)");
        assertThat(stable.path("domain").isMissingNode()).isTrue();
        assertThat(stable.path("graph")).isEqualTo(textbook.path("graph"));
        assertThat(post("/v1/derivative", "{\"expression\": \"x\", \"form\": \"short\"}").statusCode()).isBetween(400, 422);
    }

    @Test
    void isAFunctionInAnotherLanguage() {
        String code = json(post("/v1/derivative", "{\"expression\": \"f = c * x^2\", \"format\": \"javascript\"}")).path("code").asString();
        assertThat(code).contains("function valueAndGradient(c, x) {", "d_x, of x: number",
                "return {value: f, gradients: {\"c\": d_c, \"x\": d_x}};");
        assertThat(json(post("/v1/derivative", "{\"expression\": \"x\", \"format\": \"latex\"}")).path("code").isMissingNode()).isTrue();
        HttpResponse<String> refused = post("/v1/derivative", "{\"expression\": \"digamma(x)\", \"format\": \"c\"}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("there is no C code for 'digamma'");
        String samples = "{\"expression\": \"f = (w * x - y)^2\", \"shapes\": {\"y\": [3], \"x\": [3]}, \"batch\": [\"x\", \"y\"], "
                + "\"format\": \"numpy\"";
        assertThat(post("/v1/derivative", samples + "}").body()).contains("/batch", "each of the 3 samples has a value of its own");
        assertThat(json(post("/v1/derivative", samples + ", \"reduce\": \"mean\"}")).path("code").asString())
                .contains("def value_and_gradient(y, x, w):", "y = np.asarray(y, dtype=float)  # [3]");
    }

    @Test
    void isZeroWhereNothingDependsOnTheInput() {
        JsonNode found = derivatives("{\"expression\": \"f = y\", \"inputs\": {\"x\": [1, 2], \"y\": 1}}");
        assertThat(found.at("/x/expression").asString()).isEqualTo("zeros(shape=[2])");
        assertThat(found.at("/y/expression").asString()).isEqualTo("1");
        assertThat(found.at("/y/graph").toString())
                .isEqualTo("{\"nodes\":[{\"id\":\"output\",\"op\":\"constant\",\"inputs\":[],\"attributes\":{},\"value\":1.0}],"
                        + "\"output\":\"output\"}");
    }

    @Test
    void mayBeAnInputOrByAnyNode() {
        assertThat(derivatives("{\"expression\": \"dot(a, x)\", \"shapes\": {\"a\": [2], \"x\": [2]}}").at("/x/expression").asString())
                .isEqualTo("a");
        assertThat(derivatives("{\"expression\": \"q = x + y\\nf = q * z\", \"wrt\": [\"q\"]}").at("/q/expression").asString())
                .isEqualTo("z");
    }

    /** Some languages have arguments by their positions alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            numpy      | (y, x)
            javascript | (y, x)
            c          | double y, double x
            """)
    void codeOfADefinitionHasTheArgumentsInItsOrder(String format, String arguments) {
        assertThat(json(post("/v1/derivative", "{\"expression\": \"f(y, x) = x^2 * y\", \"format\": \"" + format + "\"}")).path("code")
                .asString())
                .contains(arguments);
        assertThat(json(post("/v1/derivative", "{\"expression\": \"h = x * z\\ng(z, x) = z - x\", \"format\": \"" + format + "\"}"))
                .path("code")
                .asString()).as("a definition that is not the program").contains(arguments.replace('x', 'z').replace('y', 'x'));
    }

    @Test
    void isOfHigherOrderOrMixed() {
        JsonNode second = derivatives("{\"expression\": \"f = x^3 * y\", \"order\": 2}");
        assertThat(second.propertyNames()).containsExactly("x,x", "y,y");
        assertThat(second.at("/x,x/expression").asString()).isEqualTo("6 * x * y");
        assertThat(second.at("/x,x/latex").asString()).isEqualTo("\\frac{\\partial^{2} f}{\\partial x^{2}} = 6 x y");
        assertThat(second.at("/y,y/expression").asString()).isEqualTo("0");
        JsonNode mixed = derivatives("{\"expression\": \"f = x^3 * y\", \"mixed\": [\"x\", \"y\"]}");
        assertThat(mixed.propertyNames()).containsExactly("x,y");
        assertThat(mixed.at("/x,y/latex").asString()).isEqualTo("\\frac{\\partial^{2} f}{\\partial x \\partial y} = 3 x^{2}");
        String code = json(post("/v1/derivative", "{\"expression\": \"f = x^3\", \"order\": 2, \"format\": \"javascript\"}")).path("code")
                .asString();
        assertThat(code).contains("d_x_x, of x,x: number", "return {value: f, gradients: {\"x,x\": d_x_x}};");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    "order": 0                            | /order   | 'order' is a whole number from 1 to 10, not 0
                    "order": 11                           | /order   | 'order' is a whole number from 1 to 10, not 11
                    "mixed": []                           | /mixed   | 'mixed' has 1 to 10 names, not 0
                    "mixed": ["x", "y"], "order": 3       | /order   | 'mixed' has 2 names, one for each differentiation, and 'order' is 3; leave out 'order'
                    "mixed": ["x", "y"], "wrt": ["x"]     | /wrt     | 'mixed' says what to differentiate by, and so does 'wrt'; leave out one of them
                    "mixed": ["x", "z"]                   | /mixed/1 | there is no node 'z'
                    "wrt": ["q"], "order": 2              | /wrt/0   | 'q' is no input; a derivative of order 2 is by inputs
                    """)
    void refusesAnOrderThatIsNone(String fields, String pointer, String message) {
        HttpResponse<String> response = post("/v1/derivative", "{\"expression\": \"q = x * y\\nq^2\", " + fields + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        JsonNode error = json(response).path("errors").path(0);
        assertThat(error.path("message").asString()).startsWith(message);
        assertThat(error.path("pointer").asString()).isEqualTo(pointer);
    }

    @Test
    void ofAnArrayHasNumeratorLayout() {
        JsonNode found = derivatives("{\"expression\": \"y = tanh(W @ x)\", \"shapes\": {\"W\": [2, 3], \"x\": [3]}}");
        assertThat(found.at("/x/expression").asString()).isEqualTo("diag(1 - tanh(W @ x)^2) @ W");
        assertThat(found.at("/x/layout").asString()).isEqualTo("numerator: [2], then [3]");
        assertThat(found.at("/W/layout").asString()).isEqualTo("numerator: [2], then [2, 3]");
        assertThat(derivatives("{\"expression\": \"x^2\"}").at("/x/layout").isMissingNode()).isTrue();
        String inputs = "\"inputs\": {\"W\": [[1, -2, 3], [0.5, 1, -1]], \"x\": [0.1, 0.2, 0.3]}";
        JsonNode jacobian = json(post("/v1/jacobian", "{\"expression\": \"y = tanh(W @ x)\", " + inputs + "}")).at("/jacobians/y/W");
        JsonNode value = json(post("/v1/evaluate", "{\"graph\": " + found.at("/W/graph") + ", " + inputs + "}")).path("value");
        for (int i = 0; i < 8; i++) {
            String entry = "/" + i / 4 + "/" + i / 2 % 2 + "/" + i % 2;
            assertThat(value.at(entry).asDouble()).isCloseTo(jacobian.at(entry).asDouble(), within(1e-14));
        }
        HttpResponse<String> refused = post("/v1/derivative",
                "{\"expression\": \"sin(x)\", \"shapes\": {\"x\": [2]}, \"format\": \"c\"}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("the function in C returns a number, and the output has shape [2]");
    }
}
