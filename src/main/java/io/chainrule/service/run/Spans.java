package io.chainrule.service.run;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The spans of what a request consists of. There are none where the request is not traced. */
public final class Spans {
    private static final ContextKey<Tracer> TRACER = ContextKey.named("chainrule.tracer");

    private Spans() {}

    /** The context of a request whose parts are to have spans. */
    public static Context traced(Context context, Tracer tracer) {
        return context.with(TRACER, tracer);
    }

    /** Begins a span of this thread's request, which the caller ends; null if the request is not traced. */
    public static @Nullable Span begin(String name) {
        Tracer tracer = Context.current().get(TRACER);
        return tracer == null ? null : tracer.spanBuilder(name).startSpan();
    }

    /** Does work in a span. */
    public static <T> T within(String name, Supplier<T> work) {
        Span span = begin(name);
        if (span == null) {
            return work.get();
        }
        try (Scope _ = span.makeCurrent()) {
            return work.get();
        } catch (RuntimeException | Error e) {
            span.setStatus(StatusCode.ERROR);
            throw e;
        } finally {
            span.end();
        }
    }
}
