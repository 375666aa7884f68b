package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.DOUBLE;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/** What is written down of a request, and what may call the service. */
@Execution(ExecutionMode.SAME_THREAD)
class FiltersTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RequestTimer timer = new RequestTimer(meters);
    private final RequestLog log = new RequestLog(timer);
    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/gradient");
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    /** The fields of the only line that this thread writes to a logger meanwhile; services of other tests may write theirs. */
    private static Map<String, Object> line(String logger, Runnable work) {
        Logger at = (Logger) LoggerFactory.getLogger(logger);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        at.addAppender(lines);
        try {
            work.run();
        } finally {
            at.detachAppender(lines);
        }
        List<ILoggingEvent> own = List.copyOf(lines.list).stream()
                .filter(line -> line.getThreadName().equals(Thread.currentThread().getName())).toList();
        assertThat(own).hasSize(1);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("message", own.getFirst().getMessage());
        Objects.requireNonNullElse(own.getFirst().getKeyValuePairs(), List.<KeyValuePair>of())
                .forEach(pair -> fields.put(pair.key, pair.value));
        return fields;
    }

    private Map<String, Object> logged(int status, long nanoseconds) {
        return line(RequestLog.class.getName(), () -> log.record(request, status, nanoseconds));
    }

    @Test
    void aRequestHasALine() {
        request.setRemoteAddr("192.0.2.7");
        request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, "/v1/gradient");
        assertThat(logged(200, 1_234_567)).isEqualTo(Map.of("message", "request", "method", "POST", "endpoint", "/v1/gradient", "client",
                "192.0.2.7", "status", 200, "duration_ms", 1.235, "outcome", "ok"));
        assertThat(request.getAttribute(RequestLog.LOGGED)).isEqualTo(true);
    }

    @Test
    void aRefusedRequestHasItsReason() {
        request.setAttribute(Problems.CODE_ATTRIBUTE, "overloaded");
        request.setAttribute(Problems.REASON_ATTRIBUTE, "memory");
        assertThat(logged(503, 1)).containsEntry("outcome", "overloaded").containsEntry("reason", "memory").containsEntry("endpoint",
                "none");
        assertThat(meters.get("chainrule.refusals").tag("reason", "memory").counter().count()).isEqualTo(1);
        assertThat(meters.get("chainrule.refusals").tag("reason", "overloaded").counter().count()).isZero();
        request.removeAttribute(Problems.REASON_ATTRIBUTE);
        assertThat(logged(503, 1)).doesNotContainKey("reason");
        assertThat(meters.get("chainrule.refusals").tag("reason", "overloaded").counter().count()).isEqualTo(1);
    }

    /** One that Tomcat refused has no code. */
    @ParameterizedTest
    @CsvSource({"399, ok", "400, bad-request", "405, method-not-allowed", "414, uri-too-long"})
    void withoutACodeTheStatusTellsTheOutcome(int status, String outcome) {
        assertThat(logged(status, 1)).containsEntry("outcome", outcome);
    }

    /** Of a slow or a refused request it is told what it was thought to take. A slow client does not make a request slow. */
    @ParameterizedTest
    @CsvSource({"200, 0, false", "200, 1010, true", "422, 0, true"})
    void whatItTookIsToldWhereThatIsOfInterest(int status, long milliseconds, boolean isTold) throws InterruptedException {
        Limits limits = TestService.limits();
        Turn turn = new Turns(limits).begin("client", () -> false);
        try (turn) {
            turn.take(0.5);
            Thread.sleep(milliseconds);
        }
        request.setAttribute(RequestLog.TURN, turn);
        Map<String, Object> line = logged(status, 60_000_000_000L);
        assertThat(line).containsEntry("duration_ms", 60_000.0);
        assertThat(line.get("service_ms")).asInstanceOf(DOUBLE).isBetween((double) milliseconds, milliseconds + 5_000.0);
        assertThat(line.containsKey("estimated_ms")).isEqualTo(isTold);
        assertThat(line.containsKey("waited_ms")).isEqualTo(isTold);
        assertThat(line.containsKey("computed_ms")).isEqualTo(isTold);
        assertThat(meters.get("http.server.requests").timer().totalTime(TimeUnit.MILLISECONDS))
                .isBetween((double) milliseconds, milliseconds + 5_000.0);
    }

    @Test
    void theStatusIsThatOfTheAnswerOrOfAFault() throws Exception {
        Map<String, Object> answered = line(RequestLog.class.getName(),
                () -> filtered((_, answer) -> ((HttpServletResponse) answer).setStatus(201)));
        assertThat(answered).containsEntry("status", 201).containsEntry("outcome", "ok");
        Map<String, Object> failed = line(RequestLog.class.getName(), () -> assertThatThrownBy(() -> filtered((_, _) -> {
            throw new IllegalStateException();
        })).isInstanceOf(IllegalStateException.class));
        assertThat(failed).containsEntry("status", 503).containsEntry("outcome", "overloaded");
    }

    private void filtered(FilterChain chain) {
        try {
            log.doFilter((ServletRequest) request, response, chain);
        } catch (IOException | ServletException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Tags have no text of clients. */
    @ParameterizedTest
    @CsvSource({"POST, 200, /v1/gradient, POST, /v1/gradient, SUCCESS", "BREW, 405,, UNKNOWN, UNKNOWN, CLIENT_ERROR",
            "GET, 404,, GET, NOT_FOUND, CLIENT_ERROR", "GET, 302,, GET, REDIRECTION, REDIRECTION",
            "GET, 399,, GET, REDIRECTION, REDIRECTION",
            "GET, 400,, GET, UNKNOWN, CLIENT_ERROR", "GET, 503,, GET, UNKNOWN, SERVER_ERROR"})
    void isTimedByWhatItIs(String method, int status, @Nullable String pattern, String tagged, String uri, String outcome) {
        request.setMethod(method);
        request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, pattern);
        timer.record(request, status, 2_000_000_000, 0.5);
        timer.record(request, status, 1_000_000_000, 0.25);
        var time = meters.get("http.server.requests").tags("method", tagged, "uri", uri, "outcome", outcome, "status", status + "", "error",
                "none", "exception", "none").timer();
        assertThat(time.count()).isEqualTo(2);
        assertThat(time.totalTime(TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(meters.get("chainrule.request.compute").tag("uri", uri).counter().count()).isEqualTo(0.75);
    }

    @Test
    void isTimedByWhatWasThrown() {
        request.setAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE, new IllegalStateException());
        timer.record(request, 503, 1, 0);
        assertThat(meters.get("http.server.requests").tags("exception", "IllegalStateException", "error", "IllegalStateException").timer()
                .count()).isEqualTo(1);
    }

    @Test
    void theAuditLogHasWhatItCost() {
        request.setRemoteAddr("192.0.2.7");
        ClientName.set(request, "key:12");
        request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, "/v1/train");
        response.setStatus(422);
        request.setAttribute(Problems.CODE_ATTRIBUTE, "limit-exceeded");
        assertThat(line("chainrule.audit", () -> AuditLog.request(request, response, new RequestCost(1.23456789, 77)))).isEqualTo(
                Map.of("message", "request", "event", "request", "client", "key:12", "address", "192.0.2.7", "method", "POST", "endpoint",
                        "/v1/train", "status", 422, "outcome", "limit-exceeded", "compute_seconds", 1.234568, "bytes", 77L));
        assertThat(line("chainrule.audit", () -> AuditLog.request(new MockHttpServletRequest("GET", "/"), new MockHttpServletResponse(),
                new RequestCost(0, 0)))).containsEntry("endpoint", "none").containsEntry("outcome", "ok").containsEntry("bytes", 0L);
        assertThat(line("chainrule.audit", () -> AuditLog.event(request, "key-made", Map.of("key", "34"))))
                .containsEntry("event", "key-made")
                .containsEntry("key", "34").containsEntry("message", "key-made");
    }

    @Test
    void theIdIsInTheAnswerAndInEveryLine() throws Exception {
        request.addHeader("Request-Id", "its-id");
        List<@Nullable String> seen = new ArrayList<>();
        new RequestIdFilter().doFilter((ServletRequest) request, response, (_, _) -> seen.add(MDC.get(RequestIdFilter.LOG_FIELD)));
        assertThat(seen).containsExactly("its-id");
        assertThat(response.getHeader("Request-Id")).isEqualTo("its-id");
        assertThat(MDC.get(RequestIdFilter.LOG_FIELD)).isNull();
    }

    @Test
    void whatFiltersRefuseIsAnsweredAsAProblem() throws Exception {
        List<Exception> resolved = new ArrayList<>();
        ProblemFilter filter = new ProblemFilter((_, _, _, e) -> {
            resolved.add(e);
            return new ModelAndView();
        });
        RequestException refusal = new RequestException(ErrorDetail.of(ProblemType.FORBIDDEN, "no"));
        filter.doFilter((ServletRequest) request, response, (_, _) -> {
            throw refusal;
        });
        assertThat(resolved).containsExactly(refusal);
        assertThatThrownBy(() -> filter.doFilter((ServletRequest) request, response, (_, _) -> {
            throw new IllegalStateException();
        })).isInstanceOf(IllegalStateException.class);
        MockFilterChain chain = new MockFilterChain();
        filter.doFilter((ServletRequest) request, response, chain);
        assertThat(chain.getRequest()).isSameAs(request);
    }

    /** A request with some fields. */
    private MockHttpServletRequest from(String peer, String address, String... fields) {
        Request head = new Request();
        head.peerAddr().setString(peer);
        for (String field : fields) {
            head.getMimeHeaders().addValue(field).setString("x");
        }
        MockHttpServletRequest sent = new MockHttpServletRequest();
        sent.setRemoteAddr(address);
        sent.setAttribute(ClientConnection.ATTRIBUTE, new ClientConnection(head));
        return sent;
    }

    /** Neither the peer alone nor the address that a proxy tells makes a request one of this machine. */
    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1, true", "::1, ::1, true", "127.0.0.1, 192.0.2.7, false", "192.0.2.7, 127.0.0.1, false",
            "not an address, 127.0.0.1, false"})
    void isFromThisMachine(String peer, String address, boolean isFromHere) {
        assertThat(ClientConnection.isFromThisMachine(from(peer, address))).isEqualTo(isFromHere);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"})
    void isNotFromThisMachineWhereAProxyAsks(String header) {
        assertThat(ClientConnection.isFromThisMachine(from("127.0.0.1", "127.0.0.1", header))).isFalse();
        assertThat(ClientConnection.isFromThisMachine(new MockHttpServletRequest())).as("without a server").isFalse();
    }

    @Test
    void pagesOfConfiguredOriginsMayCallTheApi() throws Exception {
        var registration = HttpConfiguration.origins(new CorsProperties(List.of("https://app.example")));
        assertThat(registration.isEnabled()).isTrue();
        assertThat(HttpConfiguration.origins(new CorsProperties(List.of())).isEnabled()).as("off where none is configured").isFalse();
        for (String origin : List.of("https://app.example", "https://evil.example")) {
            MockHttpServletRequest preflight = new MockHttpServletRequest("OPTIONS", "/v1/gradient");
            preflight.addHeader("Origin", origin);
            preflight.addHeader("Access-Control-Request-Method", "POST");
            preflight.addHeader("Access-Control-Request-Headers", "Content-Type, Authorization, Prefer");
            MockHttpServletResponse allowed = new MockHttpServletResponse();
            Objects.requireNonNull(registration.getFilter()).doFilter(preflight, allowed, new MockFilterChain());
            assertThat(allowed.getHeader("Access-Control-Allow-Origin")).isEqualTo(origin.contains("app") ? origin : null);
        }
    }

    /** Ids before traces, traces before the log, and who may ask before who waits for a turn. */
    @Test
    void filtersStandInTheirOrder() {
        int before = Integer.MIN_VALUE;
        for (FilterOrder place : FilterOrder.values()) {
            var registration = place.of(new RequestIdFilter(), "/v1/*");
            assertThat(registration.getUrlPatterns()).containsExactly("/v1/*");
            assertThat(registration.getOrder()).isGreaterThanOrEqualTo(before);
            before = registration.getOrder() + 1;
        }
    }
}
