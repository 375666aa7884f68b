package io.chainrule.web.http;

import io.chainrule.web.problem.Problems;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Records the meter {@code http.server.requests}, with the tags that Spring's observation gives it. The time is that from when the body was
 * read until the answer is made, so that no slow client makes the service look slow. This replaces Spring's observation, which creates
 * several maps for each request. Spring's second meter, of the requests under way, does not exist. Further meters tell why requests were
 * refused, and for how long those of each endpoint computed. No tag's value is text of a client.
 */
final class RequestTimer {
    private static final String UNKNOWN = "UNKNOWN";
    /** A client may send any word as the method, and each tag's value is kept. */
    private static final Set<String> METHODS = Arrays.stream(HttpMethod.values()).map(HttpMethod::name).collect(Collectors.toSet());

    private final MeterRegistry registry;
    private final Map<String, Counter> refusals;
    /** To find a meter by its tags makes some objects, so the meters of equal requests are kept. */
    private final Map<Key, Meters> known = new ConcurrentHashMap<>();

    private record Key(String method, int status, String endpoint, @Nullable Class<?> exception) {}

    private record Meters(Timer time, Counter compute) {}

    RequestTimer(MeterRegistry registry) {
        this.registry = registry;
        refusals = Problems.reasons().stream().collect(Collectors.toUnmodifiableMap(Function.identity(),
                reason -> Counter.builder("chainrule.refusals").tag("reason", reason)
                        .description("Requests that did not get what they asked for, by why").register(registry)));
    }

    /** Records a request that took so long, of which it computed for {@code computed} seconds. */
    void record(HttpServletRequest request, int status, long nanoseconds, double computed) {
        Object thrown = request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE);
        Key key = new Key(method(request), status, endpoint(request, status), thrown == null ? null : thrown.getClass());
        Meters meters = known.computeIfAbsent(key, this::meters);
        meters.time.record(nanoseconds, TimeUnit.NANOSECONDS);
        meters.compute.increment(computed);
    }

    /** Counts a request that was refused, or whose client has gone, by why. */
    void refused(String reason) {
        Objects.requireNonNull(refusals.get(reason), reason).increment();
    }

    /** The method, if HTTP knows it. */
    static String method(HttpServletRequest request) {
        return METHODS.contains(request.getMethod()) ? request.getMethod() : UNKNOWN;
    }

    private Meters meters(Key key) {
        String exception = key.exception == null ? "none" : key.exception.getSimpleName();
        return new Meters(Timer.builder("http.server.requests").description("Requests that were answered")
                .tags(Tags.of("error", exception, "exception", exception, "method", key.method, "outcome",
                        Outcome.forStatus(key.status).name(), "status", String.valueOf(key.status), "uri", key.endpoint))
                .register(registry),
                Counter.builder("chainrule.request.compute").tag("uri", key.endpoint).baseUnit("seconds")
                        .description("For how long requests held a permit to compute").register(registry));
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
