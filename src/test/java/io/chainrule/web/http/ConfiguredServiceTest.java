package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The service with an origin let in, no time to compute, and an endpoint that fails. */
@ReadsLog
@DirtiesContext
@TestPropertySource(properties = {"chainrule.cors.allowed-origins=https://app.example", "chainrule.limits.time=1ns"})
class ConfiguredServiceTest extends HttpTest {
    private static final String ORIGIN = "https://app.example";
    private static final String PROGRAM = "{\"expression\": \"f = sum(x @ x)\", \"inputs\": {\"x\": [[1, 2], [3, 4]]}}";

    @TestConfiguration
    static class Failing {
        @RestController
        static class Controller {
            @GetMapping("/fail")
            String fail(@RequestParam String how) {
                switch (how) {
                    case "memory" -> throw new OutOfMemoryError("secret");
                    case "stack" -> throw new StackOverflowError("secret");
                    default -> throw new IllegalStateException("secret");
                }
            }
        }
    }

    @Test
    void answersAPreflight() {
        HttpResponse<String> preflight = send("OPTIONS", "/v1/gradient", BodyPublishers.noBody(), "Origin", ORIGIN,
                "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type");
        assertThat(preflight.statusCode()).isEqualTo(200);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).hasValue(ORIGIN);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers")).hasValue("content-type");
    }

    @Test
    void letsTheOriginReadAnswersAndErrors() {
        assertThat(get("/v1/ops", "Origin", ORIGIN).headers().firstValue("Access-Control-Allow-Origin")).hasValue(ORIGIN);
        assertThat(get("/v1/nothing", "Origin", ORIGIN).headers().firstValue("Access-Control-Allow-Origin")).hasValue(ORIGIN);
    }

    @Test
    void letsNoOtherOriginIn() {
        assertThat(get("/v1/ops", "Origin", "https://other.example").headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void stopsAtTheDeadline() {
        HttpResponse<String> response = post("/v1/gradient", PROGRAM);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(json(response).path("code").asString()).isEqualTo("deadline-exceeded");
    }

    /** The log says what failed and where, without the message, which may quote what the client sent. */
    @ParameterizedTest
    @CsvSource({"memory, java.lang.OutOfMemoryError", "stack, java.lang.StackOverflowError", "bug, java.lang.IllegalStateException"})
    void keepsWhatNobodyForesawToTheLog(String how, String type, CapturedOutput output) {
        HttpResponse<String> response = get("/fail?how=" + how);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(json(response).path("code").asString()).isEqualTo("overloaded");
        assertThat(response.body()).doesNotContain("secret", "Exception", "Error\"", "\\tat ");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        String detail = json(response).path("detail").asString();
        assertThat(output).contains(detail.substring(detail.lastIndexOf(' ') + 1), type, "ConfiguredServiceTest.java")
                .doesNotContain("secret");
    }
}
