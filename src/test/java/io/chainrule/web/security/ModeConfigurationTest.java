package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Scope;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Spans;
import io.chainrule.service.run.TracedParts;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.problem.ErrorDetail;

import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.config.observation.SecurityObservationSettings;

/** What stands before the endpoints in each mode, without a server. ModesTest starts one. */
@Execution(ExecutionMode.SAME_THREAD)
class ModeConfigurationTest {
    private static final String JWT = "spring.security.oauth2.resourceserver.jwt.";
    private static final ApiKeys.OwnQuotas STANDARD = ApiKeys.OwnQuotas.STANDARD;

    @TempDir
    private Path folder;

    private WebApplicationContextRunner service(SecurityMode mode, String... properties) {
        return new WebApplicationContextRunner().withUserConfiguration(Parts.class)
                .withPropertyValues("chainrule.security.mode=" + mode, "chainrule.data-directory=" + folder.resolve("data"))
                .withPropertyValues(properties);
    }

    private static FilterRegistrationBean<?> filter(ApplicationContext context, String name) {
        return context.getBean(name, FilterRegistrationBean.class);
    }

    private static void assertStands(ApplicationContext context, String name, int place, String... addresses) {
        assertThat(filter(context, name).getOrder()).isEqualTo(Ordered.HIGHEST_PRECEDENCE + place);
        assertThat(filter(context, name).getUrlPatterns()).containsExactly(addresses);
    }

    private static void run(ApplicationContext context, String runner) throws Exception {
        context.getBean(runner, ApplicationRunner.class).run(new DefaultApplicationArguments());
    }

    /** A request, and what came of it. */
    private static final class Exchange {
        private final MockHttpServletRequest request;
        private final MockHttpServletResponse response = new MockHttpServletResponse();
        private final boolean isPassed;

        Exchange(ApplicationContext context, String method, String path, @Nullable String key) throws ServletException, IOException {
            request = new MockHttpServletRequest(method, path);
            request.setServletPath(path);
            if (key != null) {
                request.addHeader("Authorization", "Bearer " + key);
            }
            MockFilterChain chain = new MockFilterChain(new HttpServlet() {
                private static final long serialVersionUID = 1L;
            }, Objects.requireNonNull((Filter) filter(context, "accessFilter").getFilter()),
                    (asked, _, _) -> asked.setAttribute("passed", true));
            chain.doFilter(request, response);
            isPassed = request.getAttribute("passed") != null;
        }

        private ErrorDetail error() {
            assertThat(isPassed).isFalse();
            assertThat(request.getAttribute(Parts.TOLD)).isInstanceOf(ErrorDetail.class);
            return (ErrorDetail) Objects.requireNonNull(request.getAttribute(Parts.TOLD));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1 | INFO | Open to this machine alone, without keys; set chainrule.security.mode to serve others
            0.0.0.0   | WARN | Open to whoever reaches 0.0.0.0, without keys; set chainrule.security.mode to api-key or jwt
            """)
    void anOpenServiceSaysWhomItAnswers(String bound, String level, String line) {
        service(SecurityMode.OPEN, "server.address=" + bound).run(context -> {
            Logger configuration = (Logger) LoggerFactory.getLogger(SecurityConfiguration.class);
            ListAppender<ILoggingEvent> lines = new ListAppender<>();
            lines.start();
            configuration.addAppender(lines);
            run(context, "openness");
            configuration.detachAppender(lines);
            assertThat(lines.list).extracting(logged -> logged.getLevel() + " " + logged.getFormattedMessage())
                    .containsExactly(level + " " + line);
            assertStands(context, "openModeFilter", 50, "/*");
            assertStands(context, "quotaFilter", 60, "/v1/*", "/actuator/*");
            assertThat(filter(context, "openModeFilter").getFilter()).isInstanceOf(OpenModeFilter.class);
            assertThat(filter(context, "quotaFilter").getFilter()).isInstanceOf(QuotaFilter.class);
            assertThat(context).doesNotHaveBean("accessFilter").doesNotHaveBean(KeyScheme.class).doesNotHaveBean(WrongKeys.class);
        });
    }

    private static String key(ApplicationContext context, @Nullable Instant end, Scope... scopes) {
        return context.getBean(ApiKeys.class).issue(new ApiKeys.Wish("who", List.of(scopes), end, STANDARD)).secret();
    }

    @Test
    void aKeyOpensWhatItsScopesName() {
        service(SecurityMode.API_KEY).run(context -> {
            assertStands(context, "accessFilter", 50, "/*");
            assertThat(context).doesNotHaveBean(OpenModeFilter.class).doesNotHaveBean("openness").hasSingleBean(KeyScheme.class);
            String key = key(context, null, Scope.COMPUTE);
            Exchange passed = new Exchange(context, "POST", "/v1/gradient", key);
            assertThat(passed.isPassed).as("without a token against forgery").isTrue();
            assertThat(passed.request.getSession(false)).isNull();
            assertThat(passed.response.getHeaderNames()).as("headers are others' work").isEmpty();
            assertThat(new Exchange(context, "GET", "/v1/ops", null).isPassed).as("open").isTrue();

            Exchange lacking = new Exchange(context, "POST", "/v1/train", key);
            assertThat(lacking.error().code()).isEqualTo("forbidden");
            assertThat(lacking.error().hint()).isEqualTo("whoever runs the service makes keys, by POST /v1/keys or the command keys");
            Exchange without = new Exchange(context, "GET", "/v1/gradient", null);
            assertThat(without.error().code()).isEqualTo("unauthenticated");
            assertThat(without.error().hint()).isEqualTo(lacking.error().hint());
            assertThat(without.request.getSession(false)).as("nothing is kept until there is a key").isNull();
            for (String path : new String[]{"/logout", "/login"}) {
                assertThat(new Exchange(context, "POST", path, key).error().code()).as("is no endpoint").isEqualTo("forbidden");
            }
            assertThat(new Exchange(context, "GET", "/v1//ops", null).error().code()).isEqualTo("bad-request");
            SecurityObservationSettings observed = context.getBean(SecurityObservationSettings.class);
            assertThat(observed.shouldObserveRequests() || observed.shouldObserveAuthentications()
                    || observed.shouldObserveAuthorizations()).isFalse();
        });
    }

    @Test
    void aKeyThatIsNotTakenIsToldWhy() {
        service(SecurityMode.API_KEY, "chainrule.security.wrong-keys=3").run(context -> {
            ApiKeys keys = context.getBean(ApiKeys.class);
            Instant past = Instant.parse("2020-01-01T00:00:00Z");
            String right = key(context, Instant.now().plusSeconds(600), Scope.ADMIN);
            ApiKeys.Issued revoked = keys.issue(new ApiKeys.Wish("who", List.of(Scope.COMPUTE), null, STANDARD));
            keys.revoke(revoked.key());
            String expired = key(context, past, Scope.COMPUTE);
            assertThat(new Exchange(context, "GET", "/v1/keys", right).isPassed).isTrue();
            assertThat(new Exchange(context, "POST", "/v1/gradient", "unknown").error().message())
                    .isEqualTo("the key or token is not valid: there is no such key");
            assertThat(new Exchange(context, "POST", "/v1/gradient", revoked.secret()).error().message())
                    .startsWith("the key or token is not valid: the key " + revoked.key().id() + " was revoked at 2");
            assertThat(new Exchange(context, "POST", "/v1/gradient", expired).error().message()).contains(" expired at " + past);
            Exchange another = new Exchange(context, "POST", "/v1/gradient", "another");
            assertThat(another.error().code()).isEqualTo("too-many-requests");
            assertThat(another.response.getHeader("Retry-After")).isEqualTo("60");
            assertThat(new Exchange(context, "GET", "/v1/keys", right).isPassed).as("it was right before").isTrue();
        });
    }

    @Test
    void theFirstKeyIsWrittenAtTheStart() {
        service(SecurityMode.API_KEY).run(context -> {
            run(context, "firstKeyPrepared");
            String first = Files.readString(folder.resolve("data/first-key")).strip();
            assertThat(new Exchange(context, "GET", "/v1/keys", first).isPassed).isTrue();
        });
    }

    /** It may come back: the service starts without. */
    @Test
    void whereTheStoreIsAwayNobodyIsKnown() throws IOException {
        Files.writeString(folder.resolve("data"), "a file where the folder should be");
        service(SecurityMode.API_KEY).run(context -> {
            run(context, "firstKeyPrepared");
            Exchange asked = new Exchange(context, "POST", "/v1/gradient", "key");
            assertThat(asked.isPassed).isFalse();
            assertThat(asked.request.getAttribute(Parts.TOLD)).isInstanceOf(StoreUnavailableException.class);
            assertThat(asked.response.getHeader("WWW-Authenticate")).as("it is no fault of the key").isNull();
        });
    }

    @Test
    void tokensNeedAServerAndAnAudience() {
        service(SecurityMode.JWT).run(context -> assertThat(context.getStartupFailure()).rootCause()
                .hasMessage("chainrule.security.mode=jwt needs " + JWT + "issuer-uri or jwk-set-uri"));
        service(SecurityMode.JWT, JWT + "jwk-set-uri=http://localhost:1/keys").run(context -> assertThat(context.getStartupFailure())
                .rootCause().hasMessageStartingWith("chainrule.security.mode=jwt needs " + JWT + "audiences"));
    }

    private static String token(RSAKey key) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder().subject("ana").audience("chainrule").claim("scope", "compute")
                        .expirationTime(Date.from(Instant.now().plusSeconds(600))).build());
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    /** The keys of the server are fetched when the first token comes; and where it is away, that is no fault of the client. */
    @Test
    void aTokenIsTakenByTheKeysOfItsServer() throws JOSEException, IOException {
        RSAKey key = new RSAKeyGenerator(2048).keyID("one").generate();
        byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        Queue<String> fetches = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/keys", exchange -> {
            fetches.add(String.valueOf(exchange.getRequestHeaders().getFirst("traceparent")));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        String[] properties = {JWT + "audiences=chainrule",
                JWT + "jwk-set-uri=http://localhost:" + server.getAddress().getPort() + "/keys"};
        server.start();
        try {
            service(SecurityMode.JWT, properties).run(context -> {
                String token = token(key);
                try (TracedParts _ = new TracedParts(); var _ = Objects.requireNonNull(Spans.begin("request")).makeCurrent()) {
                    assertThat(new Exchange(context, "POST", "/v1/gradient", token).isPassed).isTrue();
                }
                assertThat(fetches).singleElement().asString().matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]");
                Exchange lacking = new Exchange(context, "POST", "/v1/train", token);
                assertThat(lacking.error().code()).isEqualTo("forbidden");
                assertThat(lacking.error().hint()).startsWith("the OAuth 2 server that the operator has configured makes tokens");
                assertThat(new Exchange(context, "POST", "/v1/gradient", token + "x").error().code()).isEqualTo("unauthenticated");
            });
        } finally {
            server.stop(0);
        }
        service(SecurityMode.JWT, properties).run(context -> {
            Exchange asked = new Exchange(context, "POST", "/v1/gradient", token(key));
            assertThat(asked.isPassed).isFalse();
            assertThat(asked.request.getAttribute(Parts.TOLD)).isInstanceOf(OverloadedException.class);
        });
    }
}
