package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.StoreProperties;
import io.chainrule.service.store.TemporaryFiles;
import io.chainrule.service.store.UploadProperties;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.coyote.ErrorState;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.http.MediaType;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.servlet.ModelAndView;

/** Around each request: its body is there before, its permit is given back after, its answer is sent, its cost is noted. */
class TurnFilterTest {
    private static final HttpProperties PATIENT = new HttpProperties(Duration.ofSeconds(20), Duration.ofHours(1), Duration.ofHours(1), 1,
            Duration.ofHours(1), 0);
    private static final int LARGE_BODY = 450_000;

    private final Limits limits = TestService.limits("shared-bytes", "50000000", "memory-wait", "0ms");
    private final Budget budget = new Budget(limits);
    private final MockHttpServletRequest request = post("/v1/gradient");
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final List<Exception> resolved = new ArrayList<>();

    @AfterEach
    void nothingIsReserved() {
        assertThat(budget.used()).isZero();
    }

    private static MockHttpServletRequest post(String path) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", path);
        request.setServletPath(path);
        return request;
    }

    private TurnFilter filter(HttpProperties properties) {
        return new TurnFilter(new Turns(limits), budget, _ -> new BodyLimit(1_000, "limit"), uploads(properties), properties,
                this::resolve);
    }

    private static Uploads uploads(HttpProperties properties) {
        UploadRoute files = new UploadRoute("/v1/files/", Set.of(MediaType.TEXT_PLAIN), 1_000_000, "limit", (_, _, _) -> {});
        return new Uploads(new StaticListableBeanFactory(Map.of("files", files)).getBeanProvider(UploadRoute.class),
                new TemporaryFiles(new StoreProperties(Path.of("target/data"))), properties, new UploadProperties(1, 0));
    }

    private @Nullable ModelAndView resolve(HttpServletRequest asked, HttpServletResponse answer, @Nullable Object handler, Exception e) {
        if (e instanceof IllegalStateException) {
            return null;
        }
        resolved.add(e);
        answer.setStatus(422);
        try {
            answer.getOutputStream().write('!');
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
        return new ModelAndView();
    }

    private void run(FilterChain chain) throws ServletException, IOException {
        run(response, chain);
    }

    private void run(MockHttpServletResponse watched, FilterChain chain) throws ServletException, IOException {
        filter(PATIENT).doFilter((ServletRequest) request, watched, chain);
    }

    private static void echo(ServletRequest asked, ServletResponse answer) throws IOException {
        asked.getInputStream().transferTo(answer.getOutputStream());
    }

    @Test
    void aBodyIsThereBeforeAndTheAnswerIsSentAfter() throws Exception {
        request.setContent(new byte[]{'{', '}'});
        run((asked, answer) -> {
            echo(asked, answer);
            assertThat(request.getAttribute(RequestLog.TURN)).isInstanceOf(Turn.class);
            assertThat(response.getContentAsByteArray()).as("nothing is sent while a permit is held").isEmpty();
        });
        assertThat(response.getContentAsString()).isEqualTo("{}");
        assertThat(response.getContentLength()).isEqualTo(2);
        RequestCost cost = Objects.requireNonNull(RequestCost.of(request));
        assertThat(cost.bytes()).as("of the body and of the answer").isEqualTo(4);
        assertThat(cost.seconds()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"GET, false", "DELETE, false", "HEAD, false", "POST, true", "PUT, true", "PATCH, true"})
    void aBodyIsReadWhereThereMayBeOne(String method, boolean isRead) throws Exception {
        request.setMethod(method);
        request.setContent(new byte[2_000]);
        run((_, answer) -> answer.getOutputStream().write('x'));
        assertThat(response.getStatus()).isEqualTo(isRead ? 422 : 200);
        assertThat(resolved).hasSize(isRead ? 1 : 0);
    }

    /** What only reads the service takes turns too, and its bodies are left alone. Who asks for health waits for nothing. */
    @ParameterizedTest
    @CsvSource({"/v3/api-docs, true, true", "/page/x.js, true, true", "/nothing, true, true", "/actuator/prometheus, true, false",
            "/actuator/health/readiness, false, false"})
    void documentsNeedAPermitAndTheActuatorDoesNot(String path, boolean hasTurn, boolean hasPermit) throws Exception {
        request.setRequestURI(path);
        request.setServletPath(path);
        request.setContent(new byte[hasPermit ? 2_000 : 0]);
        run((asked, answer) -> {
            assertThat(request.getAttribute(RequestLog.TURN) instanceof Turn).isEqualTo(hasTurn);
            assertThat(request.getAttribute(RequestLog.TURN) instanceof Turn turn && turn.used() > 0).isEqualTo(hasPermit);
            assertThat(asked).as("nothing of its body is read").isSameAs(request);
            assertThat(answer instanceof BufferedAnswer).isEqualTo(hasTurn);
            answer.getOutputStream().write('x');
        });
        assertThat(response.getStatus()).isEqualTo(200);
        assertThat(response.getContentAsString()).isEqualTo("x");
    }

    /** It has held no permit, so that the time until it is answered counts. */
    @Test
    void whatTheActuatorCostsIsTheTimeOfItsAnswer() throws Exception {
        request.setMethod("GET");
        request.setServletPath("/actuator/prometheus");
        run((_, answer) -> {
            long end = System.nanoTime() + 20_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            answer.getOutputStream().write(new byte[100]);
        });
        RequestCost cost = Objects.requireNonNull(RequestCost.of(request));
        assertThat(cost.seconds()).isGreaterThan(0.01);
        assertThat(cost.bytes()).isEqualTo(100);
    }

    /** Those of a body that was refused are charged up to the limit, unless the client waits to be told to send it. */
    @ParameterizedTest
    @CsvSource({"false, 1001", "true, 1"})
    void aBodyThatIsTooLongIsRefusedAndCharged(boolean isExpecting, long bytes) throws Exception {
        request.setContent(new byte[2_000]);
        if (isExpecting) {
            request.addHeader("Expect", "100-continue");
        }
        run((_, _) -> assertThat(true).as("is not asked").isFalse());
        assertThat(response.getContentAsString()).isEqualTo("!");
        assertThat(Objects.requireNonNull(RequestCost.of(request)).bytes()).isEqualTo(bytes);
    }

    /** Also where the client says nothing of the length, waits to be told to send, or breaks off. */
    @ParameterizedTest
    @CsvSource({"/v1/files/a, Content-Digest, 500000", "/v1/files/a, Expect, 500000", "/v1/files/a, broken, 300000",
            "/v1/files/a, long, 1000001", "/v1/gradient, long, 1001", "/v1/gradient, told, 300"})
    void whatWasReadOfARefusedBodyIsCharged(String path, String how, int bytes) throws Exception {
        MockHttpServletRequest refused = new MockHttpServletRequest("PUT", path) {
            @Override
            public long getContentLengthLong() {
                return switch (how) {
                    case "Expect" -> 500_000;
                    case "told" -> 900;
                    default -> -1;
                };
            }

            @Override
            public ServletInputStream getInputStream() {
                return how.equals("broken") || how.equals("told") ? new BrokenOff(super.getInputStream()) : super.getInputStream();
            }
        };
        refused.setServletPath(path);
        refused.setContentType(path.equals("/v1/gradient") ? "application/json" : "text/plain");
        refused.setContent(new byte[how.equals("Expect") || how.equals("Content-Digest") ? 500_000 : bytes]);
        ClientName.setOwner(refused, "ana");
        ClientName.set(refused, "ana");
        refused.addHeader("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:");
        if (how.equals("Expect")) {
            refused.addHeader("Expect", "100-continue");
        }
        filter(PATIENT).doFilter((ServletRequest) refused, response, (_, _) -> assertThat(true).as("is not asked").isFalse());
        assertThat(resolved).hasSize(1);
        assertThat(Objects.requireNonNull(RequestCost.of(refused)).bytes()).as("with the answer").isEqualTo(bytes + 1L);
    }

    /** A body whose client goes away instead of its end. */
    private static final class BrokenOff extends DelegatingServletInputStream {
        BrokenOff(InputStream body) {
            super(body);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read < 0) {
                throw new IOException("the client has gone");
            }
            return read;
        }
    }

    @Test
    void anotherPackingIsToldWhichAreRead() throws Exception {
        request.addHeader("Content-Encoding", "br");
        run((_, _) -> assertThat(true).as("is not asked").isFalse());
        assertThat(response.getHeader("Accept-Encoding")).isEqualTo("gzip, identity");
        assertThat(resolved).hasSize(1);
    }

    @Test
    void whatFailsHalfwayIsForgotten() throws Exception {
        request.setContent(new byte[]{'{', '}'});
        run((asked, answer) -> {
            echo(asked, answer);
            throw new IllegalArgumentException("halfway");
        });
        assertThat(response.getContentAsString()).isEqualTo("!");
        assertThat(resolved).singleElement().isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatNobodyCanAnswerIsPassedOn() {
        assertThatThrownBy(() -> run((_, _) -> {
            throw new IllegalStateException("unknown");
        })).isInstanceOf(ServletException.class).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> run((_, _) -> {
            throw new ServletException("its own");
        })).isInstanceOf(ServletException.class).hasMessage("its own");
        assertThat(RequestCost.of(request)).as("what it cost is noted all the same").isNotNull();
    }

    @Test
    void whatFailsAfterTheAnswerHasBegunIsNotedOnly() throws Exception {
        run((_, answer) -> {
            answer.setContentType("text/event-stream");
            answer.getOutputStream().write('x');
            answer.flushBuffer();
            throw new IllegalArgumentException("later");
        });
        assertThat(resolved).isEmpty();
        assertThat(request.getAttribute(Problems.CODE_ATTRIBUTE)).isEqualTo("bad-request");
        assertThat(response.getContentAsString()).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/gradient", "/actuator/prometheus"})
    void aClientThatReadsTooSlowlyIsNoted(String path) throws Exception {
        request.setMethod("GET");
        request.setServletPath(path);
        HttpProperties strict = new HttpProperties(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO, 1, Duration.ZERO, 0);
        filter(strict).doFilter((ServletRequest) request, response, (_, answer) -> answer.getOutputStream().write(new byte[100_000]));
        assertThat(request.getAttribute(Problems.CODE_ATTRIBUTE)).isEqualTo(Problems.SLOW_CLIENT);
        assertThat(Objects.requireNonNull(RequestCost.of(request)).bytes()).isEqualTo(PacedStream.PIECE);
    }

    /** Whether or not anybody reads it, a body leaves its room when its request has been answered. */
    @Test
    void aBodyLeavesItsRoom() throws Exception {
        Budget small = new Budget(TestService.limits("shared-bytes", "8000000", "memory-wait", "0ms"));
        TurnFilter filter = new TurnFilter(new Turns(limits), small, _ -> new BodyLimit(500_000, "limit"), uploads(PATIENT), PATIENT,
                this::resolve);
        for (int i = 0; i < 10; i++) {
            MockHttpServletRequest large = post("/v1/gradient");
            large.setContent(new byte[450_000]);
            filter.doFilter((ServletRequest) large, new MockHttpServletResponse(), (_, _) -> {});
        }
        assertThat(resolved).isEmpty();
        assertThat(small.used()).isZero();
    }

    /** It is refused by its length, before it is read. */
    @Test
    void aLongBodyForWhichThereIsNoMemoryIsRefused() throws Exception {
        Budget small = new Budget(TestService.limits("shared-bytes", "8000000", "memory-wait", "0ms"));
        TurnFilter filter = new TurnFilter(new Turns(limits), small, _ -> new BodyLimit(500_000, "limit"), uploads(PATIENT), PATIENT,
                this::resolve);
        try (Budget.Reservation _ = small.reserve(7_000_000)) {
            request.setContent(new byte[450_000]);
            filter.doFilter((ServletRequest) request, response, (_, _) -> assertThat(true).as("is not asked").isFalse());
            assertThat(request.getInputStream().readAllBytes()).hasSize(450_000);
        }
        assertThat(resolved).singleElement().isInstanceOf(OverloadedException.class);
    }

    /** RFC 7240: a client may say how long it waits, which can only be less. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wait=5                       | wait=5
            respond-async, wait=3        | wait=3
            respond-async; Wait = "4" ;x | wait=4
            wait=5, wait=2               | wait=5
            wait=60                      |
            wait=-1                      |
            wait=1.5                     |
            await=5                      |
            wait=5x                      |
            """)
    void aClientMayWaitForLessTime(String prefer, @Nullable String applied) throws Exception {
        request.addHeader("Prefer", prefer);
        run((_, _) -> {});
        assertThat(response.getHeader("Preference-Applied")).isEqualTo(applied);
    }

    @Test
    void aLongAnswerIsPackedForWhoTakesIt() throws Exception {
        request.addHeader("Accept-Encoding", "br");
        request.addHeader("Accept-Encoding", "gzip");
        run((_, answer) -> {
            answer.setContentType("application/json");
            answer.getOutputStream().write(new byte[10_000]);
        });
        assertThat(response.getHeader("Content-Encoding")).isEqualTo("gzip");
        assertThat(response.getContentLength()).isLessThan(1_000);
    }

    /** Cores of which one client has more than they can do in time. */
    private static void occupy(Turn turn) {
        turn.take(3);
        turn.take(15);
    }

    private void runLarge(Turns turns, MockHttpServletRequest large) throws ServletException, IOException {
        new TurnFilter(turns, budget, _ -> new BodyLimit(LARGE_BODY, "limit"), uploads(PATIENT), PATIENT, this::resolve).doFilter(
                (ServletRequest) large, response,
                (_, _) -> assertThat(true).as("is not asked").isFalse());
        assertThat(resolved).singleElement().isInstanceOf(OverloadedException.class);
    }

    @Test
    void aLongBodyForWhichThereIsNoTimeIsRefusedBeforeItIsRead() throws Exception {
        Turns turns = new Turns(TestService.limits("threads", "1"));
        try (Turn other = turns.begin("other", () -> false)) {
            occupy(other);
            request.setContent(new byte[LARGE_BODY]);
            runLarge(turns, request);
            assertThat(request.getInputStream().readAllBytes()).as("none of it was read").hasSize(LARGE_BODY);
        }
    }

    /** While it arrives others may come. */
    @Test
    void aLongBodyForWhichThereIsNoTimeAnyMoreIsRefused() throws Exception {
        Turns turns = new Turns(TestService.limits("threads", "1"));
        try (Turn other = turns.begin("other", () -> false)) {
            MockHttpServletRequest arriving = new MockHttpServletRequest("POST", "/v1/gradient") {
                @Override
                public ServletInputStream getInputStream() {
                    occupy(other);
                    return super.getInputStream();
                }
            };
            arriving.setServletPath("/v1/gradient");
            arriving.setContent(new byte[LARGE_BODY]);
            runLarge(turns, arriving);
            assertThat(Objects.requireNonNull(RequestCost.of(arriving)).bytes()).as("with the answer").isEqualTo(LARGE_BODY + 1);
        }
    }

    /** The refusal may wait for its turn, and the memory is wanted elsewhere. */
    @Test
    void aBodyThatIsRefusedHoldsNoMemory() throws Exception {
        MockHttpServletRequest chunked = new MockHttpServletRequest("POST", "/v1/gradient") {
            @Override
            public long getContentLengthLong() {
                return -1;
            }
        };
        chunked.setServletPath("/v1/gradient");
        chunked.setContent(new byte[LARGE_BODY]);
        List<Long> held = new ArrayList<>();
        new TurnFilter(new Turns(limits), budget, _ -> new BodyLimit(LARGE_BODY - 1, "limit"), uploads(PATIENT), PATIENT, (_, _, _, e) -> {
            held.add(budget.used());
            return resolve(chunked, response, null, e);
        }).doFilter((ServletRequest) chunked, response, (_, _) -> assertThat(true).as("is not asked").isFalse());
        assertThat(held).containsExactly(0L);
        assertThat(resolved).singleElement().isInstanceOf(RequestException.class);
    }

    /** Tomcat's part of a request. */
    private static final class Connection extends Http11Processor {
        Connection(MockHttpServletRequest request) {
            super(new Http11NioProtocol(), null);
            request.setAttribute(ClientConnection.ATTRIBUTE, new ClientConnection(getRequest()));
        }

        boolean isEnded() {
            return getErrorState() == ErrorState.CLOSE_NOW;
        }
    }

    @Test
    void theConnectionEndsWithAClientThatReadsTooSlowlyOnly() throws Exception {
        request.setMethod("GET");
        Connection connection = new Connection(request);
        run((_, answer) -> answer.getOutputStream().write('x'));
        assertThat(connection.isEnded()).isFalse();
        HttpProperties strict = new HttpProperties(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO, 1, Duration.ZERO, 0);
        filter(strict).doFilter((ServletRequest) request, new MockHttpServletResponse(),
                (_, answer) -> answer.getOutputStream().write(new byte[100_000]));
        assertThat(connection.isEnded()).isTrue();
    }

    /** What the API and the actuator answer differs from request to request; all others are documents, which are packed once. */
    @ParameterizedTest
    @CsvSource({"/v1/gradient, true", "/actuator/prometheus, true", "/page/x.js, false"})
    void answersOfTheApiAndTheActuatorAreNotKept(String path, boolean isHeld) throws Exception {
        List<Long> held = new ArrayList<>();
        MockHttpServletResponse watched = new MockHttpServletResponse() {
            @Override
            public ServletOutputStream getOutputStream() {
                held.add(budget.used());
                return super.getOutputStream();
            }
        };
        request.setMethod("GET");
        request.setServletPath(path);
        request.addHeader("Accept-Encoding", "gzip");
        run(watched, (_, answer) -> {
            answer.setContentType("application/json");
            answer.getOutputStream().write(new byte[100_000]);
        });
        assertThat(watched.getHeader("Content-Encoding")).isEqualTo("gzip");
        assertThat(held).singleElement().satisfies(bytes -> assertThat(bytes > 0).isEqualTo(isHeld));
    }
}
