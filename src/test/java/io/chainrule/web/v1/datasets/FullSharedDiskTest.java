package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
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

    @Autowired
    private DatasetService datasets;

    private HttpResponse<String> put(BodyPublisher body) {
        return send("PUT", PATH, body, "Content-Type", "text/csv");
    }

    /** A map waits where others fill the disk, and ends where its own results do. */
    @Test
    void whoHasFilledTheDiskIsKnown() throws IOException {
        Path file = DISK.path().resolve("of-somebody");
        DatasetDraft draft = datasets.draft("of-a-test");
        draft.open();
        draft.checkRoom(0, 0, 0);
        Files.write(file, new byte[6_000_000]);
        for (DatasetDraft attempt : List.of(draft, datasets.draft("of-a-test"))) {
            assertThatThrownBy(() -> attempt.checkRoom(0, 1_000_000, 2_000_000)).isInstanceOf(OverloadedException.class);
            assertThatThrownBy(() -> attempt.checkRoom(0, 6_000_000, 0)).isInstanceOf(StorageQuotaException.class);
            assertThatThrownBy(() -> attempt.checkRoom(0, 1_000_000, 6_000_000)).as("what it takes in the end")
                    .isInstanceOf(StorageQuotaException.class);
        }
        // It waits on if there has been a little room meanwhile.
        Files.write(file, new byte[3_500_000]);
        DatasetDraft later = datasets.draft("of-a-test");
        later.checkRoom(0, 0, 0);
        Files.write(file, new byte[6_000_000]);
        assertThatThrownBy(() -> later.checkRoom(0, 2_000_000, 2_000_000)).isInstanceOf(OverloadedException.class);
        Files.delete(file);
        later.checkRoom(0, 1_000_000, 2_000_000);
        draft.remove();
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
