package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Download;
import io.chainrule.web.http.RequestCost;
import io.chainrule.web.http.Standing;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What is taken from a client's quotas, and what it is told of them. These requests come from nowhere, each test's from one address. */
@SpringBootTest(classes = Parts.class)
@Execution(ExecutionMode.SAME_THREAD)
class QuotaFilterTest {
    private static final Quotas MANY = new Quotas(100, 3_600, 7_200, 2);
    /** Clients are remembered from test to test. */
    private static final AtomicInteger ADDRESSES = new AtomicInteger();

    @TempDir
    private static Path folder;

    @Autowired
    private Allowances allowances;
    @Autowired
    private ApiKeys keys;

    private final ListAppender<ILoggingEvent> audited = new ListAppender<>();
    private final String address = "192.0.2." + ADDRESSES.incrementAndGet();
    private LongSupplier clock = System::nanoTime;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        properties.add("chainrule.data-directory", folder::toString);
    }

    private static Logger audit() {
        return (Logger) LoggerFactory.getLogger("chainrule.audit");
    }

    @BeforeEach
    void listen() {
        audited.start();
        audit().addAppender(audited);
    }

    @AfterEach
    void unlisten() {
        audit().detachAppender(audited);
    }

    private MockHttpServletRequest request(String method, String path) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.setRemoteAddr(address);
        return request;
    }

    private QuotaFilter filter(Quotas quotas, SecurityMode mode) {
        return new QuotaFilter(new Clients(quotas), allowances, keys, new SecurityProperties(mode, List.of(), null, Duration.ZERO, 60),
                false, clock);
    }

    private MockHttpServletResponse ask(Quotas quotas, MockHttpServletRequest request, FilterChain chain)
            throws ServletException, IOException {
        MockHttpServletResponse response = new MockHttpServletResponse();
        filter(quotas, SecurityMode.OPEN).doFilter((ServletRequest) request, response, chain);
        return response;
    }

    private MockHttpServletResponse ask(Quotas quotas, FilterChain chain) throws ServletException, IOException {
        return ask(quotas, request("POST", "/v1/gradient"), chain);
    }

    private static FilterChain costing(double seconds, long bytes) {
        return (request, _) -> request.setAttribute(RequestCost.class.getName(), new RequestCost(seconds, bytes));
    }

    private RequestException refusal(Quotas quotas, MockHttpServletRequest request, MockHttpServletResponse response) {
        return catchThrowableOfType(RequestException.class, () -> filter(quotas, SecurityMode.API_KEY)
                .doFilter((ServletRequest) request, response, (_, _) -> assertThat(true).as("is not asked").isFalse()));
    }

    @Test
    void eachAnswerTellsTheQuotasAndWhatIsLeft() throws Exception {
        MockHttpServletRequest request = request("POST", "/v1/gradient");
        MockHttpServletResponse response = ask(MANY, request, costing(1_800, 3_600));
        assertThat(ClientName.of(request)).isEqualTo(address);
        assertThat(response.getHeader("RateLimit-Policy")).isEqualTo("\"requests\";q=100;w=60;qu=\"requests\", "
                + "\"compute\";q=3600000000;w=3600;qu=\"microseconds\", \"bytes\";q=7200;w=3600;qu=\"content-bytes\"");
        assertThat(response.getHeader("RateLimit")).as("what this request costs is not known yet").isEqualTo(
                "\"requests\";r=99;t=1, \"compute\";r=3600000000;t=0, \"bytes\";r=7200;t=0");
        assertThat(ask(MANY, costing(0, 0)).getHeader("RateLimit")).as("what the first has cost, but for what came back meanwhile")
                .matches("\"requests\";r=9[89];t=[12], \"compute\";r=18\\d{8};t=1[78]\\d\\d, \"bytes\";r=36\\d\\d;t=1[78]\\d\\d");
    }

    @Test
    void whatHasNoLimitIsNotTold() throws Exception {
        MockHttpServletResponse response = ask(new Quotas(0, 0, 0, 0), costing(1e6, Long.MAX_VALUE));
        assertThat(response.getHeaderNames()).isEmpty();
    }

    @Test
    void aRequestTooManyIsToldWhenToComeBack() throws Exception {
        Quotas three = new Quotas(3, 0, 0, 0);
        for (int i = 0; i < 3; i++) {
            ask(three, costing(0, 0));
        }
        MockHttpServletResponse response = new MockHttpServletResponse();
        RequestException refusal = refusal(three, request("POST", "/v1/gradient"), response);
        long seconds = Long.parseLong(String.valueOf(response.getHeader("Retry-After")));
        assertThat(seconds).isBetween(10L, 20L);
        assertThat(refusal.errors()).singleElement().satisfies(error -> {
            assertThat(error.code()).isEqualTo("too-many-requests");
            assertThat(error.message()).isEqualTo(
                    "this client has used its quota 'requests' of 3 requests in 60 s; try again in " + seconds + " s");
            assertThat(error.hint()).contains("chainrule.quotas");
        });
        assertThat(response.getHeader("RateLimit")).startsWith("\"requests\";r=0;t=");
        assertThat(refusal(three, request("POST", "/v1/gradient"), response)).isNotNull();
        assertThat(audited.list).as("told once a minute").extracting(ILoggingEvent::getMessage).containsExactly("quota-used");
    }

    @Test
    void whatFailsCostsTheSame() throws Exception {
        assertThat(catchThrowableOfType(ServletException.class, () -> ask(MANY, (request, response) -> {
            costing(3_700, 0).doFilter(request, response);
            throw new ServletException("halfway");
        }))).isNotNull();
        assertThat(refusal(MANY, request("POST", "/v1/gradient"), new MockHttpServletResponse()).getMessage()).contains("'compute'");
    }

    /** Of what nobody has measured, as of the actuator, the time until its answer counts. */
    @Test
    void ofTheActuatorItsTimeCounts() throws Exception {
        Quotas second = new Quotas(0, 1, 0, 0);
        ask(second, request("GET", "/actuator/metrics"), (_, _) -> Thread.onSpinWait());
        String left = String.valueOf(ask(second, costing(0, 0)).getHeader("RateLimit"));
        assertThat(Long.parseLong(left.replaceAll("\"compute\";r=(\\d+);.*", "$1"))).isBetween(500_000L, 1_000_000L);
        ask(second, request("GET", "/actuator/metrics"), (_, _) -> {
            // A thread may have been unparked before, so that it does not park at once.
            for (long begin = System.nanoTime(); System.nanoTime() - begin < 30_000_000;) {
                LockSupport.parkNanos(1_000_000);
            }
        });
        left = String.valueOf(ask(second, costing(0, 0)).getHeader("RateLimit"));
        assertThat(Long.parseLong(left.replaceAll("\"compute\";r=(\\d+);.*", "$1"))).isLessThan(971_000L);
    }

    @Test
    void atOnceOnlySoManyTrainingsAreAtWork() throws Exception {
        Quotas one = new Quotas(0, 0, 0, 1);
        for (int i = 0; i < 2; i++) {
            ask(one, request("POST", "/v1/train"), (_, _) -> {
                MockHttpServletResponse response = new MockHttpServletResponse();
                assertThat(refusal(one, request("POST", "/v1/train"), response).getMessage()).contains("as many trainings");
                assertThat(response.getHeader("Retry-After")).isEqualTo("1");
                ask(one, costing(0, 0));
            });
        }
    }

    /** Also not where the quotas are used up. */
    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/liveness"})
    void howTheServiceIsMayBeAskedAtAnyTime(String path) throws Exception {
        Quotas one = new Quotas(1, 0, 0, 0);
        AtomicInteger asked = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThat(ask(one, request("GET", path), (_, _) -> asked.incrementAndGet()).getHeaderNames()).isEmpty();
        }
        assertThat(asked).hasValue(3);
        assertThat(ask(one, costing(0, 0)).getStatus()).isEqualTo(200);
    }

    /** Who is known is in the audit log with what the request cost. */
    @ParameterizedTest
    @CsvSource({"true, 1", "false, 0"})
    void whatSomebodyAskedForIsAudited(boolean isKnown, int lines) throws Exception {
        MockHttpServletRequest request = request("POST", "/v1/gradient");
        if (isKnown) {
            request.setUserPrincipal(() -> "somebody at " + address);
        }
        ask(MANY, request, costing(0.5, 7));
        assertThat(audited.list).extracting(ILoggingEvent::getMessage).isEqualTo(Collections.nCopies(lines, "request"));
    }

    private void askAsConfigured(String mode, String auditFile) throws Exception {
        SecurityProperties security = new Binder(new MapConfigurationPropertySource(Map.of("chainrule.security.mode", mode)))
                .bindOrCreate("chainrule.security", SecurityProperties.class);
        QuotaFilter filter = SecurityConfiguration.quotaFilter(MANY, allowances, keys, security, auditFile).getFilter();
        Objects.requireNonNull(filter).doFilter((ServletRequest) request("POST", "/v1/gradient"), new MockHttpServletResponse(),
                costing(0.5, 7));
    }

    /** Then a client is its address. With keys it would be one of those who look at what is open to all. */
    @Test
    void anOpenServiceAuditsAddressesWhereAFileIsWanted() throws Exception {
        askAsConfigured("open", "");
        askAsConfigured("api-key", "audit.log");
        assertThat(audited.list).isEmpty();
        askAsConfigured("open", "audit.log");
        assertThat(audited.list).singleElement().satisfies(line -> assertThat(line.getKeyValuePairs()).contains(
                new KeyValuePair("event", "request"), new KeyValuePair("client", address), new KeyValuePair("compute_seconds", 0.5)));
    }

    /** All of these files are asked for before any has been sent. */
    @Test
    void theBytesOfAFileAreChargedBeforeItIsSent() throws Exception {
        Quotas some = new Quotas(0, 0, 1_000, 0);
        MockHttpServletRequest first = request("GET", "/v1/datasets/a/file");
        MockHttpServletRequest second = request("GET", "/v1/datasets/b/file");
        ask(some, first, (_, _) -> {
            MockHttpServletResponse response = ask(some, second, (_, _) -> {
                Standing.of(first).take(5_000);
                assertThat(catchThrowableOfType(RequestException.class, () -> Standing.of(second).take(1)).errors()).singleElement()
                        .satisfies(error -> {
                            assertThat(error.code()).isEqualTo("too-many-requests");
                            assertThat(error.message())
                                    .startsWith("this client has used its quota 'bytes' of 1000 content-bytes in 3600 s");
                        });
            });
            assertThat(response.getHeader("Retry-After")).isNotNull();
            first.setAttribute(RequestCost.class.getName(), new RequestCost(0, 100));
        });
        assertThat(ask(some, costing(0, 0)).getHeader("RateLimit")).as("what was not sent is given back")
                .matches("\"bytes\";r=90\\d;t=3[56]\\d");
        assertThat(audited.list).extracting(ILoggingEvent::getMessage).containsExactly("quota-used");
    }

    @Test
    void ofAFileThatWaitedWhatWasRefilledIsNotGivenBack() throws Exception {
        AtomicLong time = new AtomicLong();
        clock = time::get;
        Quotas some = new Quotas(0, 0, 1_000, 0);
        ask(some, request("GET", "/v1/datasets/a/file"), (request, response) -> {
            Standing.of(request).take(5_000);
            time.addAndGet(Duration.ofHours(1).toNanos());
            costing(0, 100).doFilter(request, response);
        });
        MockHttpServletResponse response = new MockHttpServletResponse();
        assertThat(refusal(some, request("POST", "/v1/gradient"), response).getMessage()).contains("'bytes'");
        assertThat(response.getHeader("RateLimit")).as("of 1000 bytes 5000 less 3900").matches("\"bytes\";r=0;t=39[56]\\d");
    }

    /** Clients that come later take the place of one whose file is sent for hours. */
    @Test
    void whatALongRequestHasCostIsCharged() throws Exception {
        Quotas some = new Quotas(0, 0, 1_000, 0);
        Client client = new Client(address, some);
        ask(some, request("GET", "/v1/datasets/a/file"), (request, response) -> {
            Allowance before = allowances.of(client);
            Quotas none = new Quotas(0, 0, 0, 0);
            for (int i = 0; i < 2_000_000; i++) {
                allowances.of(new Client("other-" + i / 5, none));
            }
            assertThat(allowances.of(client)).as("forgotten meanwhile").isNotSameAs(before);
            costing(0, 400).doFilter(request, response);
        });
        assertThat(ask(some, costing(0, 0)).getHeader("RateLimit")).matches("\"bytes\";r=60\\d;t=14\\d\\d");
    }

    /** A file that is sent slowly, by a key that is revoked meanwhile. The key is not looked up for each piece. */
    @Test
    void aFileIsSentAsLongAsItsClientIsLetIn() throws Exception {
        AtomicLong time = new AtomicLong();
        clock = time::get;
        ApiKey key = keys.issue(new ApiKeys.Wish("ann", List.of(Scope.DATASETS_READ), null, ApiKeys.OwnQuotas.STANDARD)).key();
        keys.issue(new ApiKeys.Wish("ann", List.of(Scope.ADMIN), null, ApiKeys.OwnQuotas.STANDARD));
        Path file = Files.write(Files.createTempFile(folder, "file", null), new byte[1 << 23]);
        MockHttpServletRequest request = request("GET", "/v1/datasets/a/file");
        request.setUserPrincipal(new BearerTokenAuthentication(
                new DefaultOAuth2AuthenticatedPrincipal(key.id(), Map.of(ApiKeyIntrospector.KEY, key), List.of()),
                new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "key", null, null), List.of()));
        AtomicInteger pieces = new AtomicInteger();
        MockHttpServletResponse response = new MockHttpServletResponse() {
            @Override
            public ServletOutputStream getOutputStream() {
                return new ServletOutputStream() {
                    @Override
                    public void write(int one) {
                        throw new IllegalStateException("pieces are written as a whole");
                    }

                    @Override
                    public void write(byte[] bytes, int from, int length) {
                        if (pieces.incrementAndGet() == 1) {
                            assertThat(keys.revoke(key)).isTrue();
                        }
                        time.addAndGet(20_000_000);
                    }

                    @Override
                    public boolean isReady() {
                        return true;
                    }

                    @Override
                    public void setWriteListener(WriteListener listener) {
                        throw new IllegalStateException("it is written at once");
                    }
                };
            }
        };
        RequestException refused = catchThrowableOfType(RequestException.class,
                () -> filter(new Quotas(0, 0, 0, 0), SecurityMode.API_KEY).doFilter((ServletRequest) request, response,
                        (_, _) -> Download.file(request, response, MediaType.TEXT_PLAIN, "a", file, "0".repeat(64))));
        assertThat(refused.errors()).singleElement().satisfies(error -> assertThat(error.code()).isEqualTo("unauthenticated"));
        assertThat(response.getHeader("WWW-Authenticate")).isEqualTo("Bearer realm=\"chainrule\", error=\"invalid_token\"");
        assertThat(pieces).as("in half a second").hasValue(25);
    }
}
