package io.chainrule.web.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A disk that has less than is to stay free takes no files; all else goes on. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.uploads.keep-free=4000000000000000000")
class KeptFreeTest extends HttpTest {
    private static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "kept-free-").toAbsolutePath();
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
    }

    @Test
    void filesAreNotTaken() throws IOException {
        HttpResponse<String> refused = send("PUT", "/v1/datasets/trips", BodyPublishers.ofString("x\n1\n"), "Content-Type", "text/csv");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(json(refused).path("detail").asString()).contains("chainrule.uploads.keep-free");
        assertThat(get("/v1/datasets/trips").statusCode()).isEqualTo(404);
        try (Stream<Path> files = Files.walk(folder.resolve("data/uploads"))) {
            assertThat(files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))).isEmpty();
        }
        assertThat(post("/v1/evaluate", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}").statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/v1/models/square", BodyPublishers.ofString("{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}"),
                "Content-Type", "application/json").statusCode()).isEqualTo(201);
    }
}
