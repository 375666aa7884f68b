package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.v1.jobs.JobsHttpTest;
import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** −0 and 0 are different numbers: {@code 1 / x} tells them apart. */
class NegativeZeroTest extends JobsHttpTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    {"expression": "f = x", "inputs": {"x": -0.0}}                                                        | "value":-0.0
                    {"expression": "f = x", "inputs": {"x": -0}}                                                          | "value":-0.0
                    {"expression": "f = x", "inputs": {"x": 0}}                                                           | "value":0.0
                    {"expression": "f = 1 / x", "inputs": {"x": -0}}                                                      | "value":"-Infinity"
                    {"expression": "f = 1 / x", "inputs": {"x": [0, -0]}}                                                 | "value":["Infinity","-Infinity"]
                    {"expression": "f = x", "inputs": {"x": [[-0], [0]]}}                                                 | "value":[[-0.0],[0.0]]
                    {"expression": "f = x", "inputs": {"x": [-0]}, "arrays": "base64"}                                    | "buffer":"AAAAAAAAAIA="
                    {"expression": "f = copysign(x, -0.0)", "inputs": {"x": 3}}                                           | "value":-3.0
                    {"expression": "f = copysign(x, 0.0)", "inputs": {"x": 3}}                                            | "value":3.0
                    {"expression": "f = copysign(x, -0.0) - copysign(x, 0.0)", "inputs": {"x": 3}}                        | "value":-6.0
                    {"graph": {"nodes": [{"id": "f", "op": "copysign", "inputs": ["x", -0]}]}, "inputs": {"x": 3}}        | "value":-3.0
                    {"graph": {"nodes": [{"id": "f", "op": "copysign", "inputs": ["x", 0]}]}, "inputs": {"x": 3}}         | "value":3.0
                    {"graph": {"nodes": [{"id": "c", "op": "constant", "value": [-0]}, {"id": "f", "op": "div", "inputs": [1, "c"]}]}} | "value":["-Infinity"]
                    {"graph": {"nodes": [{"id": "c", "op": "full", "attributes": {"shape": [1], "value": -0}}, {"id": "f", "op": "div", "inputs": [1, "c"]}]}} | "value":["-Infinity"]
                    {"graph": {"nodes": [{"id": "c", "op": "full", "attributes": {"shape": [1], "value": 0}}, {"id": "f", "op": "div", "inputs": [1, "c"]}]}}  | "value":["Infinity"]
                    """)
    void isKept(String request, String expected) {
        HttpResponse<String> response = post("/v1/evaluate", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).contains(expected);
    }

    /** A job keeps its request as text until it begins. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            check | {"expression": "copysign(x, s)", "inputs": {"x": 3, "s": -0.0}, "wrt": ["x"]}
            train | {"expression": "(copysign(3, s) - w)^2", "inputs": {"s": -0, "w": 0}, "wrt": ["w"], "steps": 3}
            """)
    void isKeptInJobs(String kind, String request) {
        assertThat(result(kind, request)).isEqualTo(json(post("/v1/" + kind, request)))
                .isNotEqualTo(json(post("/v1/" + kind, request.replace("-0", "0"))));
    }

    /** The gradient of {@code x y} by x is y, and its sign is kept on the way back. */
    @ParameterizedTest
    @CsvSource({"nested, '\"gradients\":{\"x\":[-0.0],\"y\":[1.0]}'", "base64, AAAAAAAAAIA="})
    void isKeptInGradients(String arrays, String expected) {
        HttpResponse<String> response = post("/v1/gradient",
                "{\"expression\": \"f = (x * y)[0]\", \"inputs\": {\"x\": [1], \"y\": [-0.0]}, \"arrays\": \"" + arrays
                        + "\", \"nodes\": \"none\"}");
        assertThat(response.body()).contains(expected);
    }

    /** A request that differs in the sign of a zero alone is another one. */
    @ParameterizedTest
    @CsvSource({"-0, '\"-Infinity\"'", "0, '\"Infinity\"'", "-0.0, '\"-Infinity\"'"})
    void isNoZeroInTheCacheOfFunctions(String zero, String expected) {
        HttpResponse<String> response = post("/v1/evaluate",
                "{\"graph\": {\"nodes\": [{\"id\": \"f\", \"op\": \"div\", \"inputs\": [\"x\", " + zero + "]}]}, \"inputs\": {\"x\": 1}}");
        assertThat(json(response).path("value").toString()).isEqualTo(expected);
    }
}
