package io.chainrule.web.http;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Records the meter {@code http.server.requests}, with the tags that Spring's observation gives it. The time ends when the answer is made;
 * the server sends a small answer after that. This filter replaces Spring's observation, which creates several maps for each request that
 * only tracers read, and the service has no tracer. Spring's second meter, of the requests under way, does not exist.
 */
final class RequestTimer {
    private static final String UNKNOWN = "UNKNOWN";
    /** A client may send any word as the method, and each tag's value is kept. */
    private static final Set<String> METHODS = Arrays.stream(HttpMethod.values()).map(HttpMethod::name).collect(Collectors.toSet());

    private final Meter.MeterProvider<Timer> timers;

    RequestTimer(MeterRegistry registry) {
        timers = Timer.builder("http.server.requests").description("Requests that were answered").withRegistry(registry);
    }

    void record(HttpServletRequest request, int status, long nanoseconds) {
        Object thrown = request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE);
        String exception = thrown == null ? "none" : thrown.getClass().getSimpleName();
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : UNKNOWN;
        timers.withTags(Tags.of("error", exception, "exception", exception, "method", method, "outcome", Outcome.forStatus(status).name(),
                "status", String.valueOf(status), "uri", endpoint(request, status))).record(nanoseconds, TimeUnit.NANOSECONDS);
    }

    private static String endpoint(HttpServletRequest request, int status) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        if (pattern != null) {
            return pattern.toString();
        }
        if (status / 100 == 3) {
            return "REDIRECTION";
        }
        return status == HttpStatus.NOT_FOUND.value() ? "NOT_FOUND" : UNKNOWN;
    }
}
