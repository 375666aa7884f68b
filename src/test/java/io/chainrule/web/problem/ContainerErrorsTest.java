package io.chainrule.web.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What Tomcat refuses itself is told in the same form as all else. */
class ContainerErrorsTest extends HttpTest {
    private static final int LONG = 100_000;

    /** All that is answered until the service closes the connection. */
    private String answer(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static JsonNode problem(String answer) {
        return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            # a request of version 1.1 names its host
            GET /v1/ops HTTP/1.1                                              | 400 | bad-request  | none
            # the program stands in the address, which has its end
            GET /v1/gradient?expression=%LONG% HTTP/1.1\\r\\nHost: localhost  | 414 | uri-too-long | send the program by POST, in a body
            # its headers are too long, and its address is not
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: %LONG%          | 400 | bad-request  | none
            """)
    void areProblemsToo(String head, int status, String code, @Nullable String hint) throws IOException {
        String answer = answer(head.replace("\\r\\n", "\r\n").replace("%LONG%", "x".repeat(LONG)) + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status).contains("Content-Type: application/problem+json",
                "X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'");
        JsonNode problem = problem(answer);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        assertThat(problem.at("/errors/0/code").asString()).isEqualTo(code);
        assertThat(problem.at("/errors/0/hint").asString(null)).isEqualTo(hint);
        assertThat(problem.path("request_id").asString()).isNotEmpty();
        assertThat(answer).contains("Request-Id: " + problem.path("request_id").asString() + "\r\n");
    }

    @Test
    void anAddressThatIsTooLongIsToldHowLongItMayBe() throws IOException {
        JsonNode error = problem(answer("GET /" + "x".repeat(LONG) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")).at("/errors/0");
        String most = error.path("message").asString().replaceAll("\\D", "");
        assertThat(Integer.parseInt(most)).isBetween(1_000, LONG);
        assertThat(error.path("expected").asString()).isEqualTo("at most " + most + " bytes, headers included");
        assertThat(error.path("actual").asString()).isEqualTo("more than " + most);
    }

    @Test
    void anAnswerWithoutContentIsNone() {
        HttpResponse<String> options = send("OPTIONS", "/v1/evaluate", BodyPublishers.noBody());
        assertThat(options.statusCode()).isEqualTo(200);
        assertThat(options.body()).isEmpty();
    }
}
