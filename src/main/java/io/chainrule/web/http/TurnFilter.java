package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.JsonMemory;
import io.chainrule.service.run.Spans;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Reads the body, waits for a permit to compute, has the request answered, gives the permit back, and sends the answer. So no permit is
 * held while a client is waited for. The actuator needs no permit, since it tells how the service is while others wait. Health does not
 * even need memory: this filter passes such requests on as they are.
 */
final class TurnFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String API = "/v1/";
    private static final String ACTUATOR = "/actuator/";
    private static final Set<String> WITH_BODY = Set.of(HttpMethod.POST.name(), HttpMethod.PUT.name(), HttpMethod.PATCH.name());
    /** A body of JSON is read at this pace. */
    private static final double SECONDS_A_BYTE = 20e-9;
    private static final double NANOS = 1e9;
    /** The connection is ended so much later than the body time, because the reader of the body can say why it refuses the body. */
    private static final Duration LATER = Duration.ofSeconds(1);
    /** RFC 7240, section 4.3. */
    static final String PREFER = "Prefer";
    static final String PREFERENCE_APPLIED = "Preference-Applied";
    private static final Pattern WAIT = Pattern.compile("(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,6})\"?\\s*(?:[,;]|$)",
            Pattern.CASE_INSENSITIVE);

    private final transient Turns turns;
    private final transient Budget budget;
    /** By the path of a request. */
    private final transient Function<String, BodyLimit> limit;
    private final transient Uploads uploads;
    private final transient HttpProperties properties;
    private final transient BufferedBody.Arrivals arrivals;
    private final transient PackedDocuments documents = new PackedDocuments();
    private final transient HandlerExceptionResolver problems;

    TurnFilter(Turns turns, Budget budget, Function<String, BodyLimit> limit, Uploads uploads, HttpProperties properties,
            HandlerExceptionResolver problems) {
        this.turns = turns;
        this.budget = budget;
        this.limit = limit;
        this.uploads = uploads;
        this.properties = properties;
        this.problems = problems;
        arrivals = new BufferedBody.Arrivals(budget);
    }

    /** A request with its body, or why that was refused. */
    private record Received(HttpServletRequest request, @Nullable ReceivedBody body, @Nullable Exception refusal) implements AutoCloseable {
        /** The bytes of a body that is read as JSON. */
        long length() {
            return body instanceof BufferedBody ? body.length() : 0;
        }

        /**
         * The bytes of the body that are charged: those that were read of a body that was refused or broke off; of one that was refused
         * before, those that its client sends without being asked, up to the limit on bodies.
         */
        long charged(BodyLimit limit) {
            Long read = RequestCost.received(request);
            boolean isSent = request.getHeader(HttpHeaders.EXPECT) == null;
            return body != null
                    ? body.length()
                    : read != null ? read : isSent ? Math.clamp(request.getContentLengthLong(), 0, limit.bytes()) : 0;
        }

        /** Ends a file before the answer is sent, so that a client that knows it may send the next. */
        void endUpload() throws IOException {
            if (body instanceof Upload) {
                body.close();
            }
        }

        @Override
        public void close() throws IOException {
            if (body != null) {
                body.close();
            }
        }
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (isOfActuator(request)) {
            checkHasNoBody(request);
        }
        if (RequestPath.isOfHealth(request)) {
            chain.doFilter(request, response);
            return;
        }
        ClientConnection connection = ClientConnection.of(request);
        try (Budget.Reservation reservation = budget.reserve(0);
                Received received = Spans.within("read", () -> received(request, response, reservation, connection))) {
            BooleanSupplier isGone = connection == null || received.refusal != null ? () -> false : connection::isGone;
            BufferedAnswer answer = null;
            double seconds = 0;
            try {
                try (Turn turn = turns.begin(ClientName.of(request), isGone)) {
                    request.setAttribute(RequestLog.TURN, turn);
                    answer = new BufferedAnswer(response, reservation, turn, properties);
                    long start = System.nanoTime();
                    try {
                        answer(received, answer, turn, chain);
                    } finally {
                        seconds = isOfActuator(request) ? (System.nanoTime() - start) / NANOS : turn.used();
                    }
                }
                received.endUpload();
                send(answer, request, connection);
            } finally {
                new RequestCost(seconds, received.charged(limit.apply(request.getServletPath())) + (answer == null ? 0 : answer.length()))
                        .noteAt(request);
            }
        }
    }

    private static void send(BufferedAnswer answer, HttpServletRequest request, @Nullable ClientConnection connection) {
        try {
            answer.send();
        } catch (IOException e) {
            request.setAttribute(Problems.CODE_ATTRIBUTE,
                    e instanceof SocketTimeoutException ? Problems.SLOW_CLIENT : Problems.CLIENT_GONE);
            if (connection != null) {
                connection.end();
            }
        }
    }

    private Received received(HttpServletRequest request, HttpServletResponse response, Budget.Reservation reservation,
            @Nullable ClientConnection connection) {
        if (!WITH_BODY.contains(request.getMethod()) || !isOfApi(request)) {
            return new Received(request, null, null);
        }
        Optional<UploadRoute> upload = uploads.route(request);
        try {
            ContentEncoding.check(request, upload.isEmpty());
        } catch (RequestException e) {
            response.setHeader(HttpHeaders.ACCEPT_ENCODING, ContentEncoding.accepted(upload.isEmpty()));
            return new Received(request, null, e);
        }
        try {
            checkIsWhole(request);
            if (upload.isPresent()) {
                return new Received(request, uploads.receive(request, upload.get(), connection), null);
            }
            uploads.checkType(request);
            boolean hasChunks = request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
            BufferedBody body = connection == null || !hasChunks
                    ? body(request, reservation)
                    : connection.within(properties.bodyTime().plus(LATER), () -> body(request, reservation));
            return new Received(body, body, null);
        } catch (IOException | RuntimeException e) {
            reservation.release();
            return new Received(request, null, e);
        }
    }

    private BufferedBody body(HttpServletRequest request, Budget.Reservation reservation) throws IOException {
        ClientPace pace = new ClientPace(properties, properties.bodyTime());
        return BufferedBody.of(request, limit.apply(request.getServletPath()), pace, arrivals, reservation, length -> {
            budget.check(JsonMemory.FOR_ANY_BYTE * length);
            turns.check(ClientName.of(request), SECONDS_A_BYTE * length);
        });
    }

    private void answer(Received received, BufferedAnswer answer, Turn turn, FilterChain chain) throws ServletException, IOException {
        try {
            if (received.refusal != null) {
                throw received.refusal;
            }
            Duration wait = wait(received.request);
            if (wait != null && turn.shorten(wait)) {
                answer.setHeader(PREFERENCE_APPLIED, "wait=" + wait.toSeconds());
            }
            boolean isOfActuator = isOfActuator(received.request);
            if (!isOfActuator) {
                turn.prepare(SECONDS_A_BYTE * received.length());
            }
            chain.doFilter(received.request, answer);
            answer.complete(String.join(",", Collections.list(received.request.getHeaders(HttpHeaders.ACCEPT_ENCODING))),
                    isOfActuator || isOfApi(received.request) ? null : documents);
        } catch (ServletException e) {
            throw e;
        } catch (Exception e) {
            if (answer.isCommitted()) {
                // Events have been sent, or Tomcat has the error page answer, as it does when chunks are malformed or do not come.
                received.request.setAttribute(Problems.CODE_ATTRIBUTE,
                        e instanceof RequestException refused ? refused.errors().getFirst().code() : ProblemType.BAD_REQUEST.code());
                return;
            }
            answer.resetBuffer();
            if (problems.resolveException(received.request, answer, null, e) == null) {
                throw new ServletException(e);
            }
        }
    }

    /** Nothing of the actuator, not even health, needs a body. Spring would read one of any length into the heap, at any pace. */
    private static void checkHasNoBody(HttpServletRequest request) {
        long length = request.getContentLengthLong();
        if (length > 0 || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
            throw new RequestException(ErrorDetail.of(ProblemType.BODY_TOO_LARGE, "the actuator takes no body")
                    .expected("0 bytes", length < 0 ? "chunks" : length + " bytes").hint("send the request without a body"));
        }
    }

    /** Refuses a part of a file, which would be stored as if it were the whole (RFC 9110, 14.5). */
    private static void checkIsWhole(HttpServletRequest request) {
        String range = request.getHeader(HttpHeaders.CONTENT_RANGE);
        if (range != null && HttpMethod.PUT.matches(request.getMethod())) {
            throw new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, "a part alone cannot be stored")
                    .expected("no Content-Range", "Content-Range: " + range).hint("send the whole; curl does so without -C"));
        }
    }

    private static boolean isOfActuator(HttpServletRequest request) {
        return request.getServletPath().startsWith(ACTUATOR);
    }

    private static boolean isOfApi(HttpServletRequest request) {
        return request.getServletPath().startsWith(API);
    }

    /** How long the client waits for an answer, if it says so. */
    private static @Nullable Duration wait(HttpServletRequest request) {
        Matcher found = WAIT.matcher(String.join(",", Collections.list(request.getHeaders(PREFER))));
        return found.find() ? Duration.ofSeconds(Long.parseLong(found.group(1))) : null;
    }
}
