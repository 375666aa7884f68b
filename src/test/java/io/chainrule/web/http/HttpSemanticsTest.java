package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import io.chainrule.web.json.CollidingNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

class HttpSemanticsTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}";
    private static final int LIMIT = 8 * 1024 * 1024;

    @Autowired
    private Budget budget;

    private static void assertProblem(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(response).path("code").asString()).isEqualTo(code);
        assertThat(errors(response)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /v1/evaluate     | 405 | method-not-allowed
            PUT    | /v1/gradient     | 405 | method-not-allowed
            POST   | /v1/ops          | 405 | method-not-allowed
            BREW   | /v1/gradient     | 405 | method-not-allowed
            TRACE  | /v1/gradient     | 405 | method-not-allowed
            GET    | /nothing         | 404 | not-found
            POST   | /v1/hessians     | 404 | not-found
            GET    | /v1/ops/nothing  | 404 | not-found
            GET    | /problems/nix    | 404 | not-found
            GET    | /error           | 404 | not-found
            GET    | /actuator/env    | 404 | not-found
            GET    | /actuator/health/none  | 404 | not-found
            GET    | /actuator/metrics/none | 404 | not-found
            GET    | /actuator/sbom/none    | 404 | not-found
            TRACE  | /nothing         | 405 | method-not-allowed
            """)
    void answersTheWrongAddressOrMethod(String method, String path, int status, String code) {
        BodyPublisher body = method.equals("POST") ? BodyPublishers.ofString(PROGRAM) : BodyPublishers.noBody();
        HttpResponse<String> response = send(method, path, body, "Content-Type", "application/json", "Request-Id", "its-id");
        assertProblem(response, status, code);
        assertThat(response.headers().allValues("Request-Id")).containsExactly("its-id");
        assertThat(json(response).path("request_id").asString()).isEqualTo("its-id");
        assertThat(response.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(response.headers().allValues("X-Frame-Options")).containsExactly("DENY");
        assertThat(response.headers().allValues("Referrer-Policy")).containsExactly("no-referrer");
        assertThat(response.headers().allValues("Content-Security-Policy")).singleElement().asString().startsWith("default-src 'none'");
    }

    @Test
    void tellsTheLengthOfAnswers() {
        for (HttpResponse<String> small : List.of(post("/v1/gradient", PROGRAM), post("/v1/gradient", "{}"), get("/v1/ops/relu"))) {
            assertThat(small.headers().firstValueAsLong("Content-Length"))
                    .hasValue(small.body().getBytes(StandardCharsets.UTF_8).length);
        }
        for (int length : new int[]{1_000, 1_200, 3_000, 40_000}) {
            HttpResponse<String> answer = post("/v1/evaluate",
                    "{\"expression\": \"y = x + 0.5\", \"nodes\": \"none\", \"inputs\": {\"x\": " + Collections.nCopies(length, 100)
                            + "}}");
            assertThat(json(answer).path("value").size()).isEqualTo(length);
            assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(answer.body().length());
        }
    }

    @Test
    void namesTheAllowedMethods() {
        assertThat(get("/v1/evaluate").headers().firstValue("Allow")).hasValue("POST");
        assertThat(send("OPTIONS", "/v1/evaluate", BodyPublishers.noBody()).headers().firstValue("Allow")).hasValue("POST,OPTIONS");
    }

    @Test
    void answersHeadLikeGetWithoutABody() {
        assertThat(send("HEAD", "/swagger-ui/swagger-ui.css", BodyPublishers.noBody()).headers().firstValue("Content-Length"))
                .as("a file is not said to be empty").isNotEqualTo(Optional.of("0"));
        HttpResponse<String> head = send("HEAD", "/v1/ops/relu", BodyPublishers.noBody());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(head.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense",
            "application/json; charset=none",
            "multipart/form-data; boundary=x"})
    void readsNothingButJson(String type) {
        assertProblem(post("/v1/gradient", PROGRAM, "Content-Type", type), 415, "unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/xml", "nonsense"})
    void answersNothingButJson(String accepted) {
        assertProblem(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Accept", accepted), 406, "not-acceptable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "application/*", "application/json", "text/html, application/json;q=0.5"})
    void answersWhereJsonIsAccepted(String accepted) {
        assertThat(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Accept", accepted).statusCode()).isEqualTo(200);
    }

    @Test
    void readsABodyOfExactlyTheLimit() {
        String body = PROGRAM + " ".repeat(LIMIT - PROGRAM.length());
        assertThat(post("/v1/gradient", body).statusCode()).isEqualTo(200);
        assertThat(post("/v1/gradient", chunked(body), "Content-Type", "application/json").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesABodyBeyondTheLimit() {
        String body = PROGRAM + " ".repeat(LIMIT + 1 - PROGRAM.length());
        assertProblem(post("/v1/gradient", body), 413, "body-too-large");
        assertProblem(post("/v1/gradient", chunked(body), "Content-Type", "application/json"), 413, "body-too-large");
        assertThat(json(post("/v1/gradient", body)).at("/errors/0/expected").asString()).contains("chainrule.limits.body-bytes");
    }

    private static BodyPublisher chunked(String body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void asksToComeBackWhenMemoryIsSpokenFor() {
        try (var _ = budget.reserve(budget.total())) {
            assertThat(post("/v1/gradient", PROGRAM).statusCode()).as("what takes little has a part of its own").isEqualTo(200);
            HttpResponse<String> response = post("/v1/gradient", "{\"expression\": \"f = sum(ones(shape=[1000, 1000]) * x)\", "
                    + "\"nodes\": \"none\", \"inputs\": {\"x\": 3}}");
            assertProblem(response, 503, "overloaded");
            assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
        }
        assertThat(post("/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
    }

    @Test
    void givesAllMemoryBack() {
        post("/v1/gradient", PROGRAM);
        post("/v1/gradient", "{");
        post("/v1/gradient", PROGRAM + " ".repeat(LIMIT));
        assertNothingIsReserved(budget);
    }

    @Test
    void namesOfOneClientThatCollideHarmNoOther() {
        String colliding = CollidingNames.make(800).stream().collect(Collectors.joining("\": 1, \"", "\"", "\": 1"));
        String body = "{\"expression\": \"f = x^2\", \"nodes\": \"none\", \"inputs\": {\"x\": 3, " + colliding + "}}";
        for (int i = 0; i < 10; i++) {
            assertThat(post("/v1/evaluate", body).statusCode()).isEqualTo(200);
        }
        for (int i = 0; i < 50; i++) {
            String name = "weight" + i;
            HttpResponse<String> response = post("/v1/gradient",
                    "{\"expression\": \"f = " + name + "^2\", \"inputs\": {\"" + name + "\": 3}}");
            assertThat(json(response).path("value").asDouble()).as(response.body()).isEqualTo(9);
        }
    }

    @Test
    void hasTheSwaggerUiBesideThePage() {
        HttpResponse<String> root = get("/");
        assertThat(root.statusCode()).isEqualTo(200);
        assertThat(root.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(get("/swagger-ui.html").headers().firstValue("Location")).hasValue("/swagger-ui/index.html");
        assertThat(get("/swagger-ui/index.html").body()).contains("swagger-ui");
    }

    @Test
    void letsNoOriginInUnlessToldTo() {
        assertThat(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Origin", "https://app.example").headers().map())
                .doesNotContainKeys("access-control-allow-origin", "access-control-allow-methods", "access-control-expose-headers",
                        "access-control-allow-credentials");
        HttpResponse<String> preflight = send("OPTIONS", "/v1/evaluate", BodyPublishers.noBody(), "Origin", "https://app.example",
                "Access-Control-Request-Method", "POST");
        assertThat(preflight.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control-"));
    }

    /** What never reaches the application. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    GET /v1/%zz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
                    GET /v1/a%2Fb HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
                    GET /v1/{a HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
                    GET /v1/ops HTTP/1.1\\r\\n\\r\\n
                    GET /v1/ops HTTP/9.9\\r\\nHost: localhost\\r\\n\\r\\n
                    G@T /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
                    POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: x\\r\\n\\r\\n
                    POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nTransfer-Encoding: x\\r\\n\\r\\n
                    POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n
                    POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\n{}\\r\\nzz\\r\\n
                    """)
    void answersWhatIsNotHttp(String request) throws IOException {
        String response = raw(request.replace("\\r\\n", "\r\n"));
        assertThat(response).startsWith("HTTP/1.1 400").contains("Content-Type: application/problem+json", "\"code\":\"bad-request\"")
                .contains("Request-Id: ", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
                        "Content-Security-Policy: default-src 'none'")
                .doesNotContain("Exception", "<html");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
