package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.chainrule.web.HttpTest;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

@ExtendWith(OutputCaptureExtension.class)
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

    private void postProgram(String path, String body) {
        post(path, body, "Content-Type", "application/json", "Request-Id", id);
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
        assertThat(line.path("duration_ms").asDouble()).isPositive();
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
        IntStream.range(0, 300).parallel()
                .forEach(i -> postProgram("/v1/evaluate", "{\"expression\": \"x\", \"inputs\": {\"x\": " + i + "}}"));
        await().until(() -> lines(output), lines -> lines.size() >= 300);
        assertThat(lines(output)).hasSize(300)
                .allSatisfy(line -> assertThat(JSON.readTree(line).path("outcome").asString()).isEqualTo("ok"));
    }
}
