package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import tools.jackson.databind.JsonNode;

@ReadsLog
class RequestIdTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}";

    private static JsonNode line(CapturedOutput output, String id) {
        return JSON.readTree(await().until(() -> output.getOut().lines().filter(line -> line.contains("\"message\":\"request\""))
                .filter(line -> line.contains(id)).findFirst(), Optional::isPresent).orElseThrow());
    }

    private static String header(HttpResponse<String> response) {
        return response.headers().firstValue("Request-Id").orElseThrow();
    }

    @Test
    void isTheClientsInAnswerProblemAndLog(CapturedOutput output) {
        String id = "lecture-4:exercise/2";
        assertThat(header(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Request-Id", id))).isEqualTo(id);
        assertThat(line(output, id).path("request_id").asString()).isEqualTo(id);

        HttpResponse<String> refused = post("/v1/gradient", "{}", "Content-Type", "application/json", "Request-Id", "refused.1");
        assertThat(header(refused)).isEqualTo("refused.1");
        assertThat(json(refused).path("request_id").asString()).isEqualTo("refused.1");
        assertThat(line(output, "refused.1").path("request_id").asString()).isEqualTo("refused.1");
    }

    @Test
    void isMadeWhereTheClientSendsNone(CapturedOutput output) {
        String first = header(post("/v1/gradient", PROGRAM));
        HttpResponse<String> refused = get("/v1/nothing");
        assertThat(first).matches("[0-9a-f-]{36}").isNotEqualTo(header(refused));
        assertThat(json(refused).path("request_id").asString()).isEqualTo(header(refused));
        assertThat(line(output, first).path("outcome").asString()).isEqualTo("ok");
        assertThat(line(output, header(refused)).path("outcome").asString()).isEqualTo("not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with a blank", "\"quoted\"", "{json}", "<b>", ",", "ünï", "-", ""})
    void isMadeWhereTheClientsIsNotOfTheForm(String id) {
        assertThat(header(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Request-Id", id))).matches("[0-9a-f-]{36}");
    }

    @Test
    void isBounded() {
        assertThat(header(get("/v1/ops/relu", "Request-Id", "a".repeat(128)))).hasSize(128);
        assertThat(header(get("/v1/ops/relu", "Request-Id", "a".repeat(129)))).hasSize(36);
    }

    @Test
    void isInEveryLineOfALog(CapturedOutput output) {
        get("/v1/ops/relu", "Request-Id", "one");
        get("/v1/ops/relu", "Request-Id", "two");
        assertThat(line(output, "\"one\"").path("request_id").asString()).isEqualTo("one");
        assertThat(line(output, "\"two\"").path("request_id").asString()).isEqualTo("two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nRequest-Id: broken\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})
    void isToldWhereTheContainerRefuses(String request) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String id = answer.replaceAll("(?s).*\r\nRequest-Id: ([^\r]*)\r\n.*", "$1");
            assertThat(answer).contains("\"request_id\":\"" + id + "\"");
            assertThat(id).matches(request.contains("broken") ? "broken" : "[0-9a-f-]{36}");
        }
    }
}
