package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.StoreProperties;
import io.chainrule.service.store.TemporaryFiles;
import io.chainrule.service.store.UploadProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;

/** Files that come count, for their owners' quotas and for the places, until they are stored or removed. */
class UploadQuotasTest {
    private static final int LEFT = 10_000_000;

    /** Owners have the same left of their quotas all the time. */
    private final UploadRoute route = new UploadRoute("/files/", Set.of(MediaType.TEXT_PLAIN), 100_000_000, "limit",
            (_, _, file) -> StorageQuotaException.check("quota", "bytes", file.ofOwner(), LEFT, StorageQuotaException.DELETE));
    @TempDir
    private Path folder;
    private Uploads uploads = uploads(Path.of("target"), 4);

    private static Uploads uploads(Path folder, int atOnce) {
        return new Uploads(new StaticListableBeanFactory().getBeanProvider(UploadRoute.class),
                new TemporaryFiles(new StoreProperties(folder)), new HttpProperties(Duration.ofSeconds(9), Duration.ofSeconds(9),
                        Duration.ofSeconds(9), 1, Duration.ofSeconds(9), 0),
                new UploadProperties(atOnce, 0));
    }

    @BeforeEach
    void begin() {
        uploads = uploads(folder, 4);
    }

    private static MockHttpServletRequest request(String owner, int length, boolean isTold) {
        MockHttpServletRequest request = new MockHttpServletRequest("PUT", "/files/a") {
            @Override
            public long getContentLengthLong() {
                return isTold ? length : -1;
            }
        };
        request.setServletPath("/files/a");
        request.setContent(new byte[length]);
        ClientName.setOwner(request, owner);
        ClientName.set(request, owner);
        return request;
    }

    private Upload received(MockHttpServletRequest request) throws IOException {
        return uploads.receive(request, route, null);
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock")).count();
        }
    }

    @Test
    void aBodyWithoutALengthEndsWhereTheQuotaDoes() throws IOException {
        MockHttpServletRequest endless = request("ana", 40_000_000, false);
        assertThatThrownBy(() -> received(endless)).isInstanceOf(StorageQuotaException.class);
        assertThat(endless.getInputStream().available()).as("what was not read").isGreaterThan(20_000_000);
        assertThat(files()).isZero();
    }

    @Test
    void filesOfAnOwnerThatComeAtOnceShareItsQuota() throws IOException {
        for (boolean isTold : new boolean[]{true, false}) {
            try (Upload first = received(request("ana", 6_000_000, isTold))) {
                assertThat(first.length()).isEqualTo(6_000_000);
                MockHttpServletRequest second = request("ana", 6_000_000, true);
                assertThatThrownBy(() -> received(second)).isInstanceOf(StorageQuotaException.class);
                assertThat(second.getInputStream().available()).as("what was not read").isEqualTo(6_000_000);
                assertThatThrownBy(() -> received(request("ana", 6_000_000, false))).isInstanceOf(StorageQuotaException.class);
                received(request("bob", 6_000_000, isTold)).close();
            }
            received(request("ana", 6_000_000, isTold)).close();
        }
        assertThat(files()).isZero();
    }

    @Test
    void aFileThatWaitsToBeStoredKeepsItsPlace() throws IOException {
        uploads = uploads(folder, 1);
        Upload first = received(request("ana", 1, true));
        assertThatThrownBy(() -> received(request("bob", 1, true))).isInstanceOf(OverloadedException.class);
        first.close();
        Upload second = received(request("bob", 1, true));
        first.close();
        assertThatThrownBy(() -> received(request("ana", 1, true))).as("nothing is given back twice")
                .isInstanceOf(OverloadedException.class);
        second.close();
        received(request("ana", 1, true)).close();
    }
}
