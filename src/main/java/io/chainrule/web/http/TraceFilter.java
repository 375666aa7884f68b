package io.chainrule.web.http;

import io.chainrule.service.run.Spans;
import io.chainrule.web.problem.Problems;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Gives each request a span if spans are exported, within the trace that its header {@code traceparent} names. If they are not, the log
 * has the id of that trace all the same. A span has the names of OpenTelemetry's conventions for HTTP, but nothing that the client wrote:
 * {@code tracestate} is left out. A client may ask not to be traced; one that asks to be is traced as often as any other.
 */
final class TraceFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    static final String TRACE_FIELD = "trace_id";
    static final String SPAN_FIELD = "span_id";

    private static final TextMapGetter<HttpServletRequest> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpServletRequest request) {
            return Collections.list(request.getHeaderNames());
        }

        @Override
        public @Nullable String get(@Nullable HttpServletRequest request, String name) {
            return request == null ? null : request.getHeader(name);
        }
    };

    private final transient @Nullable Tracer tracer;
    private final double probability;

    /**
     * {@code tracer} is null if no spans are exported.
     *
     * @param probability the part of the requests whose clients want them traced that are
     */
    TraceFilter(@Nullable Tracer tracer, double probability) {
        this.tracer = tracer;
        this.probability = probability;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Context remote = W3CTraceContextPropagator.getInstance().extract(Context.root(), request, HEADERS);
        if (tracer != null) {
            trace(request, response, chain, bounded(remote), tracer);
            return;
        }
        SpanContext known = Span.fromContext(remote).getSpanContext();
        if (!known.isValid()) {
            chain.doFilter(request, response);
            return;
        }
        try (var _ = MDC.putCloseable(TRACE_FIELD, known.getTraceId())) {
            chain.doFilter(request, response);
        }
    }

    /**
     * What of the client's context is taken over. Anybody can send the flag of sampling, or an id that Spring's sampler would choose, and
     * so have each of its requests traced ("Denial of Service" in W3C Trace Context). So neither decides.
     */
    private Context bounded(Context remote) {
        SpanContext client = Span.fromContext(remote).getSpanContext();
        if (!client.isValid()) {
            return remote;
        }
        boolean isSampled = client.isSampled() && ThreadLocalRandom.current().nextDouble() < probability;
        return remote.with(Span.wrap(SpanContext.createFromRemoteParent(client.getTraceId(), client.getSpanId(),
                isSampled ? TraceFlags.getSampled() : TraceFlags.getDefault(), TraceState.getDefault())));
    }

    private static void trace(HttpServletRequest request, HttpServletResponse response, FilterChain chain, Context remote, Tracer tracer)
            throws ServletException, IOException {
        String method = RequestTimer.method(request);
        Span span = tracer.spanBuilder(method).setSpanKind(SpanKind.SERVER).setParent(remote).startSpan();
        try (Scope _ = Spans.traced(remote.with(span), tracer).makeCurrent()) {
            chain.doFilter(request, response);
        } finally {
            span.setAttribute("http.request.method", method);
            span.setAttribute("http.response.status_code", response.getStatus());
            if (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE) instanceof String route) {
                span.updateName(method + " " + route);
                span.setAttribute("http.route", route);
            }
            if (request.getAttribute(Problems.CODE_ATTRIBUTE) instanceof String code) {
                span.setAttribute("error.type", code);
            }
            if (response.getStatus() >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }
}
