package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ChainruleApplication;
import io.chainrule.core.RandomText;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** Sizes of answers as they are estimated before anything is computed: a second service, that lets no answer pass, tells them. */
class AnswerSizeTest extends HttpTest {
    private static ConfigurableApplicationContext strict;

    /**
     * The answer of one is counted while it is written, so that a refusal does not tell the whole size; pictures are bounded by their
     * parts.
     */
    private static final Set<String> NOT_MEASURED = Set.of("derivative", "render", "plot");

    private final Random random = new Random(7);

    @BeforeAll
    static void startAServiceWithoutAnswers() {
        strict = new SpringApplicationBuilder(ChainruleApplication.class)
                .run("--server.port=0", "--chainrule.limits.answer-bytes=1", "--spring.main.banner-mode=off");
    }

    @AfterAll
    static void stop() {
        strict.close();
    }

    private long estimated(String path, String body) {
        int ours = port;
        port = Integer.parseInt(strict.getEnvironment().getRequiredProperty("local.server.port"));
        HttpResponse<String> refused = post(path, body);
        port = ours;
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo("at most 1 (chainrule.limits.answer-bytes)");
        return json(refused).at("/errors/0/actual").asLong();
    }

    private long answered(String path, String body) {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().getBytes(StandardCharsets.UTF_8).length;
    }

    private void assertBetween(String path, String body, double most) {
        long real = answered(path, body);
        assertThat(estimated(path, body)).as(path + " " + body.substring(0, Math.min(200, body.length()))).isGreaterThanOrEqualTo(real)
                .isLessThan((long) (most * real));
    }

    private String vector(int n) {
        return IntStream.range(0, n).mapToObj(i -> String.valueOf(random.nextGaussian() * Math.pow(10, random.nextInt(-30, 30))))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private String matrix(int m, int n) {
        return IntStream.range(0, m).mapToObj(i -> vector(n)).collect(Collectors.joining(", ", "[", "]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /v1/evaluate | "expression": "y = sin(x)\\nz = x * y"
            /v1/evaluate | "expression": "y = reshape(x, shape=[3000, 1])\\nz = y * 2"
            /v1/evaluate | "expression": "z = reshape(x, shape=[3, 1, 5, 2, 100])", "arrays": "base64"
            /v1/gradient | "expression": "y = sin(x)\\nz = sum(x * y)"
            /v1/gradient | "expression": "z = sum(x * x)", "nodes": "none", "arrays": "base64"
            /v1/gradient | "expression": "z = sum(x * x)", "nodes": ["x"], "jacobians": "all"
            /v1/explain  | "expression": "y = sin(x)\\nz = sum(x * y)"
            /v1/explain  | "expression": "z = sum(x * x)", "nodes": "none", "arrays": "base64"
            /v1/vjp      | "expression": "y = sin(x)\\nz = sum(x * y)", "cotangents": {"z": 0.1, "y": VECTOR}
            /v1/jvp      | "expression": "y = sin(x)\\nz = x * y", "tangents": {"x": VECTOR}, "of": ["y", "z"]
            /v1/jacobian | "expression": "z = sum(x) * x[0:60]"
            /v1/jacobian | "expression": "z = sum(x) * x[0:60]", "format": "coo"
            /v1/jacobian | "expression": "y = sum(x) * x[0:30]\\nz = sum(y) * x[0:30]", "pairs": {"y": ["x"], "z": ["y", "x"]}
            /v1/jacobian | "expression": "z = reshape(x, shape=[30, 10, 10]) * x[7]", "format": "coo", "arrays": "base64"
            /v1/hessian  | "expression": "z = sum(x[:-1]^3 * x[1:])", "format": "coo"
            /v1/hvp      | "expression": "z = sum(x[:-1]^3 * x[1:])", "vectors": {"x": VECTOR}
            """)
    void anEstimateIsNotBelowTheAnswerNorFarAbove(String path, String fields) {
        String seeded = fields.replace("VECTOR", vector(3000));
        assertBetween(path, "{" + seeded + ", \"inputs\": {\"x\": " + vector(3000) + "}}", 2.5);
    }

    /** An estimate of a ledger is above the answer for every program, and about twice as large at most; a short one is smaller. */
    @Test
    void anEstimateOfALedgerIsNear() {
        for (long seed = 0; seed < 60; seed++) {
            String inputs = RandomText.inputs(seed).entrySet().stream()
                    .map(input -> "\"" + input.getKey() + "\": " + numbers(input.getValue()))
                    .collect(Collectors.joining(", "));
            String body = "{\"expression\": \"" + RandomText.program(seed).replace("\n", "\\n").replace("\"", "'") + "\", \"inputs\": {"
                    + inputs
                    + "}, \"lang\": \"ko\"";
            assertBetween("/v1/explain", body + "}", 2.5);
            assertBetween("/v1/explain", body + ", \"level\": \"short\"}", 2.5);
            assertThat(estimated("/v1/explain", body + ", \"level\": \"short\"}")).isLessThan(estimated("/v1/explain", body + "}"));
        }
    }

    private static String numbers(Tensor value) {
        String text = Arrays.toString(value.data());
        return value.shape().isScalar()
                ? text.substring(1, text.length() - 1)
                : "{\"shape\": " + value.shape() + ", \"dtype\": \"float64\", \"data\": {\"buffer\": " + text
                        + ", \"encoding\": \"json\"}}";
    }

    static Stream<String> measured() {
        return endpoints().filter(endpoint -> !NOT_MEASURED.contains(endpoint));
    }

    @ParameterizedTest
    @MethodSource("measured")
    void everyAnswerOfArraysIsMeasured(String endpoint) {
        JsonNode examples = json(get("/v3/api-docs"))
                .at("/paths/~1v1~1" + endpoint + "/post/requestBody/content/application~1json/examples");
        assertThat(examples).as("measure the answer of /v1/%s by AnswerSize, or say here that it is not", endpoint).isNotEmpty()
                .allSatisfy(example -> assertBetween("/v1/" + endpoint, example.path("value").toString(), 25));
    }

    /** Numbers as short as 0.0 are estimated like all others. */
    @ParameterizedTest
    @ValueSource(strings = {"jacobian", "hessian"})
    void anEstimateOfZerosIsAbove(String endpoint) {
        String program = endpoint.equals("jacobian") ? "z = x * x" : "z = sum(x * x)";
        assertBetween("/v1/" + endpoint, "{\"expression\": \"" + program + "\", \"inputs\": {\"x\": " + vector(200) + "}}", 7);
    }

    @Test
    void nodesAreCountedWithTheirNames() {
        String program = IntStream.range(0, 2000).mapToObj(i -> "größe_" + i + " = θ * " + i + " + softplus(θ, beta=2)\\n")
                .collect(Collectors.joining());
        assertBetween("/v1/gradient", "{\"expression\": \"" + program + "\", \"inputs\": {\"θ\": 0.123}}", 2.5);
        String networks = "{\"network\": {\"input\": {\"name\": \"x\", \"shape\": [20]}, \"layers\": [{\"type\": \"dense\", \"units\": 90}]}, "
                + "\"inputs\": {\"x\": " + matrix(2, 20) + "}, \"nodes\": \"named\", \"jacobians\": \"none\", \"cotangent\": "
                + matrix(2, 90) + "}";
        assertBetween("/v1/gradient", networks, 2.5);
    }

    @Test
    void emptyArraysAndManyMatricesAreCounted() {
        assertBetween("/v1/evaluate", "{\"expression\": \"z = zeros(shape=[1000, 0])\"}", 12);
        String names = IntStream.range(0, 40).mapToObj(i -> "\"a" + i + "\": " + vector(20)).collect(Collectors.joining(", "));
        String sum = IntStream.range(0, 40).mapToObj(i -> "a" + i + " * " + i).collect(Collectors.joining(" + "));
        assertBetween("/v1/jacobian", "{\"expression\": \"z = " + sum + "\", \"inputs\": {" + names + "}, \"format\": \"coo\"}", 4);
        assertBetween("/v1/hessian", "{\"expression\": \"z = sum(exp(" + sum + "))\", \"inputs\": {" + names + "}}", 7);
    }

    /** 300 bytes that ask for 300 MB. */
    @Test
    void anAnswerThatIsTooLargeIsRefusedBeforeItIsComputed() {
        String program = "x = sin(arange(start=0, stop=1000000))\\n"
                + IntStream.range(1, 16).mapToObj(i -> "y" + i + " = x + " + i).collect(Collectors.joining("\\n"));
        long start = System.nanoTime();
        HttpResponse<String> refused = post("/v1/evaluate", "{\"expression\": \"" + program + "\"}");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("limit-exceeded -");
        assertThat(json(refused).at("/errors/0/actual").asLong()).isGreaterThan(306_000_000);
        assertThat(json(refused).at("/errors/0/hint").asString())
                .isEqualTo("ask for less: \"arrays\": \"base64\", \"nodes\": \"none\" or a list of ids");
        assertThat(post("/v1/evaluate", "{\"expression\": \"" + program + "\", \"nodes\": \"none\"}").statusCode()).isEqualTo(200);
    }

    @Test
    void programsAndReportsAreMeasured() {
        String names = IntStream.range(0, 50).mapToObj(i -> "\"größe_" + i + "\": " + i / 7.0).collect(Collectors.joining(", "));
        String sum = IntStream.range(0, 50).mapToObj(i -> "abs(größe_" + i + ")^2").collect(Collectors.joining(" + "));
        assertBetween("/v1/check", "{\"expression\": \"" + sum + "\", \"inputs\": {" + names + "}, \"order\": 2}", 6);
        assertBetween("/v1/graph", "{\"expression\": \"" + sum + "\", \"inputs\": {" + names + "}}", 3);
        assertBetween("/v1/graph", "{\"expression\": \"x = 0\\nfor i in 0:2000: x = sin(x) + [0.1, 1] @ [x, 0.3]\", \"nodes\": \"none\"}",
                3);
        assertBetween("/v1/train", "{\"expression\": \"f = mean((" + sum + ")^2)\", \"inputs\": {" + names
                + "}, \"wrt\": [\"größe_1\"], \"steps\": 3000, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0}}", 6);
    }

    static Stream<Arguments> tooLarge() {
        String names = IntStream.range(0, 300).mapToObj(i -> "\"x" + i + "\": 1").collect(Collectors.joining(", "));
        String product = IntStream.range(0, 300).mapToObj(i -> "x" + i).collect(Collectors.joining(" * "));
        String[] parts = IntStream.range(0, 1500).mapToObj(i -> "y" + i).toArray(String[]::new);
        String name = "h".repeat(800);
        return Stream.of(
                Arguments.of("check", "\"expression\": \"" + product + "\", \"order\": 2, \"inputs\": {" + names + "}",
                        "fewer names in \"wrt\""),
                Arguments.of("derivative", "\"expression\": \"exp(" + String.join(" * ", parts) + ")\"", "fewer names in \"wrt\""),
                Arguments.of("explain",
                        "\"expression\": \"s = 0\\nfor i in 0:1500: s = s + x[i]\", \"inputs\": {\"x\": " + Collections.nCopies(1500, 0)
                                + "}",
                        "\"arrays\": \"base64\", \"nodes\": \"none\" or a list of ids"),
                Arguments.of("jacobian",
                        "\"expression\": \"sum(x) * x\", \"inputs\": {\"x\": " + Collections.nCopies(980, 0) + "}, \"format\": \"coo\"",
                        "\"arrays\": \"base64\", or for a stream of entries (\"Accept: text/event-stream\")"),
                Arguments.of("graph", "\"expression\": \"" + name + " = 1\\nfor i in 0:15000: " + name + " = sin(" + name + ")\"",
                        "\"nodes\": \"none\" or a list of ids"),
                Arguments.of("train", """
                        "network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "dense", "units": 1200},
                           {"type": "dense", "units": 1200}], "loss": {"type": "mse", "target": "y"}},
                        "inputs": {"x": [[1]], "y": [%s]}""".formatted(Collections.nCopies(1200, 0)), "\"arrays\": \"base64\""));
    }

    /** They grow faster than the request: by pairs of inputs, by the text of each derivative, by passes of a loop, by units of a layer. */
    @ParameterizedTest
    @MethodSource("tooLarge")
    void anAnswerThatGrowsFasterThanItsRequestIsRefused(String endpoint, String request, String hint) {
        HttpResponse<String> refused = post("/v1/" + endpoint, "{" + request + "}");
        assertThat(errors(refused)).as(refused.body().substring(0, Math.min(300, refused.body().length())))
                .containsExactly("limit-exceeded -");
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo("at most 33554432 (chainrule.limits.answer-bytes)");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("ask for less: " + hint);
    }

    /** The block of an input whose gradient is zero everywhere is answered too, as zeros. */
    @Test
    void zerosOfAHessianAreCounted() {
        HttpResponse<String> refused = post("/v1/hessian",
                "{\"expression\": \"z = x^2\", \"inputs\": {\"x\": 1, \"u\": " + vector(5000) + "}}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/actual").asLong()).isEqualTo(5001L * 5001);
    }
}
