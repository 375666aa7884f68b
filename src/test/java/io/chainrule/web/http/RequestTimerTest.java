package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The meter of requests, as operators read it. */
class RequestTimerTest extends HttpTest {
    private static final String METER = "/actuator/metrics/http.server.requests";

    /** Requests of all tags that were timed so far. */
    private int count(String... tags) {
        String query = String.join("&", Stream.of(tags).map(tag -> "tag=" + tag).toList());
        JsonNode meter = json(get(METER + "?" + query));
        return StreamSupport.stream(meter.path("measurements").spliterator(), false)
                .filter(measurement -> measurement.path("statistic").asString().equals("COUNT"))
                .mapToInt(measurement -> measurement.path("value").asInt()).sum();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /v1/gradient | x | /v1/gradient | 200 | SUCCESS      | none
            POST | /v1/gradient | ( | /v1/gradient | 422 | CLIENT_ERROR | RequestException
            POST | /v1/nothing  | x | /**          | 404 | CLIENT_ERROR | NoResourceFoundException
            BREW | /v1/evaluate | x | UNKNOWN      | 405 | CLIENT_ERROR | HttpRequestMethodNotSupportedException
            """)
    void countsRequestsByWhatBecameOfThem(String method, String path, String expression, String uri, String status, String outcome,
            String exception) {
        String[] tags = {"method:" + (method.equals("BREW") ? "UNKNOWN" : method), "uri:" + uri, "status:" + status, "outcome:" + outcome,
                "exception:" + exception, "error:" + exception};
        int before = count(tags);
        send(method, path, BodyPublishers.ofString(
                "{\"expression\": \"" + expression + "\", \"inputs\": {\"x\": 1}}"), "Content-Type", "application/json");
        // An answer may be sent before its request is timed.
        await().untilAsserted(() -> assertThat(count(tags)).isEqualTo(before + 1));
    }

    @Test
    void measuresTime() {
        post("/v1/evaluate", "{\"expression\": \"x\", \"inputs\": {\"x\": 1}}");
        await().until(() -> count("uri:/v1/evaluate") > 0);
        JsonNode meter = json(get(METER + "?tag=uri:/v1/evaluate"));
        assertThat(meter.path("baseUnit").asString()).isEqualTo("seconds");
        assertThat(meter.at("/measurements/1/statistic").asString()).isEqualTo("TOTAL_TIME");
        assertThat(meter.at("/measurements/1/value").asDouble()).isPositive().isLessThan(60);
    }
}
