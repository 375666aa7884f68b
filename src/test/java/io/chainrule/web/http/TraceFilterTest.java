package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Whoever sends a request has no say in how much the service traces. */
class TraceFilterTest {
    private static final String PARENT = "00f067aa0ba902b7";
    /** The sampler of ratios, to which Spring's asks for requests without a parent, takes the lowest ids first. */
    private static final String LOWEST = "00000000000000010000000000000001";

    /** The spans of so many requests of a client that sends this context. */
    private static List<SpanData> spans(int requests, double probability, String traceparent) throws ServletException, IOException {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(probability)))
                .addSpanProcessor(SimpleSpanProcessor.create(exporter)).build()) {
            TraceFilter filter = new TraceFilter(provider.get("test"), probability);
            for (int i = 0; i < requests; i++) {
                MockHttpServletRequest request = new MockHttpServletRequest("GET", "/v1/ops");
                request.addHeader("traceparent", traceparent);
                request.addHeader("tracestate", "vendor=secret");
                filter.doFilter(request, new MockHttpServletResponse(), (_, _) -> {});
            }
            return List.copyOf(exporter.getFinishedSpanItems());
        }
    }

    @Test
    void aClientThatWantsToBeTracedIsTracedAsOftenAsOthers() throws Exception {
        assertThat(spans(1_000, 0, "00-" + LOWEST + "-" + PARENT + "-01")).isEmpty();
        // Ten standard deviations around the mean.
        assertThat(spans(10_000, 0.1, "00-" + LOWEST + "-" + PARENT + "-01")).hasSizeBetween(700, 1_300);
    }

    @Test
    void aClientThatDoesNotWantToBeTracedIsNot() throws Exception {
        assertThat(spans(100, 1, "00-" + LOWEST + "-" + PARENT + "-00")).isEmpty();
    }

    @Test
    void aSpanBelongsToTheTraceOfItsClientAndHasNothingElseOfIt() throws Exception {
        assertThat(spans(1, 1, "00-" + LOWEST + "-" + PARENT + "-ff")).singleElement().satisfies(span -> {
            assertThat(span.getTraceId()).isEqualTo(LOWEST);
            assertThat(span.getParentSpanId()).isEqualTo(PARENT);
            assertThat(span.getParentSpanContext().getTraceState()).isEqualTo(TraceState.getDefault());
            assertThat(span.getSpanContext().getTraceState()).isEqualTo(TraceState.getDefault());
        });
    }
}
