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
 * The meter {@code http.server.requests}, with the tags that Spring's observation gives it: the time until an answer is complete; the server
 * sends small ones afterwards. The observation itself makes a context with several maps for each request, for tracers that the service does
 * not have; its other meter, of requests under way, is left out.
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
