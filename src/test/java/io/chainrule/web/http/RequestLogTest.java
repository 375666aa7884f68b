package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import tools.jackson.databind.JsonNode;

@ReadsLog
class RequestLogTest extends HttpTest {

    /** Lines of the requests of earlier tests may still come. */
    private final String id = UUID.randomUUID().toString();

    /** The line is written after the answer, so it may come a moment later. */
    private JsonNode line(CapturedOutput output) {
        return JSON.readTree(await().until(() -> lines(output), lines -> !lines.isEmpty()).getFirst());
    }

    private List<String> lines(CapturedOutput output) {
        return output.getOut().lines().filter(line -> line.contains("\"message\":\"request\"") && line.contains(id)).toList();
    }

    private HttpResponse<String> postProgram(String path, String body) {
        return post(path, body, "Content-Type", "application/json", "Request-Id", id);
    }

    @Test
    void tellsHowARequestEnded(CapturedOutput output) {
        postProgram("/v1/gradient", "{\"expression\": \"secret = 47110815 * x\", \"inputs\": {\"x\": 81504711}}");
        JsonNode line = line(output);
        assertThat(line.path("method").asString()).isEqualTo("POST");
        assertThat(line.path("endpoint").asString()).isEqualTo("/v1/gradient");
        assertThat(line.path("status").asInt()).isEqualTo(200);
        assertThat(line.path("nodes").asInt()).isEqualTo(2);
        assertThat(line.path("outcome").asString()).isEqualTo("ok");
        assertThat(line.path("service_ms").asDouble()).isPositive().isLessThanOrEqualTo(line.path("duration_ms").asDouble());
        assertThat(output).doesNotContain("secret", "47110815", "81504711");
        assertThat(lines(output)).hasSize(1);
    }

    @Test
    void tellsWhyARequestWasRefused(CapturedOutput output) {
        postProgram("/v1/gradient", "{\"expression\": \"secret = 47110815 * y\", \"inputs\": {\"x\": 81504711}}");
        JsonNode line = line(output);
        assertThat(line.path("status").asInt()).isEqualTo(422);
        assertThat(line.path("outcome").asString()).isEqualTo("missing-input");
        assertThat(output).doesNotContain("secret", "47110815", "81504711");
    }

    @Test
    void namesNoAddressThatAClientMadeUp(CapturedOutput output) {
        get("/v1/secret", "Request-Id", id);
        assertThat(line(output).path("outcome").asString()).isEqualTo("not-found");
        for (String path : List.of("/v1/secret/../ops", "/v1/%73ecret/..%2fops", "/secret/%2e%2e/WEB-INF/x", "/v1/secret;a=b/..;/x",
                "/v1/secret%5C..%5Cx")) {
            get(path);
        }
        assertThat(output).doesNotContain("secret", "%73ecret");
    }

    @Test
    void hasALineForEachOfManyRequestsAtOnce(CapturedOutput output) {
        assertThat(IntStream.range(0, 300).mapToObj(i -> "{\"expression\": \"x\", \"inputs\": {\"x\": " + i + "}}")
                .gather(Gatherers.mapConcurrent(8, body -> postProgram("/v1/evaluate", body)))).hasSize(300);
        await().until(() -> lines(output), lines -> lines.size() >= 300);
        assertThat(lines(output)).hasSize(300)
                .allSatisfy(line -> assertThat(JSON.readTree(line).path("outcome").asString()).isEqualTo("ok"));
    }

    @Test
    void tellsTheClient(CapturedOutput output) {
        postProgram("/v1/gradient", "{\"expression\": \"x\", \"inputs\": {\"x\": 1}}");
        assertThat(line(output).path("client").asString()).isEqualTo("127.0.0.1");
        assertThat(line(output).has("estimated_ms")).as("only of slow and refused requests").isFalse();
    }

    @Test
    void tellsOfARefusedRequestHowLongItWasThoughtToTake(CapturedOutput output) {
        postProgram("/v1/evaluate",
                "{\"expression\": \"A = ones(shape=[2000, 2000]) * x\\nf = sum(A @ A @ A)\", \"inputs\": {\"x\": 1}}");
        JsonNode line = line(output);
        assertThat(line.path("outcome").asString()).isEqualTo("limit-exceeded");
        assertThat(line.path("estimated_ms").asDouble()).isGreaterThan(100);
        assertThat(line.path("waited_ms").isNumber()).isTrue();
        assertThat(line.path("computed_ms").asDouble()).isBetween(0.0, line.path("duration_ms").asDouble());
    }

    @Test
    void namesNoMethodThatAClientMadeUp(CapturedOutput output) {
        send("SECRET", "/v1/gradient", BodyPublishers.noBody(), "Request-Id", id);
        assertThat(line(output).path("method").asString()).isEqualTo("UNKNOWN");
        assertThat(output).doesNotContain("SECRET");
    }

    /** Tomcat quotes what it cannot read, but only once a day, so that a request need not show it. */
    @ParameterizedTest
    @ValueSource(strings = {"org.apache.tomcat.util.http.parser.Cookie", "org.apache.tomcat.util.http.Parameters",
            "org.apache.coyote.http11.Http11Processor"})
    void theServerQuotesNothing(String logger) {
        assertThat(LoggerFactory.getLogger(logger).isInfoEnabled()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST /v1/secret HTTP/1.1 | Content-Length: x                      | 400 | bad-request
            GET /v1/secret%zz HTTP/1.1 | X: 1                                 | 400 | bad-request
            GET /v1/secret HTTP/1.1  | Host: b                                | 400 | bad-request
            """)
    void tellsOfRequestsThatTomcatRefuses(String requestLine, String field, int status, String outcome, CapturedOutput output)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((requestLine + "\r\nHost: a\r\nRequest-Id: " + id + "\r\n" + field + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
        }
        JsonNode line = line(output);
        assertThat(line.path("status").asInt()).isEqualTo(status);
        assertThat(line.path("outcome").asString()).isEqualTo(outcome);
        assertThat(line.path("client").asString()).isEqualTo("127.0.0.1");
        assertThat(lines(output)).hasSize(1);
        assertThat(output).doesNotContain("secret");
    }
}
