package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a first request often gets wrong, and that the answer tells how to mend it. */
class SlipsTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}";

    @Test
    void noContentTypeIsToldWhichToSend() {
        HttpResponse<String> response = post("/v1/gradient", PROGRAM, "Accept", "*/*");
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(json(response).path("detail").asString())
                .isEqualTo("the request has no Content-Type; send Content-Type: application/json");
        assertThat(json(response).at("/errors/0/expected").asString()).isEqualTo("Content-Type: application/json");
        assertThat(json(response).at("/errors/0/actual").asString()).isEqualTo("none");
    }

    /** What curl sends with {@code -d} unless it is told otherwise. */
    @Test
    void aFormIsToldWhichContentTypeToSend() {
        HttpResponse<String> response = post("/v1/gradient", PROGRAM, "Content-Type", "application/x-www-form-urlencoded");
        assertThat(json(response).at("/errors/0/expected").asString()).isEqualTo("Content-Type: application/json");
        assertThat(json(response).at("/errors/0/actual").asString()).isEqualTo("application/x-www-form-urlencoded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10 | a string goes over the end of a line; JSON writes a line break in a string as \\n | \\n
            13 | a string goes over the end of a line; JSON writes a line break in a string as \\n | \\n
            9  | a tab stands in a string; JSON writes it as \\t                                   | \\t
            1  | a control character stands in a string; JSON writes it as \\u0001                | \\u0001
            """)
    void aControlCharacterInAStringIsToldHowItIsWritten(int character, String message, String expected) {
        HttpResponse<String> response = post("/v1/gradient",
                "{\"inputs\": {\"x\": 3},\n \"expression\": \"y = x^2" + (char) character + "f = y\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(errors(response)).containsExactly("malformed-json /expression");
        assertThat(json(response).path("detail").asString()).isEqualTo(message);
        assertThat(json(response).at("/errors/0/expected").asString()).isEqualTo(expected);
        assertThat(json(response).at("/errors/0/line").asInt()).isEqualTo(2);
        assertThat(json(response).at("/errors/0/column").asInt()).isEqualTo(24);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '`', textBlock = """
            # what other languages write, and JSON does not
            {"expression": "x", "inputs": {"x": 1},}            ¦ a comma stands before the closing bracket; leave it out
            {"expression": "x", "inputs": {"x": [1, 2,]}}       ¦ a comma stands before the closing bracket; leave it out
            {"expression": "x", "inputs": {"x": }}              ¦ a value is missing before it
            {'expression': 'x', 'inputs': {'x': 1}}             ¦ JSON writes texts and names in double quotes, "x"
            {expression: "x", "inputs": {"x": 1}}               ¦ JSON writes names in double quotes, "x"
            {"expression": "x", "inputs": {"x": NaN}}           ¦ write it in quotes, "NaN", "Infinity" or "-Infinity"
            {"expression": "x", "inputs": {"x": -Infinity}}     ¦ write it in quotes, "NaN", "Infinity" or "-Infinity"
            {"expression": "x", "inputs": {"x": nan}}           ¦ write "NaN", "Infinity" or "-Infinity", in quotes
            {"expression": "x", "inputs": {"x": None}}          ¦ every input is a number or an array; leave the field out
            {"expression": "x", "inputs": {"x": True}}          ¦ write true
            {"expression": "x", "inputs": {"x": .5}}            ¦ a number begins with a digit, as in 0.5
            {"expression": "x", "inputs": {"x": 1.}}            ¦ a digit follows the point, as in 1.0
            {"expression": "x", "inputs": {"x": +1}}            ¦ leave the '+' out
            {"expression": "x", "inputs": {"x": 01}}            ¦ leave the zeros before the number out
            {"expression": "x", "inputs": {"x": 0x1}}           ¦ JSON writes numbers in decimal
            {"expression": "x" "inputs": {"x": 1}}              ¦ a comma or a closing bracket is missing before it
            {"expression": "x", "inputs": {"x": 1}              ¦ the body ends too early: a bracket or a quote is not closed
            {"expression": "\\alpha", "inputs": {"x": 1}}       ¦ a backslash is written twice in a JSON string
            # values of another type
            {"expression": "x", "inputs": {"x": "1.5"}}         ¦ write 1.5, without quotes
            {"expression": "x", "inputs": [1]}                  ¦ write each value with its name, {"x": 1}
            {"expression": ["y = x", "y"], "inputs": {"x": 1}}  ¦ write one string, with \\n between the lines
            {"expression": "x", "inputs": {"x": 1}, "wrt": "x"} ¦ write ["x"]
            "{\\"expression\\": \\"x\\"}"                       ¦ the body is JSON within a string; send the object itself
            # fields of other names
            {"expr": "x", "inputs": {"x": 1}}                   ¦ did you mean 'expression'?
            {"code": "x", "inputs": {"x": 1}}                   ¦ did you mean 'expression'?
            {"expression": "x", "input": {"x": 1}}              ¦ did you mean 'inputs'?
            {"expression": "x", "variables": {"x": 1}}          ¦ did you mean 'inputs'?
            {"expression": "x", "inputs": {"x": 1}, "with_respect_to": ["x"]} ¦ did you mean 'wrt'?
            """)
    void aSlipInJsonIsToldHowToMendIt(String body, String hint) {
        HttpResponse<String> response = post("/v1/gradient", body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo(hint);
    }

    @Test
    void aBlankBodyIsEmpty() {
        assertThat(json(post("/v1/gradient", " \n")).path("detail").asString()).isEqualTo("the body is empty; a JSON object is needed");
    }

    @Test
    void aWrongMethodIsToldTheRightOne() {
        assertThat(json(get("/v1/evaluate")).at("/errors/0/hint").asString()).isEqualTo("send POST");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /gradient          | did you mean 'POST /v1/gradient'?
            POST | /v1/gradients      | did you mean 'POST /v1/gradient'?
            POST | /v1/gradient/      | did you mean 'POST /v1/gradient'?
            POST | /V1/Gradient       | did you mean 'POST /v1/gradient'?
            POST | /v2/gradient       | did you mean 'POST /v1/gradient'?
            POST | /api/v1/gradinet   | did you mean 'POST /v1/gradient'?
            POST | /v1/gradien        | did you mean 'POST /v1/gradient'?
            POST | /v1/grad           | did you mean 'POST /v1/grade'?
            POST | /v1/jac            | did you mean 'POST /v1/jacobian'?
            POST | /v1/hessians       | did you mean 'POST /v1/hessian'?
            POST | /v1/training       | did you mean 'POST /v1/train'?
            GET  | /v1/op/relu        | did you mean 'GET /v1/ops/{name}'?
            GET  | /v1/optimisers     | did you mean 'GET /v1/optimizers'?
            GET  | /v1/losses/mse/    | did you mean 'GET /v1/losses/{name}'?
            GET  | /ops               | did you mean 'GET /v1/ops'?
            GET  | /nothing           | the endpoints are under /v1, as POST /v1/gradient; GET /v3/api-docs describes them all
            GET  | /v1                | the endpoints are under /v1, as POST /v1/gradient; GET /v3/api-docs describes them all
            """)
    void aWrongPathIsToldTheNearestEndpoint(String method, String path, String hint) {
        HttpResponse<String> response = send(method, path, BodyPublishers.noBody());
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo(hint);
    }

    @Test
    void aVeryLongPathIsComparedWithNothing() {
        HttpResponse<String> response = get("/v1/" + "/".repeat(4_000) + "gradient");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).at("/errors/0/hint").asString()).startsWith("the endpoints are under /v1");
    }
}
