package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Scope;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.HttpMethod;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.AbstractHandlerMethodMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.util.pattern.PathPattern;

/** Every endpoint, asked by who may and by who may not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestPropertySource(properties = {"chainrule.security.wrong-keys=500", "management.prometheus.metrics.export.enabled=true",
        "management.endpoint.sbom.application.location=classpath:application.yaml"})
class AccessTest extends SecuredTest {
    @Autowired
    private List<HandlerMapping> mappings;
    @Autowired
    private ApiKeys keys;

    private String ended;
    private String revoked;

    @BeforeAll
    void makeKeys() throws InterruptedException {
        Instant end = Instant.now().plusMillis(20);
        ended = keys.issue(new ApiKeys.Wish("ended", Set.of(Scope.values()), end, ApiKeys.OwnQuotas.STANDARD)).secret();
        ApiKeys.Issued key = keys.issue(new ApiKeys.Wish("revoked", Set.of(Scope.values()), null, ApiKeys.OwnQuotas.STANDARD));
        keys.revoke(key.key());
        revoked = key.secret();
        Thread.sleep(30);
    }

    private String keyOf(Set<Scope> scopes) {
        return keys.issue(new ApiKeys.Wish("test", scopes, null, ApiKeys.OwnQuotas.STANDARD)).secret();
    }

    /** {@code GET /v1/ops} and so on, of all controllers, of the actuator and of files. */
    private Set<String> handled() {
        Set<String> found = new TreeSet<>();
        for (HandlerMapping mapping : mappings) {
            if (mapping instanceof AbstractHandlerMethodMapping<?> methods) {
                methods.getHandlerMethods().keySet().stream().map(RequestMappingInfo.class::cast).forEach(info -> info.getPatternValues()
                        .forEach(pattern -> {
                            Set<String> verbs = info.getMethodsCondition().getMethods().stream().map(Enum::name)
                                    .collect(Collectors.toSet());
                            (verbs.isEmpty() ? Set.of("GET") : verbs).forEach(verb -> found.add(verb + " " + pattern));
                        }));
            } else if (mapping instanceof AbstractUrlHandlerMapping files) {
                files.getPathPatternHandlerMap().keySet().stream().map(PathPattern::getPatternString).forEach(pattern -> found
                        .add("GET " + pattern));
            }
        }
        return found;
    }

    /** {@code /error} is asked by the server alone, and {@code /**} finds no file under other names. */
    @Test
    void everyEndpointHasARow() {
        Set<String> rows = AccessTable.rows().stream().map(row -> row.method() + " " + row.pattern().getPatternString())
                .map(row -> row.replaceAll("\\{\\w+}", "{}")).collect(Collectors.toSet());
        assertThat(handled()).hasSizeGreaterThan(40);
        assertThat(handled().stream().map(endpoint -> endpoint.replaceAll("\\{\\*?\\w+}", "{}")).map(AccessTest::underAWildcard)
                .filter(endpoint -> !rows.contains(endpoint))).containsOnly("GET /error", "GET /**");
    }

    /** The table opens all that is under some addresses. */
    private static String underAWildcard(String endpoint) {
        return Stream.of("/actuator/health", "/actuator/sbom", "/actuator/metrics", "/page", "/webjars", "/swagger-ui", "/v3/api-docs")
                .filter(prefix -> endpoint.startsWith("GET " + prefix + "/")).map(prefix -> "GET " + prefix + "/**").findFirst()
                .orElse(endpoint);
    }

    static Stream<AccessTable.Row> closed() {
        return AccessTable.rows().stream().filter(row -> row.access() != Access.OPEN);
    }

    static Stream<AccessTable.Row> open() {
        return AccessTable.rows().stream().filter(row -> row.access() == Access.OPEN);
    }

    /** An address that is there. Links to compute hold their program. */
    private static String path(AccessTable.Row row) {
        String path = row.pattern().getPatternString();
        String name = switch (path) {
            case "/actuator/sbom/**" -> "application";
            case "/actuator/metrics/**" -> "chainrule.permits";
            case "/problems/{code}" -> "forbidden";
            default -> "relu";
        };
        String program = switch (path) {
            case "/v1/render.svg" -> "?expression=x*y&in.x=2&in.y=3";
            case "/v1/plot.svg" -> "?expression=x*x";
            case "/v1/gradient" -> row.method().equals(HttpMethod.GET) ? "?expression=x*x&in.x=2" : "";
            default -> "";
        };
        return path.replaceAll("\\{\\w+}|\\*\\*", name) + program;
    }

    private static String body(AccessTable.Row row) throws IOException {
        String path = row.pattern().getPatternString();
        if (path.equals("/v1/models/{name}") && row.method().equals(HttpMethod.PUT)) {
            return PROGRAM.replace(", \"inputs\": {\"x\": 2, \"y\": 3}", "");
        }
        if (path.equals("/v1/jobs") && row.method().equals(HttpMethod.POST)) {
            return "{\"kind\": \"check\", \"request\": " + PROGRAM + "}";
        }
        if (!row.method().equals(HttpMethod.POST) || path.startsWith("/actuator") || path.startsWith("/v1/models")) {
            return "";
        }
        if (path.equals("/v1/keys")) {
            return "{\"owner\": \"test\", \"scopes\": [\"compute\"]}";
        }
        Resource example = new PathMatchingResourcePatternResolver().getResources("classpath:examples" + path.substring(3) + "/*.json")[0];
        return JSON.readTree(example.getContentAsByteArray()).path("request").toString();
    }

    private HttpResponse<String> ask(AccessTable.Row row, String key) throws IOException {
        return key.isEmpty()
                ? send(row.method().name(), path(row), BodyPublishers.ofString(body(row)), "Content-Type", "application/json")
                : with(key, row.method().name(), path(row), body(row));
    }

    @ParameterizedTest
    @MethodSource("closed")
    void nobodyIsLetInWithoutAValidKey(AccessTable.Row row) throws IOException {
        for (String key : List.of("", "crk_wrong", ended, revoked, firstKey().substring(1), "a.b.c")) {
            HttpResponse<String> response = ask(row, key);
            assertThat(response.statusCode()).as(key).isEqualTo(401);
            assertThat(errors(response)).containsExactly("unauthenticated -");
            assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer realm=\"chainrule\"");
        }
    }

    @ParameterizedTest
    @MethodSource("closed")
    void aKeyOfAnotherScopeIsRefused(AccessTable.Row row) throws IOException {
        Set<Scope> others = Arrays.stream(Scope.values()).filter(scope -> !row.access().scopes().contains(scope))
                .collect(Collectors.toSet());
        HttpResponse<String> response = ask(row, keyOf(others));
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(errors(response)).containsExactly("forbidden -");
        assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow()).contains("insufficient_scope");
    }

    @ParameterizedTest
    @MethodSource("closed")
    void aKeyOfTheScopeIsLetIn(AccessTable.Row row) throws IOException {
        for (Scope scope : row.access().scopes()) {
            HttpResponse<String> response = ask(row, keyOf(Set.of(scope)));
            boolean isOfKey = row.pattern().getPatternString().equals("/v1/keys/{id}");
            if (Stream.of("/v1/models/", "/v1/datasets/", "/v1/jobs").anyMatch(path(row)::startsWith)) {
                // Whether the model, data set or job is there depends on which row was asked for before.
                assertThat(response.statusCode()).as(response.body()).isIn(200, 201, 202, 204, 400, 404, 412);
                continue;
            }
            assertThat(response.statusCode()).as(response.body())
                    .isEqualTo(isOfKey ? 404 : path(row).equals("/v1/keys") && row.method().equals(HttpMethod.POST) ? 201 : 200);
        }
    }

    @ParameterizedTest
    @MethodSource("open")
    void whatIsOpenNeedsNoKey(AccessTable.Row row) throws IOException {
        assertThat(ask(row, "").statusCode()).isNotIn(401, 403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/nothing", "/v1/gradient/", "/actuator/env", "/actuator/heapdump", "/h2-console", "/error", "/v1",
            "/actuator/health/../info"})
    void whatHasNoRowIsDeniedToAll(String path) throws IOException {
        assertThat(get(path).statusCode()).isIn(400, 401);
        assertThat(with(firstKey(), "GET", path, "").statusCode()).isIn(400, 403);
        assertThat(with(firstKey(), "PATCH", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(403);
    }

    /** What the actuator offers needs nothing but its address, so that nobody sends it bytes without limit. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /actuator/backup           | {}
            POST | /actuator/backup           | {"a": "b"}
            POST | /actuator/backup           | [1]
            POST | /actuator/backup           | null
            POST | /actuator/backup           | not JSON
            GET  | /actuator/metrics          | {"a": "b"}
            GET  | /actuator/health           | {"a": "b"}
            GET  | /actuator/health           | not JSON
            GET  | /actuator/health/liveness  | {"a": "b"}
            GET  | /actuator/health/readiness | {"a": "b"}""")
    void theActuatorTakesNoBody(String method, String path, String body) throws IOException {
        for (BodyPublisher sent : List.of(BodyPublishers.ofString(body),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))) {
            HttpResponse<String> response = send(method, path, sent, "Content-Type", "application/json", "Authorization",
                    "Bearer " + firstKey());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
            assertThat(errors(response)).containsExactly("body-too-large -");
            assertThat(response.headers().firstValue("Content-Length")).as("without it, clients wait for the end of the connection")
                    .isPresent();
            assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo("send the request without a body");
        }
    }

    /** The address is decoded once, by the table as by the endpoints. */
    @Test
    void anEncodedAddressIsTheSameEndpoint() throws IOException {
        assertThat(post("/v1/%67radient", PROGRAM).statusCode()).isEqualTo(401);
        assertThat(with(firstKey(), "POST", "/v1/%67radient", PROGRAM).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//v1/gradient", "/v1//gradient", "/v1/gradient;x=1", "/v1%2fgradient", "/page/%2e%2e/v1/gradient"})
    void ambiguousAddressesAreRefused(String path) throws IOException {
        assertThat(with(firstKey(), "POST", path, PROGRAM).statusCode()).isIn(400, 403);
    }

    @Test
    void saysWhyAKeyIsNotValid() {
        assertThat(json(with(ended, "POST", "/v1/gradient", PROGRAM)).path("detail").asString()).contains("expired at");
        assertThat(json(with(revoked, "POST", "/v1/gradient", PROGRAM)).path("detail").asString()).contains("was revoked at");
    }

    /** Neither in the address, where logs would keep it, nor in a form. */
    @Test
    void aKeyStandsInTheHeaderAlone() throws IOException {
        assertThat(get("/v1/gradient?expression=x*x&in.x=3&access_token=" + firstKey()).statusCode()).isEqualTo(401);
    }
}
