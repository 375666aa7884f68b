package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The disk is full while a file comes: 8 MiB in memory, where this machine lets one be mounted. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.uploads.keep-free=0", "chainrule.datasets.keep-replaced=0s"})
class FullDiskTest extends HttpTest {
    private static final String PATH = "/v1/datasets/trips";
    private static final byte[] LARGE = ("x\n" + "1\n".repeat(10 << 20)).getBytes(StandardCharsets.UTF_8);

    @RegisterExtension
    private static final SmallDisk DISK = new SmallDisk("full-", "data/uploads");

    @Autowired
    private Budget budget;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        properties.add("chainrule.data-directory", DISK.folder().resolve("data")::toString);
    }

    private HttpResponse<String> put(BodyPublisher body) {
        return send("PUT", PATH, body, "Content-Type", "text/csv");
    }

    private static long size() throws IOException {
        return Files.getFileStore(DISK.path()).getTotalSpace();
    }

    private void assertIsRefused(HttpResponse<String> refused) throws IOException {
        assertThat(size()).isEqualTo(8 << 20);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(json(refused).path("detail").asString()).contains("the disk of the service has no room", "chainrule.data-directory");
        assertThat(get(PATH).statusCode()).isEqualTo(404);
        try (Stream<Path> files = Files.walk(DISK.path())) {
            assertThat(files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))).isEmpty();
        }
        assertNothingIsReserved(budget);
    }

    /** It is told before the file is sent, if its length is. */
    @Test
    void aFileThatHasNoRoomIsRefused() throws IOException {
        assertIsRefused(put(BodyPublishers.ofByteArray(LARGE)));
    }

    @Test
    void whatCameOfAFileIsGoneWhenTheDiskIsFull() throws IOException {
        // Without a length, which nobody can look at before.
        assertIsRefused(put(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE))));
        assertThat(put(BodyPublishers.ofString("x\n1\n")).statusCode()).isEqualTo(201);
        assertThat(send("DELETE", PATH, BodyPublishers.noBody()).statusCode()).isEqualTo(204);
    }
}
