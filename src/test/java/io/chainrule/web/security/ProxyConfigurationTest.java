package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.chainrule.process.Haproxy;
import io.chainrule.web.problem.ProblemType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpMethod;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which requests the proxy may send again follows from what they are; {@code ReplicasIT} tries the proxy with the service behind it. */
class ProxyConfigurationTest {
    private static final String TRAINING = "{\"expression\": \"(w*x-y)^2\", \"inputs\": {\"w\": 0, \"x\": 1, \"y\": 2}, \"wrt\": [\"w\"]}";
    private static final String STORED = TRAINING.replace("]}", "], \"save_as\": {\"name\": \"gate\"}}");
    private static final String JOB = "019af3c2d4e57a0b1c2d3e4f";

    private final String configuration;

    ProxyConfigurationTest() throws IOException {
        configuration = Files.readString(Path.of("deploy/haproxy/haproxy.cfg"));
    }

    private Stream<MatchResult> found(String pattern) {
        return Pattern.compile(pattern, Pattern.MULTILINE).matcher(configuration).results();
    }

    /** A new endpoint that computes has to be named there, and one that does something else must not be. */
    @Test
    void postsThatComputeMayBeRepeated() {
        assertThat(paths("computes")).containsExactlyInAnyOrderElementsOf(posts(Access.COMPUTE));
        assertThat(paths("trains")).containsExactlyInAnyOrderElementsOf(posts(Access.TRAIN));
    }

    private List<String> paths(String name) {
        return found("^ *acl " + name + " path (.*)$").flatMap(line -> Stream.of(line.group(1).split(" "))).toList();
    }

    private static List<String> posts(Access access) {
        return AccessTable.rows().stream().filter(row -> row.method().equals(HttpMethod.POST) && row.access() == access)
                .map(row -> row.pattern().getPatternString()).toList();
    }

    @Test
    void othersAreNot() {
        assertThat(found("disable-l7-retry (.*)$").map(rule -> rule.group(1)))
                .containsExactly("unless reads or posts computes or posts trains plain !saves or puts model !conditional or posts undelete"
                        + " or posts jobs has_key or deletes job active");
        assertThat(found("^ *acl saves (.*)$").map(rule -> rule.group(1))).containsExactly("req.body -m sub save_as '\\u00'");
        assertThat(found("^ *acl active (.*)$").map(rule -> rule.group(1))).containsExactly("query only=active");
        Pattern model = pattern("model");
        assertThat("/v1/models/digits").matches(model);
        assertThat(Stream.of("/v1/models/digits/aliases/prod", "/v1/models/digits:3", "/v1/models/digits/undelete", "/v1/keys"))
                .allSatisfy(path -> assertThat(path).doesNotMatch(model));
        Pattern undelete = pattern("undelete");
        assertThat(Stream.of("/v1/models/digits/undelete", "/v1/models/digits:3/undelete"))
                .allSatisfy(path -> assertThat(path).matches(undelete));
        assertThat(Stream.of("/v1/models/digits", "/v1/models/digits@prod/undelete", "/v1/models/undelete"))
                .allSatisfy(path -> assertThat(path).doesNotMatch(undelete));
    }

    private Pattern pattern(String name) {
        return Pattern.compile(found("^ *acl " + name + " path_reg (.*)$").findFirst().orElseThrow().group(1));
    }

    /** Three servers take any request and end the connection without an answer. */
    @Test
    void requestsAreSentAgainWhereThatHasNoSecondEffect(@TempDir Path folder) throws IOException, InterruptedException {
        Optional<Path> haproxy = Haproxy.binary();
        assumeTrue(haproxy.isPresent(), "there is no HAProxy on this machine: install the package haproxy");
        AtomicInteger received = new AtomicInteger();
        List<HttpServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                servers.add(lost(received));
            }
            List<Integer> ports = servers.stream().map(server -> server.getAddress().getPort()).toList();
            try (Haproxy proxy = new Haproxy(haproxy.orElseThrow(), ports, folder)) {
                SoftAssertions all = new SoftAssertions();
                for (Sent sent : again()) {
                    all.assertThat(sent.count(proxy, received)).as("%s, again", sent).isEqualTo(3);
                }
                for (Sent sent : once()) {
                    all.assertThat(sent.count(proxy, received)).as("%s, once", sent).isEqualTo(1);
                }
                all.assertAll();
            }
        } finally {
            servers.forEach(server -> server.stop(0));
        }
    }

    private static HttpServer lost(AtomicInteger received) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/actuator/health/readiness", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.createContext("/v1", exchange -> {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            received.incrementAndGet();
            exchange.close();
        });
        server.start();
        return server;
    }

    private static List<Sent> again() {
        return List.of(new Sent("GET", "/v1/models", ""), new Sent("POST", "/v1/gradient", "{}"),
                new Sent("POST", "/v1/gradient", STORED), new Sent("POST", "/v1/train", TRAINING),
                new Sent("POST", "/v1/train", "\r\n {\n\t" + TRAINING.substring(1).replace("w*x", "a=w*\\u03c3\\na")),
                new Sent("PUT", "/v1/models/gate", "{}"), new Sent("POST", "/v1/models/gate/undelete", ""),
                new Sent("POST", "/v1/models/gate:3/undelete", ""), new Sent("POST", "/v1/jobs", "{}", "Idempotency-Key", "a"),
                new Sent("DELETE", "/v1/jobs/" + JOB + "?only=active", ""));
    }

    private static List<Sent> once() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(STORED.getBytes(StandardCharsets.UTF_8));
        }
        // A buffer of the proxy has 64 KiB.
        String longer = "{\"text\": \"" + "x".repeat(100_000) + "\"}";
        return List.of(new Sent("POST", "/v1/train", STORED), new Sent("POST", "/v1/train", STORED.replace("save", "sav\\u0065")),
                new Sent("POST", "/v1/train", packed.toByteArray(), "Content-Encoding", "gzip"),
                new Sent("POST", "/v1/train", STORED.getBytes(StandardCharsets.UTF_16LE)),
                new Sent("POST", "/v1/train", STORED.getBytes(StandardCharsets.UTF_16BE)), new Sent("POST", "/v1/train", longer),
                new Sent("POST", "/v1/gradient", longer), new Sent("PUT", "/v1/models/gate", "{}", "If-Match", "\"1\""),
                new Sent("PUT", "/v1/models/gate", "", "Content-Type", "application/zip"), new Sent("DELETE", "/v1/models/gate", ""),
                new Sent("PUT", "/v1/models/gate/aliases/prod", "{}"), new Sent("PUT", "/v1/datasets/rows", "x\n1\n"),
                new Sent("POST", "/v1/jobs", "{}"), new Sent("DELETE", "/v1/jobs/" + JOB, ""),
                new Sent("DELETE", "/v1/jobs/" + JOB + "?only=activex", ""), new Sent("DELETE", "/v1/jobs/" + JOB + "?only=active&x=1", ""),
                new Sent("DELETE", "/v1/jobs/" + JOB + "/events?only=active", ""), new Sent("POST", "/v1/keys", "{}"),
                new Sent("DELETE", "/v1/keys/1", ""));
    }

    /** A request of one client. */
    private record Sent(String method, String path, byte[] body, String... headers) {
        Sent(String method, String path, String body, String... headers) {
            this(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
        }

        /** How often servers receive it. The proxy says that they are lost only on the first request of a connection. */
        int count(Haproxy proxy, AtomicInteger received) throws IOException, InterruptedException {
            received.set(0);
            HttpRequest.Builder request = HttpRequest.newBuilder(proxy.uri(path)).method(method, BodyPublishers.ofByteArray(body));
            try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                assertThat(client.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.discarding())
                        .statusCode()).as(toString()).isEqualTo(502);
            }
            return received.get();
        }

        @Override
        public String toString() {
            String text = new String(body, StandardCharsets.ISO_8859_1);
            return method + " " + path + " " + String.join(": ", headers) + " " + text.substring(0, Math.min(text.length(), 200));
        }
    }

    /** The lines of a section, without comments. */
    private List<String> section(String name) {
        return found("^" + name + "\\n((?: .*\\n|\\n)*)").findFirst().orElseThrow().group(1).lines().map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
    }

    private static List<String> servers(List<String> section) {
        return section.stream().filter(line -> line.startsWith("server ")).map(line -> line.split(" ", -1)[1] + line.split(" ", -1)[2])
                .toList();
    }

    /** A body that is longer than a buffer is not waited for, and not sent again once some of it has been. */
    @Test
    void filesPassAsTheyComeAndOnce() {
        assertThat(section("frontend clients")).contains("use_backend uploads if { method PUT } { path_beg /v1/datasets/ }");
        List<String> uploads = section("backend uploads");
        assertThat(uploads).contains("retry-on conn-failure").doesNotContain("option http-buffer-request");
        assertThat(section("defaults")).doesNotContain("option http-buffer-request").noneMatch(line -> line.startsWith("retry-on"));
        assertThat(servers(uploads)).hasSize(3).isEqualTo(servers(section("backend replicas")));
    }

    /** What the proxy itself answers is a problem as the service's are. */
    @Test
    void itsOwnAnswersAreProblems() {
        List<MatchResult> answers = found("^ *http-error status (\\d+) content-type \"application/problem\\+json\" string '(.*)'").toList();
        assertThat(answers).hasSize(4);
        for (MatchResult answer : answers) {
            JsonNode problem = JsonMapper.shared().readTree(answer.group(2));
            assertThat(problem.path("status").asString()).isEqualTo(answer.group(1));
            // The service itself never loses a replica.
            if (!answer.group(1).equals("502")) {
                ProblemType type = ProblemType.of(problem.path("code").asString());
                assertThat(problem.path("type").asString()).isEqualTo(type.uri());
                assertThat(problem.path("title").asString()).isEqualTo(type.text().title());
                assertThat(type.status()).isEqualTo(problem.path("status").asInt());
            }
        }
    }
}
