package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The parts of a request have spans where the request is traced. */
class SpansTest {
    /** The spans of the parts of a request that is traced. */
    private static List<SpanData> traced(Runnable request) {
        try (TracedParts parts = new TracedParts()) {
            request.run();
            return parts.spans();
        }
    }

    @Test
    void aPartWithinAnotherIsItsChild() {
        List<SpanData> spans = traced(() -> assertThat(Spans.<String>within("run", () -> Spans.within("compile", () -> "done")))
                .isEqualTo("done"));
        assertThat(spans).extracting(SpanData::getName).containsExactly("compile", "run");
        assertThat(spans.getFirst().getParentSpanId()).isEqualTo(spans.getLast().getSpanId());
        assertThat(spans).extracting(span -> span.getStatus().getStatusCode()).containsOnly(StatusCode.UNSET);
    }

    @Test
    void aPartThatFailsIsMarkedAndEnds() {
        assertThat(traced(() -> assertThatThrownBy(() -> Spans.within("run", () -> {
            throw new IllegalStateException("its own");
        })).hasMessage("its own"))).singleElement()
                .satisfies(span -> assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR));
    }

    @Test
    void whoBeginsASpanEndsIt() {
        assertThat(traced(() -> {
            Span span = Spans.begin("write");
            assertThat(span).isNotNull();
            if (span != null) {
                span.end();
            }
        })).extracting(SpanData::getName).containsExactly("write");
    }

    @Test
    void aRequestThatIsNotTracedHasNone() {
        assertThat(Spans.begin("run")).isNull();
        assertThat(Spans.<String>within("run", () -> "done")).isEqualTo("done");
    }
}
