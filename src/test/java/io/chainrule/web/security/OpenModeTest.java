package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without keys the service is there for its own machine, and not for pages of other sites that a browser on it shows. */
class OpenModeTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}";
    private static final String PICTURE = "/v1/render.svg?expression=x*y&in.x=2&in.y=3";

    /** Java's client sends no Host of the caller's choice. */
    private String statusLine(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().findFirst().orElse("");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:8080", "127.0.0.1:80", "127.1.2.3", "[::1]:8080", "chainrule.localhost"})
    void answersToItsOwnNames(String host) throws IOException {
        assertThat(statusLine("GET /v1/ops HTTP/1.1\r\nHost: " + host + "\r\n")).startsWith("HTTP/1.1 200");
    }

    /** A page of another site may have the site's name resolved to this machine, and send headers as a proxy does. */
    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.1",
            "[2001:db8::1]",
            "evil.example\r\nX-Forwarded-Host: localhost", "evil.example\r\nX-Forwarded-For: 127.0.0.1", "notlocalhost"})
    void answersToNoOtherName(String host) throws IOException {
        assertThat(statusLine("GET /v1/ops HTTP/1.1\r\nHost: " + host + "\r\n")).startsWith("HTTP/1.1 403");
        assertThat(statusLine("GET /actuator/health/liveness HTTP/1.1\r\nHost: " + host + "\r\n")).startsWith("HTTP/1.1 200");
    }

    @Test
    void pagesOfOtherSitesGetPicturesAlone() {
        String[] other = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"};
        assertThat(get(PICTURE, other).statusCode()).isEqualTo(200);
        assertThat(get(PICTURE, other).headers().firstValue("Cross-Origin-Resource-Policy")).hasValue("cross-origin");
        assertThat(get("/v1/ops/relu/plot.svg", other).statusCode()).isEqualTo(200);
        for (String path : List.of("/", "/v1/ops", "/v1/gradient?expression=x*x&in.x=3", "/v3/api-docs", "/actuator/metrics",
                "/problems/forbidden")) {
            HttpResponse<String> response = get(path, other);
            assertThat(response.statusCode()).as(path).isEqualTo(403);
            assertThat(errors(response)).containsExactly("forbidden -");
        }
        assertThat(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Sec-Fetch-Site", "cross-site").statusCode())
                .isEqualTo(403);
    }

    /** A page sees whether a picture comes, so that pictures of models would tell it the values of these. */
    @Test
    void pagesOfOtherSitesGetNoPicturesOfModels() {
        assertThat(send("PUT", "/v1/models/salaries", BodyPublishers.ofString("{\"expression\": \"a * x\", \"inputs\": {\"a\": 2}}"),
                "Content-Type",
                "application/json").statusCode()).isBetween(200, 201);
        for (String path : List.of("/v1/render.svg?expression=salaries(x)&in.x=2", "/v1/render.svg?model=salaries&in.x=2")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(200);
            assertThat(get(path, "Sec-Fetch-Site", "same-origin").statusCode()).as(path).isEqualTo(200);
            assertThat(get(path, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image").statusCode())
                    .as(path).isBetween(404, 422);
        }
    }

    @Test
    void linksOfOtherSitesCanBeFollowed() {
        String[] followed = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"};
        assertThat(get("/", followed).statusCode()).isEqualTo(200);
        assertThat(get("/", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe").statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"same-origin", "none", "same-site"})
    void thePageItselfGetsAll(String site) {
        assertThat(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "Sec-Fetch-Site", site).statusCode()).isEqualTo(200);
    }

    /** What a proxy on this machine asks for is asked for by others. */
    @Test
    void whatAnOperatorSeesIsForThisMachineAlone() {
        assertThat(get("/actuator/info").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/info", "X-Forwarded-For", "203.0.113.9").statusCode()).isEqualTo(403);
        assertThat(get("/actuator/sbom/application", "X-Forwarded-For", "203.0.113.9").statusCode()).isEqualTo(403);
    }

    /** Only health itself is told to all, not what begins with its letters. */
    @Test
    void addressesLikeThatOfHealthAreNotHealth() throws IOException {
        String close = " HTTP/1.1\r\nHost: evil.example\r\n";
        assertThat(statusLine("GET /actuator/health" + close)).startsWith("HTTP/1.1 200");
        assertThat(statusLine("GET /actuator/healthy" + close)).startsWith("HTTP/1.1 403");
        assertThat(statusLine("GET /actuator/health/../info" + close)).startsWith("HTTP/1.1 404");
    }

    /** An open service keeps nothing. A page on another port must not have it make a database. */
    @Test
    void thereIsNoBackup() {
        HttpResponse<String> asked = send("POST", "/actuator/backup", BodyPublishers.noBody());
        assertThat(asked.statusCode()).isEqualTo(404);
        assertThat(errors(asked)).containsExactly("not-found -");
        HttpResponse<String> ofAPage = send("POST", "/actuator/backup", BodyPublishers.noBody(), "Origin", "http://localhost:3000",
                "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors");
        assertThat(ofAPage.statusCode()).isEqualTo(403);
        assertThat(errors(ofAPage)).containsExactly("forbidden -");
    }

    @Test
    void thereAreNoKeys() {
        assertThat(get("/v1/keys").statusCode()).isEqualTo(404);
        assertThat(post("/v1/keys", "{}").statusCode()).isEqualTo(404);
    }

    /** The rest of the world is told what it has left; this machine has all of it. */
    @Test
    void tellsQuotasToOthers() {
        assertThat(post("/v1/gradient", PROGRAM).headers().firstValue("RateLimit")).isEmpty();
        assertThat(post("/v1/gradient", PROGRAM, "Content-Type", "application/json", "X-Forwarded-For", "203.0.113.9").headers()
                .firstValue("RateLimit"))
                .hasValueSatisfying(
                        // A thousand a second are refilled, so that the one that was taken may be there again.
                        left -> assertThat(left).matches("\"requests\";r=(59999|60000);t=[01], \"compute\";r=\\d+;t=\\d+, \"bytes\";.*"));
    }

    /** It does not listen to the machine's other addresses, of which there may be none. */
    @Test
    void otherMachinesDoNotReachIt() throws IOException {
        List<InetAddress> others = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress()).toList();
        assumeThat(others).isNotEmpty();
        for (InetAddress address : others) {
            assertThatIOException().as(address.toString()).isThrownBy(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), 500);
                }
            });
        }
    }

    /** Browsers tell the site of a page to trustworthy addresses alone; its origin they tell to all. */
    @Test
    void aForeignOriginIsAnotherSite() {
        String[] json = {"Content-Type", "application/json", "Origin"};
        assertThat(post("/v1/gradient", PROGRAM, json[0], json[1], json[2], "https://evil.example").statusCode()).isEqualTo(403);
        assertThat(post("/v1/gradient", PROGRAM, json[0], json[1], json[2], "null").statusCode()).isEqualTo(403);
        assertThat(post("/v1/gradient", PROGRAM, json[0], json[1], json[2], "http://localhost:" + port).statusCode()).isEqualTo(200);
        assertThat(send("POST", "/actuator/backup", BodyPublishers.noBody(), "Origin", "https://evil.example").statusCode()).isEqualTo(403);
    }

    /** A proxy may forget to say for whom it asks. */
    @ParameterizedTest
    @ValueSource(strings = {"Via", "X-Real-IP", "Forwarded", "X-Forwarded-Host"})
    void whatAProxySendsIsNotOfThisMachine(String header) {
        assertThat(get("/actuator/info", header, "1.1 proxy").statusCode()).isEqualTo(403);
        assertThat(get("/actuator/unknown", header, "1.1 proxy").statusCode()).isEqualTo(403);
        assertThat(get("/actuator/unknown").statusCode()).isEqualTo(404);
    }

    @Test
    void answersTellBrowsersWhatTheyAre() {
        HttpResponse<String> response = post("/v1/gradient", PROGRAM);
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow()).contains("default-src 'none'",
                "frame-ancestors 'none'");
        assertThat(get("/").headers().allValues("Content-Security-Policy")).hasSize(1);
        assertThat(get("/v1/nothing").headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.headers().firstValue("Strict-Transport-Security")).isEmpty();
        assertThat(response.headers().firstValue("Server")).isEmpty();
    }
}
