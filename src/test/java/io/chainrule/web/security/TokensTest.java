package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.chainrule.web.HttpTest;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The service with tokens that an OAuth 2 server signs, whose public keys it fetches. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.security.mode=JWT", "chainrule.security.key-cache=1s",
        "spring.security.oauth2.resourceserver.jwt.audiences=chainrule", "management.tracing.export.enabled=true",
        "management.tracing.sampling.probability=1"})
class TokensTest extends HttpTest {
    @TestConfiguration
    static class Exporting {
        @Bean
        InMemorySpanExporter exporter() {
            return InMemorySpanExporter.create();
        }
    }

    private static final String PROGRAM = "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}";
    /** The trace context of each time that keys were fetched. */
    private static final Queue<String> FETCHES = new ConcurrentLinkedQueue<>();
    private static final RSAKey KEY = newKey();
    private static final HttpServer SERVER = serve();

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID("one").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The part of an OAuth 2 server that is asked: its public keys. */
    private static HttpServer serve() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            byte[] keys = new JWKSet(KEY.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
            server.createContext("/keys", exchange -> {
                FETCHES.add(Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("traceparent"), ""));
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, keys.length);
                exchange.getResponseBody().write(keys);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterAll
    static void stop() {
        SERVER.stop(0);
    }

    @DynamicPropertySource
    static void keys(DynamicPropertyRegistry properties) {
        properties.add("spring.security.oauth2.resourceserver.jwt.jwk-set-uri",
                () -> "http://localhost:" + SERVER.getAddress().getPort() + "/keys");
    }

    private static String token(RSAKey key, String audience, String scope, int seconds) throws JOSEException {
        return token(key, new JWTClaimsSet.Builder().subject("ana").audience(audience).claim("scope", scope)
                .expirationTime(Date.from(Instant.now().plusSeconds(seconds))));
    }

    private static String token(RSAKey key, JWTClaimsSet.Builder claims) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims.build());
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private HttpResponse<String> with(String token, String path) {
        return with(token, path, "203.0.113.7");
    }

    private HttpResponse<String> with(String token, String path, String address) {
        return send("POST", path, BodyPublishers.ofString(PROGRAM), "Content-Type", "application/json", "Authorization", "Bearer " + token,
                "X-Forwarded-For", address);
    }

    private HttpResponse<String> asked(String token, String method, String path) {
        return send(method, path, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(PROGRAM), "Content-Type",
                "application/json", "Authorization", "Bearer " + token);
    }

    @Test
    void aTokenOpensWhatItsScopeNames() throws JOSEException {
        String token = token(KEY, "chainrule", "compute jobs", 60);
        HttpResponse<String> response = with(token, "/v1/gradient");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("RateLimit").orElseThrow())
                .as("a request is given back each millisecond").matches("\"requests\";r=(5999\\d|60000);.*");
        assertThat(with(token, "/v1/train").statusCode()).isEqualTo(403);
        assertThat(with(token(KEY, "chainrule", "train", 60), "/v1/gradient").statusCode()).isEqualTo(403);
    }

    @Test
    void otherTokensAreRefused() throws JOSEException {
        assertThat(post("/v1/gradient", PROGRAM).statusCode()).isEqualTo(401);
        assertThat(with(token(KEY, "chainrule", "compute", -120), "/v1/gradient").statusCode()).isEqualTo(401);
        assertThat(with(token(KEY, "elsewhere", "compute", 60), "/v1/gradient").statusCode()).isEqualTo(401);
        assertThat(with(token(newKey(), "chainrule", "compute", 60), "/v1/gradient").statusCode()).isEqualTo(401);
        String token = token(KEY, "chainrule", "compute", 60);
        String unsigned = "eyJhbGciOiJub25lIn0." + token.substring(token.indexOf('.') + 1, token.lastIndexOf('.')) + ".";
        assertThat(with(unsigned, "/v1/gradient").statusCode()).isEqualTo(401);
        assertThat(errors(with(token + "x", "/v1/gradient"))).containsExactly("unauthenticated -");
    }

    /** Tokens that were right are taken on when others of the same address are wrong too often. */
    @Test
    void tooManyWrongTokensAreNotLookedAt() throws JOSEException {
        String right = token(KEY, "chainrule", "compute", 600);
        assertThat(with(right, "/v1/gradient", "203.0.113.8").statusCode()).isEqualTo(200);
        RSAKey unknown = newKey();
        int status = 401;
        for (int i = 0; status == 401 && i < 500; i++) {
            status = with(token(unknown, "chainrule", "compute", 60 + i), "/v1/gradient", "203.0.113.8").statusCode();
        }
        assertThat(status).isEqualTo(429);
        assertThat(with(right, "/v1/gradient", "203.0.113.8").statusCode()).isEqualTo(200);
    }

    /** Nobody looks at a token again, so that its end has to be known. */
    @Test
    @Timeout(120)
    void aStreamEndsWithItsToken() throws JOSEException {
        String token = token(KEY, "chainrule", "jobs train", 600);
        HttpResponse<String> begun = send("POST", "/v1/jobs", BodyPublishers.ofString("""
                {"kind": "train", "request": {"expression": "a = broadcast_to(w, shape=[200, 200])\\nf = sum((a @ a @ a)^2)",
                 "inputs": {"w": 0.001}, "wrt": ["w"], "steps": 1000000, "optimizer": {"type": "sgd", "lr": 1e-12}}}"""), "Content-Type",
                "application/json", "Authorization", "Bearer " + token);
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
        String path = "/v1/jobs/" + json(begun).path("id").asString();
        HttpResponse<String> stream = asked(token(KEY, "chainrule", "jobs", -45), "GET", path + "/events");
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.body()).contains("event: status").doesNotContain("cancelled");
        assertThat(json(asked(token, "GET", path)).has("ended_at")).isFalse();
        assertThat(asked(token, "DELETE", path).statusCode()).isEqualTo(204);
    }

    /** As clocks may differ, also where a request stores something, and so the token is looked at again. */
    @ParameterizedTest
    @CsvSource({"POST, /v1/gradient", "PUT, /v1/models/just_ended"})
    void aTokenIsTakenForAMinuteAfterItsEnd(String method, String path) throws JOSEException {
        assertThat(asked(token(KEY, "chainrule", "compute models:write", -20), method, path).statusCode()).isBetween(200, 201);
        assertThat(asked(token(KEY, "chainrule", "compute models:write", -70), method, path).statusCode()).isEqualTo(401);
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().audience("chainrule").claim("scope", "compute");
    }

    private static Date soon() {
        return Date.from(Instant.now().plusSeconds(60));
    }

    @Test
    void aTokenOfNobodyIsRefused() throws JOSEException {
        HttpResponse<String> refused = with(token(KEY, claims().expirationTime(soon())), "/v1/gradient");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(json(refused).path("detail").asString()).contains("claim sub");
        assertThat(with(token(KEY, claims().expirationTime(soon()).claim("client_id", "job")), "/v1/gradient").statusCode())
                .isEqualTo(200);
    }

    /** Some servers let programs choose their ids, and so one that is somebody's subject (RFC 9700, section 4.15). */
    @ParameterizedTest
    @ValueSource(strings = {"client_id", "azp"})
    void aProgramThatIsCalledLikeASubjectHasNothingOfIt(String claim) throws JOSEException {
        String scopes = "compute models:write";
        String subject = token(KEY, claims().claim("scope", scopes).subject("eve").expirationTime(soon()));
        String program = token(KEY, claims().claim("scope", scopes).claim(claim, "eve").expirationTime(soon()));
        assertThat(asked(subject, "PUT", "/v1/models/of_subject").statusCode()).isBetween(200, 201);
        assertThat(asked(program, "GET", "/v1/models/of_subject").statusCode()).isEqualTo(404);
        assertThat(asked(program, "PUT", "/v1/models/of_program").statusCode()).isBetween(200, 201);
        assertThat(asked(subject, "GET", "/v1/models/of_program").statusCode()).isEqualTo(404);
        assertThat(asked(program, "GET", "/v1/models/of_program").statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenThatNeverEndsIsRefused() throws JOSEException {
        HttpResponse<String> refused = with(token(KEY, claims().subject("ana")), "/v1/gradient");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(errors(refused)).containsExactly("unauthenticated -");
        assertThat(json(refused).path("detail").asString()).contains("does not say when it ends", "exp");
        assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow()).contains("invalid_token");
        assertThat(with(token(KEY, claims().subject("ana").expirationTime(soon())), "/v1/gradient").statusCode()).isEqualTo(200);
    }

    /** The OAuth 2 server makes tokens, so that there is nothing to make here. */
    @Test
    void thereAreNoKeys() throws JOSEException {
        assertThat(with(token(KEY, "chainrule", "admin", 60), "/v1/keys").statusCode()).isEqualTo(404);
    }

    /** A key that is not known yet may be new, so that all are fetched again. */
    @Test
    void keysAreFetchedInTheTraceOfTheRequest() throws JOSEException {
        String trace = UUID.randomUUID().toString().replace("-", "");
        RSAKey unknown = new RSAKey.Builder(newKey()).keyID(trace).build();
        HttpResponse<String> response = send("POST", "/v1/gradient", BodyPublishers.ofString(PROGRAM), "Content-Type", "application/json",
                "Authorization", "Bearer " + token(unknown, "chainrule", "compute", 60), "traceparent",
                "00-" + trace + "-00f067aa0ba902b7-01");
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(FETCHES).anySatisfy(context -> assertThat(context).matches("00-" + trace + "-[0-9a-f]{16}-01")
                .doesNotContain("00f067aa0ba902b7"));
    }
}
