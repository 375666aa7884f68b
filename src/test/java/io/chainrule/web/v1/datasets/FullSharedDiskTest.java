package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Data sets are kept on a disk of their own, which has 8 MiB, where this machine lets one be mounted. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.uploads.keep-free=4000000")
class FullSharedDiskTest extends HttpTest {
    private static final String PATH = "/v1/datasets/trips";
    private static final byte[] LARGE = ("x\n" + "1\n".repeat(3_000_000)).getBytes(StandardCharsets.UTF_8);

    @RegisterExtension
    private static final SmallDisk DISK = new SmallDisk("full-shared-", "shared");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        properties.add("chainrule.data-directory", DISK.folder().resolve("data")::toString);
        properties.add("chainrule.datasets.directory", DISK.path()::toString);
    }

    private HttpResponse<String> put(BodyPublisher body) {
        return send("PUT", PATH, body, "Content-Type", "text/csv");
    }

    @Test
    void itKeepsAsMuchFreeAsTheDataDirectory() {
        for (BodyPublisher body : List.of(BodyPublishers.ofByteArray(LARGE),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE)))) {
            HttpResponse<String> refused = put(body);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(json(refused).path("detail").asString()).contains("chainrule.datasets.directory", "chainrule.uploads.keep-free");
            assertThat(DISK.path()).as("what is kept, and what was copied by half").isEmptyDirectory();
        }
        assertThat(put(BodyPublishers.ofString("x\n1\n")).statusCode()).isEqualTo(201);
    }
}
