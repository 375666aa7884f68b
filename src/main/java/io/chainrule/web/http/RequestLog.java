package io.chainrule.web.http;

import io.chainrule.service.run.Turn;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Times each request, and logs one line for it: client, endpoint, status, duration and outcome. A line of a request that was slow, or
 * refused, also has how long it was thought to take, and for how long it waited and computed. Of what the client sent only the request id
 * is logged.
 */
public class RequestLog extends HttpFilter {
    private static final long serialVersionUID = 1L;

    /** Request attribute with the {@link Turn} of the request. */
    public static final String TURN = RequestLog.class.getName() + ".turn";
    /** Request attribute that a logged request has. */
    static final String LOGGED = RequestLog.class.getName() + ".logged";
    private static final String NODES = RequestLog.class.getName() + ".nodes";
    /** A request is slow if the service takes more seconds than this; the time in which it waits for the client is not counted. */
    private static final double SLOW = 1;
    private static final double NANOS = 1e9;

    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

    private final transient RequestTimer timer;

    RequestLog(RequestTimer timer) {
        this.timer = timer;
    }

    /** Records the number of nodes of the program in the request that this thread is handling. */
    public static void nodes(int count) {
        RequestContextHolder.currentRequestAttributes().setAttribute(NODES, count, RequestAttributes.SCOPE_REQUEST);
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long start = System.nanoTime();
        boolean answered = false;
        try {
            chain.doFilter(request, response);
            answered = true;
        } finally {
            record(request, answered ? response.getStatus() : ProblemType.OVERLOADED.status(), System.nanoTime() - start);
        }
    }

    /** Times and logs a request. */
    void record(HttpServletRequest request, int status, long nanoseconds) {
        request.setAttribute(LOGGED, true);
        Turn turn = (Turn) request.getAttribute(TURN);
        long inService = turn == null ? nanoseconds : turn.time().takenNanos();
        timer.record(request, status, inService, turn == null ? 0 : turn.used());
        String code = code(request, status);
        Object reason = request.getAttribute(Problems.REASON_ATTRIBUTE);
        if (code != null) {
            timer.refused(reason == null ? code : reason.toString());
        }
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("method", RequestTimer.method(request))
                .addKeyValue("endpoint",
                        Objects.requireNonNullElse(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE), "none"))
                .addKeyValue("client", ClientName.of(request))
                .addKeyValue("status", status).addKeyValue("duration_ms", milliseconds(nanoseconds / NANOS))
                .addKeyValue("outcome", code == null ? "ok" : code);
        line = withKnown(withKnown(line, "reason", reason), "nodes", request.getAttribute(NODES));
        if (turn != null) {
            line = line.addKeyValue("service_ms", milliseconds(inService / NANOS));
        }
        if (turn != null && (code != null || inService / NANOS > SLOW)) {
            line = line.addKeyValue("estimated_ms", milliseconds(turn.time().expected()))
                    .addKeyValue("waited_ms", milliseconds(turn.time().waited())).addKeyValue("computed_ms", milliseconds(turn.used()));
        }
        line.log("request");
    }

    /** The code of what went wrong, which may also have been after the status was sent; null if nothing did. */
    private static @Nullable String code(HttpServletRequest request, int status) {
        Object code = request.getAttribute(Problems.CODE_ATTRIBUTE);
        if (code != null) {
            return code.toString();
        }
        return status < 400 ? null : ProblemType.ofContainerStatus(status).code();
    }

    private static LoggingEventBuilder withKnown(LoggingEventBuilder line, String name, @Nullable Object value) {
        return value == null ? line : line.addKeyValue(name, value);
    }

    private static double milliseconds(double seconds) {
        return Math.round(seconds * 1e6) / 1000.0;
    }
}
