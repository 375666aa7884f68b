package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A data set whose rows take longer to read than they may is refused, and nothing of it is left. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.datasets.check-time=1ms", "chainrule.limits.time=1m"})
class CheckTimeTest extends HttpTest {
    private static final String PATH = "/v1/datasets/long";
    private static final String ROWS = "x\n" + "1\n".repeat(4_000_000);

    private static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "check-time-");
        properties.add("chainrule.datasets.roots", () -> "file:" + folder.resolve("open"));
    }

    @Test
    void aFileThatTakesLongIsRefused() throws IOException {
        Path place = Files.writeString(Files.createDirectories(folder.resolve("open")).resolve("long.csv"), ROWS);
        for (HttpResponse<String> refused : List.of(send("PUT", PATH, BodyPublishers.ofString(ROWS), "Content-Type", "text/csv"),
                send("PUT", PATH, BodyPublishers.ofString("{\"location\": \"file:" + place + "\", \"format\": \"csv\"}"), "Content-Type",
                        "application/json"))) {
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(504);
            assertThat(errors(refused)).containsExactly("deadline-exceeded -");
            assertThat(json(refused).at("/errors/0/message").asString()).startsWith("the computation was not done within");
        }
        assertThat(get(PATH).statusCode()).isEqualTo(404);
        for (String kept : List.of("datasets", "uploads")) {
            try (Stream<Path> files = Files.walk(Files.createDirectories(folder.resolve("data").resolve(kept)))) {
                assertThat(files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))).as(kept).isEmpty();
            }
        }
        assertThat(place).hasContent(ROWS);
    }
}
