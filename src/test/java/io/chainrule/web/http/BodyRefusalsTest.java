package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Bodies that are refused while they are read, wherever in them that happens. */
@DirtiesContext
@TestPropertySource(
        properties = {"chainrule.limits.body-bytes=100000", "chainrule.limits.shared-bytes=20000000", "chainrule.limits.memory-wait=0ms"})
class BodyRefusalsTest extends HttpTest {
    /** Bodies that go on for many bytes, by what stands there. */
    private static final Map<String, IntFunction<String>> BODIES = Map.of(
            "an array", n -> "{\"expression\": \"f = x\", \"inputs\": {\"x\": [" + "1,".repeat(n / 2) + "1]}}",
            "a nested array", n -> "{\"inputs\": {\"x\": [[" + "1,".repeat(n / 2) + "1]]}}",
            "an array object", n -> "{\"inputs\": {\"x\": {\"shape\": [1], \"data\": {\"encoding\": \"base64\", \"buffer\": \""
                    + "A".repeat(n) + "\"}}}}",
            "a text", n -> "{\"expression\": \"" + "x".repeat(n) + "\"}",
            "names", n -> "{\"inputs\": {" + IntStream.range(0, n / 10).mapToObj(i -> "\"" + (100_000 + i) + "\":1")
                    .collect(Collectors.joining(",")) + "}}",
            "a list of names", n -> "{\"wrt\": [" + "\"x\",".repeat(n / 4) + "\"x\"]}",
            "a node", n -> "{\"graph\": {\"nodes\": [{\"id\": \"x\", \"op\": \"input\", \"inputs\": [" + "1,".repeat(n / 2) + "1]}]}}",
            "an unknown field", n -> "{\"nothing\": [" + "1,".repeat(n / 2) + "1]}",
            "white space", n -> "{\"expression\": " + " ".repeat(n) + "\"x\"}",
            "the end", n -> "{\"expression\": \"x\"}" + " ".repeat(n));

    @Autowired
    private Budget budget;

    static Stream<Arguments> endpointsAndBodies() {
        return endpoints().flatMap(endpoint -> BODIES.keySet().stream().map(body -> Arguments.of(endpoint, body)));
    }

    @ParameterizedTest
    @MethodSource("endpointsAndBodies")
    void aBodyThatIsTooLongIsAnswered413(String endpoint, String body) {
        String text = body(body, 110_000);
        for (BodyPublisher publisher : List.of(BodyPublishers.ofString(text), chunked(text))) {
            HttpResponse<String> response = post("/v1/" + endpoint, publisher);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
            assertThat(errors(response)).containsExactly("body-too-large -");
        }
        assertNothingIsReserved(budget);
    }

    @ParameterizedTest
    @MethodSource("endpointsAndBodies")
    void aBodyWithoutRoomForItNowIsAnswered503(String endpoint, String body) {
        String text = body(body, 90_000);
        try (var _ = budget.reserve(budget.total() - 10_000L * Limits.MEMORY_PER_BYTE_OF_BODY)) {
            for (BodyPublisher publisher : List.of(BodyPublishers.ofString(text), chunked(text))) {
                HttpResponse<String> response = post("/v1/" + endpoint, publisher);
                assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
                assertThat(errors(response)).containsExactly("overloaded -");
                assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
            }
        }
        assertNothingIsReserved(budget);
    }

    private static String body(String kind, int length) {
        return Objects.requireNonNull(BODIES.get(kind)).apply(length);
    }

    private static BodyPublisher chunked(String body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
}
