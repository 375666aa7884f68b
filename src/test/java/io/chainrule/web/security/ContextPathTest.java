package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.access.SecurityMode;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Below a path of its own the service is protected as elsewhere, and shows browsers as much. */
@DirtiesContext
@TestPropertySource(properties = {"server.servlet.context-path=/base", "chainrule.cors.allowed-origins=https://app.example"})
class ContextPathTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}";
    /** The addresses in the page and in its import map. */
    private static final Pattern LOADED = Pattern.compile("(?:href=|src=|\":)\"([^\"#{]+)\"");
    private static final String[] OTHER_SITE = {"Sec-Fetch-Site", "cross-site"};

    @Test
    void otherSitesGetPicturesAlone() {
        HttpResponse<String> picture = get("/base/v1/render.svg?expression=x*y&in.x=2&in.y=3", OTHER_SITE);
        assertThat(picture.statusCode()).isEqualTo(200);
        assertThat(picture.headers().firstValue("Cross-Origin-Resource-Policy")).hasValue("cross-origin");
        assertThat(get("/base/v1/ops", OTHER_SITE).statusCode()).isEqualTo(403);
    }

    @Test
    void aConfiguredOriginMayCallTheApiAlone() {
        String[] app = {"Content-Type", "application/json", "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example"};
        assertThat(post("/base/v1/gradient", PROGRAM, app).statusCode()).isEqualTo(200);
        assertThat(get("/base/actuator/metrics", "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example").statusCode())
                .isEqualTo(403);
    }

    @Test
    void theSwaggerUiMayRunItsScripts() {
        assertThat(get("/base/swagger-ui/index.html").headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("script-src 'self'");
        assertThat(get("/base/v1/ops").headers().firstValue("Content-Security-Policy").orElseThrow()).doesNotContain("script-src");
    }

    /** So that "Execute" in the Swagger UI, and generated clients, ask this service. */
    @Test
    void theDocumentSaysWhereTheServiceIs() {
        assertThat(json(get("/base/v3/api-docs")).at("/servers/0/url").asString()).isEqualTo("/base");
    }

    /** What has no row in the table is for operators, but for addresses of the API. */
    @Test
    void whatAnOperatorSeesIsForThisMachineAlone() {
        String[] other = {"X-Forwarded-For", "203.0.113.9"};
        assertThat(get("/base/v1/nothing", other).statusCode()).isEqualTo(404);
        assertThat(get("/base/actuator/info", other).statusCode()).isEqualTo(403);
        assertThat(get("/base/actuator/info").statusCode()).isEqualTo(200);
    }

    @Test
    void aProblemLinksToItsHelpAndNamesTheNearestEndpointBelowThePath() {
        HttpResponse<String> unknown = get("/base/v1/gardient");
        assertThat(json(unknown).path("errors").path(0).path("hint").asString()).isEqualTo("did you mean 'POST /base/v1/gradient'?");
        // The second is refused by the container, since it is outside the path.
        for (HttpResponse<String> problem : List.of(unknown, get("/v1/gradient"))) {
            assertThat(problem.statusCode()).isEqualTo(404);
            String type = json(problem).path("type").asString();
            assertThat(type).isEqualTo("/base/problems/not-found");
            assertThat(json(get(type)).path("type").asString()).isEqualTo(type);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"//base/v1/ops", "///base/actuator/info"})
    void furtherSlashesBeforeThePathAreRefused(String address) throws IOException {
        assertThat(raw("GET " + address + " HTTP/1.1\r\nHost: localhost")).startsWith("HTTP/1.1 400").contains("\"bad-request\"");
    }

    @Test
    void thePageLoadsWhatIsBelowThePath() {
        URI page = URI.create("/base/");
        List<String> addresses = LOADED.matcher(get(page.toString()).body()).results()
                .map(found -> page.resolve(found.group(1)).toString()).toList();
        assertThat(addresses).hasSizeGreaterThan(30).contains("/base/", "/base/swagger-ui.html").allSatisfy(address -> {
            assertThat(address).startsWith("/base/");
            assertThat(get(address).statusCode()).as(address).isIn(200, 302);
        });
    }

    @Test
    void healthIsToldUnderAnyName() throws IOException {
        assertThat(ofAnotherName("/base/actuator/health/liveness")).startsWith("HTTP/1.1 200");
        assertThat(ofAnotherName("/base/v1/ops")).startsWith("HTTP/1.1 403");
    }

    private String ofAnotherName(String path) throws IOException {
        return raw("GET " + path + " HTTP/1.1\r\nHost: evil.example");
    }

    private String raw(String head) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((head + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Health would be refused, and the actuator take turns. */
    @ParameterizedTest
    @ValueSource(strings = {"base-path=/manage", "base-path=/", "path-mapping.health=healthz"})
    void otherAddressesOfTheActuatorStopTheStart(String property) {
        assertThatThrownBy(() -> new Replica(SecurityMode.OPEN, "--management.endpoints.web." + property).close())
                .hasStackTraceContaining("management.endpoints.web.base-path and").hasStackTraceContaining("management.server.base-path");
    }
}
