package io.chainrule.web.v1.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Family;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Plots over HTTP. */
class PlotTest extends HttpTest {
    /** Ops that have an attribute without a default. */
    private static final Set<String> NO_DEFAULTS = Set.of("sinc_derivative", "polygamma", "threshold");

    static Stream<String> plotted() {
        return OpCatalogue.all().stream().filter(op -> op.family() == Family.ELEMENTWISE && op.operands().size() <= 2)
                .filter(op -> !NO_DEFAULTS.contains(op.name()))
                .map(OpDefinition::name);
    }

    @ParameterizedTest
    @MethodSource("plotted")
    void everyElementwiseOpHasOne(String op) {
        HttpResponse<String> response = get("/v1/ops/" + op + "/plot.svg");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).startsWith("<svg").contains("<title>" + op + "(x").doesNotContain("NaN", "Infinity");
    }

    @ParameterizedTest
    @CsvSource({"relu, kink at x = 0", "abs, kink at x = 0", "hard_tanh, kink at x = 1", "sign, jump at x = 0",
            "reciprocal, pole at x = 0"})
    void marksAreToldInWordsToo(String op, String mark) {
        assertThat(get("/v1/ops/" + op + "/plot.svg").body()).contains(mark);
    }

    @Test
    void aPictureIsSafeAndKept() {
        HttpResponse<String> response = get("/v1/ops/relu/plot.svg?theme=dark");
        assertThat(response.headers().firstValue("Content-Type")).contains("image/svg+xml");
        assertThat(response.headers().firstValue("Content-Security-Policy"))
                .contains("default-src 'none'; style-src 'unsafe-inline'; sandbox");
        assertThat(response.headers().firstValue("ETag")).isPresent()
                .isNotEqualTo(get("/v1/ops/relu/plot.svg?theme=light").headers().firstValue("ETag"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            matmul | it is not computed element by element
            where  | it has 3 operands
            polygamma | it has an attribute without a default
            rellu  | did you mean 'relu'?
            """)
    void otherOpsHaveNone(String op, String why) {
        HttpResponse<String> response = get("/v1/ops/" + op + "/plot.svg");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains(why);
    }

    @Test
    void aProgramIsPlottedOverTheInputsWithoutAValue() {
        HttpResponse<String> curve = post("/v1/plot", """
                {"expression": "f = a * relu(x - 1)", "inputs": {"a": 2}, "ranges": {"x": [0, 3]}}""");
        assertThat(curve.statusCode()).as(curve.body()).isEqualTo(200);
        assertThat(curve.body()).contains("f and its derivative", "There is a kink at x = 1.");
        HttpResponse<String> contour = post("/v1/plot", """
                {"expression": "f = x^2 + y^2", "descent": {"start": {"x": 3, "y": 2}, "learning_rate": 0.5, "steps": 1}}""");
        assertThat(contour.body()).contains("A path goes from (3, 2) to (0, 0); steps: 1.");
    }

    @Test
    void saysThatAnArrayIsNoHeight() {
        JsonNode error = json(post("/v1/plot", "{\"expression\": \"q = x * [1, 2]\"}")).at("/errors/0");
        assertThat(error.path("code").asString()).isEqualTo("not-scalar");
        assertThat(error.path("hint").asString()).contains("sum(q)").doesNotContain("cotangent");
    }

    /** Values that leave the numbers, a curve without a value, a narrow range, and the widest one. */
    @ParameterizedTest
    @ValueSource(strings = {"\"expression\": \"f = x * 1e308\"", "\"expression\": \"f = log(-x^2)\"",
            "\"expression\": \"f = x\", \"ranges\": {\"x\": [1, 1.0000000001]}",
            "\"expression\": \"f = x^2\", \"ranges\": {\"x\": [-8e307, 8e307]}",
            "\"expression\": \"f = x * y * 1e308\"", "\"expression\": \"f = 0 * x + 0 * y\"",
            "\"expression\": \"f = exp(x)\", \"ranges\": {\"x\": [-700, 800]}"})
    void drawsWhatIsHardToDraw(String request) {
        HttpResponse<String> response = post("/v1/plot", "{" + request + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).startsWith("<svg").doesNotContain("NaN", "Infinity");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "expression": "f = x * y * z"                                                     | /inputs
            "expression": "f = x^2", "inputs": {"x": 1}                                       | /inputs
            "expression": "f = x^2", "ranges": {"x": [2, 1]}                                  | /ranges/x
            "expression": "f = x^2", "ranges": {"x": [2, 2]}                                  | /ranges/x
            "expression": "f = x^2", "ranges": {"x": [1]}                                     | /ranges/x
            "expression": "f = x^2", "ranges": {"x": [-1.7e308, 1.7e308]}                     | /ranges/x
            "expression": "f = x^2", "ranges": {"x": [1, 1.0000000000000002]}                 | /ranges/x
            "expression": "f = x^2", "ranges": {"x": [0, "Infinity"]}                         | /ranges/x/1
            "expression": "f = x^2", "ranges": {"y": [1, 2]}                                  | /ranges/y
            "expression": "f = x^2", "path": [[1, 2]]                                         | /path
            "expression": "f = x * y", "path": [[1, 2], [3]]                                  | /path/1
            "expression": "f = x * y", "descent": {"start": {"x": 1, "y": 1}, "steps": 1000}  | /descent/steps
            "expression": "f = x * y", "descent": {"start": {"x": 1}}                         | /descent/start
            """)
    void refusesWhatItCannotPlot(String request, String place) {
        JsonNode problem = json(post("/v1/plot", "{" + request + "}"));
        assertThat(problem.at("/errors/0/pointer").asString()).as(problem.toString()).isEqualTo(place);
    }
}
