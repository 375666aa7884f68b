package io.chainrule.web.http;

import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Times each request, and logs one line for it: endpoint, status, duration and outcome. Of what the client sent only the request id is
 * logged.
 */
public class RequestLog extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private static final String NODES = RequestLog.class.getName() + ".nodes";

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
            int status = answered ? response.getStatus() : ProblemType.OVERLOADED.status();
            long nanoseconds = System.nanoTime() - start;
            timer.record(request, status, nanoseconds);
            log(request, status, nanoseconds / 1e6);
        }
    }

    private static void log(HttpServletRequest request, int status, double milliseconds) {
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("method", request.getMethod())
                .addKeyValue("endpoint",
                        Objects.requireNonNullElse(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE), "none"))
                .addKeyValue("status", status)
                .addKeyValue("duration_ms", Math.round(milliseconds * 1000) / 1000.0)
                .addKeyValue("outcome",
                        status < 400
                                ? "ok"
                                : Objects.requireNonNullElseGet(request.getAttribute(Problems.CODE_ATTRIBUTE),
                                        ProblemType.ofContainerStatus(status)::code));
        Object nodes = request.getAttribute(NODES);
        (nodes == null ? line : line.addKeyValue("nodes", nodes)).log("request");
    }
}
