package io.chainrule.web.http;

import io.chainrule.web.problem.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Who did what, what it cost, and how it ended, in a log of its own ({@code chainrule.audit} on the console, or the file that
 * {@code chainrule.audit-file} names). It holds nothing of what clients sent.
 */
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger("chainrule.audit");

    private AuditLog() {}

    /** Logs a request that was answered, and what it has cost. */
    public static void request(HttpServletRequest request, HttpServletResponse response, RequestCost cost) {
        int status = response.getStatus();
        Object endpoint = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        Object problem = request.getAttribute(Problems.CODE_ATTRIBUTE);
        event(request, "request",
                Map.of("method", RequestTimer.method(request), "endpoint", endpoint == null ? "none" : endpoint, "status", status,
                        "outcome", problem == null ? "ok" : problem, "compute_seconds", Math.round(cost.seconds() * 1e6) / 1e6, "bytes",
                        cost.bytes()));
    }

    /** Logs something that was done, with what is worth knowing of it. */
    public static void event(HttpServletRequest request, String event, Map<String, ?> facts) {
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("event", event).addKeyValue("client", ClientName.of(request))
                .addKeyValue("address", ClientName.cut(request.getRemoteAddr()));
        for (Map.Entry<String, ?> fact : facts.entrySet()) {
            line = line.addKeyValue(fact.getKey(), fact.getValue());
        }
        line.log(event);
    }
}
