package io.chainrule.service.run;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;

/** Until it is closed, what this thread does is traced. */
public final class TracedParts implements AutoCloseable {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
    private final Scope scope = Spans.traced(Context.current(), provider.get("test")).makeCurrent();

    List<SpanData> spans() {
        return exporter.getFinishedSpanItems();
    }

    /** The names of the spans that have ended. */
    public List<String> ended() {
        return spans().stream().map(SpanData::getName).toList();
    }

    @Override
    public void close() {
        scope.close();
        provider.close();
    }
}
