package io.chainrule.process;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A data set that is larger than all of the service's memory comes in, and is worked on. */
@Timeout(600)
class RowsBeyondMemoryIT {
    /** The service has 512 MB. */
    private static final int ROWS = 600_000;
    private static final int ROWS_A_PIECE = 1_000;

    @TempDir
    private Path temporary;

    private static JsonNode json(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return JsonMapper.shared().readTree(response.body());
    }

    /** Rows with 0, 1, 2, … as x, and a kilobyte that no program reads. */
    private static byte[] piece(int first) {
        StringBuilder rows = new StringBuilder();
        IntStream.range(first, first + ROWS_A_PIECE).forEach(i -> rows.append(i).append(',').repeat('a', 1_000).append('\n'));
        return rows.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void comeInAndAreReduced() throws Exception {
        try (RunningService service = new RunningService(
                Application.command("--chainrule.data-directory=" + temporary.resolve("data"), "--chainrule.warm-up=false"), temporary,
                Map.of(), temporary.resolve("service.log"))) {
            service.awaitReady();
            Iterable<byte[]> pieces = () -> Stream.concat(Stream.of("x,note\n".getBytes(StandardCharsets.US_ASCII)),
                    IntStream.range(0, ROWS / ROWS_A_PIECE).mapToObj(i -> piece(i * ROWS_A_PIECE))).iterator();
            JsonNode stored = json(service.putAs("text/csv", "/v1/datasets/long", BodyPublishers.ofByteArrays(pieces)), 201);
            assertThat(stored.path("rows").asInt()).isEqualTo(ROWS);
            assertThat(stored.path("bytes").asLong()).isGreaterThan(600_000_000);
            String job = "/v1/jobs/" + json(service.post("/v1/jobs", """
                    {"kind": "reduce", "request": {"dataset": "long", "expression": "x", "derivatives": "none"}}"""), 202)
                    .path("id").asString();
            await().atMost(Duration.ofMinutes(3)).until(() -> json(service.get(job), 200).has("ended_at"));
            JsonNode result = json(service.get(job + "/result"), 200);
            assertThat(result.at("/value/sum").asDouble()).isEqualTo(ROWS / 2.0 * (ROWS - 1));
        }
    }
}
