package io.chainrule.web.v1.datasets;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.web.v1.jobs.JobsHttpTest;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A disk that has less than is to stay free takes no files, and maps wait; all else goes on. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.uploads.keep-free=4000000000000000000")
class KeptFreeTest extends JobsHttpTest {
    @Autowired
    private MeterRegistry meters;

    private static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "kept-free-");
        properties.add("chainrule.datasets.roots", () -> "file:" + folder.resolve("files"));
    }

    @Test
    void filesAreNotTaken() throws IOException {
        HttpResponse<String> refused = send("PUT", "/v1/datasets/trips", BodyPublishers.ofString("x\n1\n"), "Content-Type", "text/csv");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(json(refused).path("detail").asString()).contains("chainrule.uploads.keep-free");
        assertThat(get("/v1/datasets/trips").statusCode()).isEqualTo(404);
        // The service makes this folder for the first file that it takes.
        try (Stream<Path> files = Files.walk(Files.createDirectories(folder.resolve("data/uploads")))) {
            assertThat(files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))).isEmpty();
        }
        assertThat(post("/v1/evaluate", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}").statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/v1/models/square", BodyPublishers.ofString("{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}"),
                "Content-Type", "application/json").statusCode()).isEqualTo(201);
    }

    private double attemptsEnded(String by) {
        FunctionCounter counter = meters.find("chainrule.jobs.attempts.ended").tag("kind", "map").tag("by", by).functionCounter();
        return counter == null ? 0 : counter.count();
    }

    /** Other owners may have filled the disk, and may remove what fills it. */
    @Test
    void aMapWaits() throws IOException {
        Path file = Files.createDirectories(folder.resolve("files")).resolve("few.csv");
        Files.writeString(file, "a\n1\n2\n");
        HttpResponse<String> named = send("PUT", "/v1/datasets/few",
                BodyPublishers.ofString("{\"location\": \"file:" + file + "\", \"format\": \"csv\"}"), "Content-Type", "application/json");
        assertThat(named.statusCode()).as(named.body()).isEqualTo(201);
        String map = accepted("map", "{\"dataset\": \"few\", \"expression\": \"a^2\", \"save_as\": \"squares\"}");
        await().until(() -> attemptsEnded("busy") + attemptsEnded("failed") > 0);
        // The end of an attempt is counted before it is stored.
        await().untilAsserted(() -> assertThat(job(map).path("status").asString()).as(job(map).toString()).isEqualTo("queued"));
        send("DELETE", "/v1/jobs/" + map, BodyPublishers.noBody());
    }
}
