package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.TestPropertySource;

/** What becomes of requests when spans are exported. */
@ReadsLog
@TestPropertySource(properties = {"management.tracing.export.enabled=true", "management.prometheus.metrics.export.enabled=true",
        "management.opentelemetry.tracing.export.schedule-delay=50ms", "management.tracing.sampling.probability=1"})
class TraceTest extends HttpTest {
    private static final String PARENT = "00f067aa0ba902b7";

    @TestConfiguration
    static class Exporting {
        @Bean
        InMemorySpanExporter exporter() {
            return InMemorySpanExporter.create();
        }
    }

    @Autowired
    private InMemorySpanExporter exporter;

    private final String trace = UUID.randomUUID().toString().replace("-", "");

    private List<SpanData> spans() {
        return exporter.getFinishedSpanItems().stream().filter(span -> span.getTraceId().equals(trace)).toList();
    }

    private SpanData server() {
        return await().until(() -> spans().stream().filter(span -> span.getKind() == SpanKind.SERVER).toList(), found -> !found.isEmpty())
                .getFirst();
    }

    private void postProgram(String body) {
        post("/v1/gradient", body, "Content-Type", "application/json", "traceparent", "00-" + trace + "-" + PARENT + "-01",
                "tracestate", "vendor=secret");
    }

    @Test
    void aRequestHasASpanInItsClientsTraceAndOneForEachPart(CapturedOutput output) {
        postProgram("{\"expression\": \"secret = 47110815 * x\", \"inputs\": {\"x\": 81504711}}");
        SpanData server = server();
        assertThat(server.getName()).isEqualTo("POST /v1/gradient");
        assertThat(server.getParentSpanId()).isEqualTo(PARENT);
        assertThat(server.getAttributes().get(AttributeKey.longKey("http.response.status_code"))).isEqualTo(200);
        assertThat(spans()).filteredOn(span -> span.getParentSpanId().equals(server.getSpanId())).extracting(SpanData::getName)
                .containsExactlyInAnyOrder("read", "parse", "compile", "run", "write");
        assertThat(spans()).hasSize(6).allSatisfy(span -> assertThat(span.toString()).doesNotContain("secret", "47110815", "81504711"));
        assertThat(await().until(() -> lines(output), lines -> !lines.isEmpty())).hasSize(1).first().asString()
                .contains("\"span_id\":\"" + server.getSpanId() + "\"");
    }

    private List<String> lines(CapturedOutput output) {
        return output.getOut().lines().filter(line -> line.contains("\"trace_id\":\"" + trace + "\"")).toList();
    }

    @Test
    void aRefusedRequestSaysWhy() {
        postProgram("{\"expression\": \"secret +\", \"inputs\": {}}");
        assertThat(server().getAttributes().get(AttributeKey.stringKey("error.type"))).isEqualTo("syntax-error");
    }

    @Test
    void anAddressThatAClientMadeUpNamesNoSpan() {
        get("/v1/secret", "traceparent", "00-" + trace + "-" + PARENT + "-01");
        assertThat(server().toString()).doesNotContain("secret");
    }

    @Test
    void whatTheClientDoesNotWantTracedIsNot() {
        get("/v1/ops", "traceparent", "00-" + trace + "-" + PARENT + "-00");
        assertThat(spans()).isEmpty();
    }

    /** So that one who sees a slow bucket finds a request that was as slow. */
    @ParameterizedTest
    @ValueSource(strings = {"http_server_requests_seconds", "chainrule_queue_wait_seconds"})
    void histogramsLinkToTracesThatWereExported(String histogram) {
        postProgram("{\"expression\": \"x\", \"inputs\": {\"x\": 1}}");
        Pattern exemplar = Pattern.compile(histogram + "_bucket\\{[^}]*} \\d+ # \\{[^}]*trace_id=\"([0-9a-f]{32})\"");
        await().untilAsserted(() -> {
            String metrics = get("/actuator/prometheus", "Accept", "application/openmetrics-text").body();
            List<String> linked = exemplar.matcher(metrics).results().map(found -> found.group(1)).toList();
            assertThat(linked).as(metrics).isNotEmpty();
            assertThat(exporter.getFinishedSpanItems()).extracting(SpanData::getTraceId).containsAll(linked);
        });
    }
}
