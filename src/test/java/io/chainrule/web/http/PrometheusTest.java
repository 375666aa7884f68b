package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** What Prometheus reads. */
@TestPropertySource(properties = "management.prometheus.metrics.export.enabled=true")
class PrometheusTest extends HttpTest {
    private static final String TINY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";

    @Autowired
    private Budget budget;

    private List<String> lines() {
        return get("/actuator/prometheus").body().lines().filter(line -> !line.startsWith("#")).toList();
    }

    /** The sum of all numbers of a meter whose labels contain the text. */
    private double value(String meter, String labels) {
        return lines().stream().filter(line -> line.startsWith(meter + "{") || line.startsWith(meter + " "))
                .filter(line -> line.contains(labels)).mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private void awaitMore(String meter, String labels, double than) {
        await().untilAsserted(() -> assertThat(value(meter, labels)).as(meter + labels).isGreaterThan(than));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http_server_requests_seconds_count          | uri="/v1/gradient"
            http_server_requests_seconds_bucket         | uri="/v1/gradient",le="0.02"
            http_server_requests_seconds_bucket         | uri="/v1/gradient",le="+Inf"
            chainrule_request_compute_seconds_total     | uri="/v1/gradient"
            chainrule_compute_seconds_total             | size="tiny"
            chainrule_queue_wait_seconds_count          | size="tiny"
            chainrule_queue_wait_seconds_bucket         | size="tiny",le="+Inf"
            """)
    void aRequestAddsTo(String meter, String labels) {
        double before = value(meter, labels);
        for (int i = 0; i < 100; i++) {
            post("/v1/gradient", TINY);
        }
        awaitMore(meter, labels, before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            chainrule_permits                  | lane="tiny"
            chainrule_permits                  | lane="large"
            chainrule_memory_total_bytes       |
            chainrule_memory_kept_bytes        |
            chainrule_connections_open         |
            chainrule_connections_most         |
            chainrule_kernels                  | set="
            cache_gets_total                   | cache="functions"
            cache_weight_bytes                 | cache="functions"
            """)
    void isAboveZero(String meter, String labels) {
        post("/v1/gradient", TINY);
        awaitMore(meter, labels == null ? "" : labels, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chainrule_queue_waiting", "chainrule_queue_running", "chainrule_permits_held", "chainrule_memory_used_bytes",
            "chainrule_trainings_active", "chainrule_trainings_oldest_seconds", "chainrule_connections_refused_total"})
    void isZeroInAnIdleService(String meter) {
        await().untilAsserted(() -> {
            assertThat(lines()).anyMatch(line -> line.startsWith(meter));
            assertThat(value(meter, "")).isZero();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/gradient | {"expression": "(", "inputs": {}}                                              | syntax-error
            /v1/nothing  | {}                                                                             | not-found
            /v1/evaluate | {"expression": "y = zeros(shape=[5000000])", "inputs": {}, "output": "y"}      | limit-exceeded
            """)
    void aRefusalIsCountedByItsReason(String path, String body, String reason) {
        double before = value("chainrule_refusals_total", "reason=\"" + reason + "\"");
        post(path, body);
        awaitMore("chainrule_refusals_total", "reason=\"" + reason + "\"", before);
    }

    @Test
    void whatTomcatRefusesIsCounted() throws IOException {
        String before = "reason=\"bad-request\"";
        double count = value("chainrule_refusals_total", before);
        double requests = value("http_server_requests_seconds_count", "status=\"400\",uri=\"UNKNOWN\"");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("GET /v1/%zz HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
        }
        awaitMore("chainrule_refusals_total", before, count);
        awaitMore("http_server_requests_seconds_count", "status=\"400\",uri=\"UNKNOWN\"", requests);
    }

    @Test
    void aTrainingIsCountedByWhatEndedIt() {
        double before = value("chainrule_trainings_ended_total", "by=\"steps\"");
        post("/v1/train", """
                {"expression": "sum((w - 1)^2)", "inputs": {"w": [0, 0]}, "wrt": ["w"], "optimizer": {"type": "sgd"}, "steps": 5}
                """);
        awaitMore("chainrule_trainings_ended_total", "by=\"steps\"", before);
    }

    /** Else a client could have the service keep any number of series. */
    @Test
    void noLabelHasTextOfAClient() {
        hostile("first");
        long before = series();
        for (int i = 0; i < 20; i++) {
            hostile("next" + i);
        }
        assertThat(series()).isEqualTo(before);
        assertThat(lines()).noneMatch(Pattern.compile("hostile|next|first", Pattern.CASE_INSENSITIVE).asPredicate());
    }

    /** An operator looks at metrics just then. They take little memory, for which there is a part of its own. */
    @Test
    void isToldWhileMemoryIsSpokenFor() {
        try (Budget.Reservation _ = budget.reserve(budget.total())) {
            assertThat(value("chainrule_memory_used_bytes", "")).isGreaterThanOrEqualTo((double) budget.total());
        }
    }

    private void hostile(String word) {
        String name = "hostile" + word;
        post("/v1/gradient", "{\"expression\": \"%s = x + %s\", \"inputs\": {\"x\": 3}}".formatted(name, word));
        post("/v1/" + name + "?" + name + "=1", "{}", "Content-Type", "application/json", "Request-Id", name, "User-Agent", name, "Accept",
                "text/" + name, "Origin", "https://" + name, "Prefer", name);
        get("/v1/ops/" + name);
        get("/problems/" + name);
        get("/actuator/metrics/" + name);
        send(name.toUpperCase(Locale.ROOT), "/v1/gradient", BodyPublishers.noBody());
    }

    private long series() {
        Predicate<String> isOurs = Pattern.compile("^(http_server|chainrule|cache)_").asPredicate();
        return lines().stream().filter(isOurs).map(line -> line.substring(0, line.lastIndexOf(' '))).distinct().count();
    }
}
