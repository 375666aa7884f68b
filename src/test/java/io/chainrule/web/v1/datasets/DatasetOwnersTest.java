package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.security.SecuredTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Data sets belong to their owners, who have quotas of them. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.datasets.count=3", "chainrule.datasets.bytes=100000", "chainrule.uploads.at-once=64",
        "chainrule.security.key-cache=1s", "chainrule.http.minimum-rate=1", "chainrule.http.body-time=10s"})
class DatasetOwnersTest extends SecuredTest {
    private static final String PATH = "/v1/datasets/trips";
    private static final String CSV = "x\n1\n2\n";

    @DynamicPropertySource
    static void shared(DynamicPropertyRegistry properties) {
        properties.add("chainrule.datasets.directory", folder.resolve("shared")::toString);
        properties.add("chainrule.datasets.roots", () -> "s3a://bucket/open,file:" + folder.resolve("opened").toAbsolutePath());
    }

    private String key(String owner) throws IOException {
        return newKey("{\"owner\": \"" + owner + "\", \"scopes\": [\"compute\", \"datasets:write\"]}");
    }

    private HttpResponse<String> put(String key, String path, String csv) {
        return send("PUT", path, BodyPublishers.ofString(csv), "Content-Type", "text/csv", "Authorization", "Bearer " + key);
    }

    private static String rows(int count) {
        return "x\n" + "1\n".repeat(count);
    }

    @Test
    void datasetsOfOthersAreAsIfTheyWereNotThere() throws IOException {
        String ana = key("ana");
        String bob = key("bob");
        assertThat(put(ana, PATH, CSV).statusCode()).isEqualTo(201);
        assertThat(with(key("ana"), "GET", PATH, "").statusCode()).isEqualTo(200);
        assertThat(errors(with(bob, "GET", PATH, ""))).containsExactly("not-found -");
        assertThat(json(with(bob, "GET", "/v1/datasets", "")).path("datasets").size()).isZero();
        assertThat(with(bob, "DELETE", PATH, "").statusCode()).isEqualTo(404);
        // The same file under the same name is another data set.
        assertThat(put(bob, PATH, CSV).statusCode()).isEqualTo(201);
        assertThat(with(bob, "DELETE", PATH, "").statusCode()).isEqualTo(204);
        assertThat(json(with(ana, "GET", PATH, "")).path("rows").asInt()).isEqualTo(2);
    }

    @Test
    void anOwnerStoresNoMoreThanItsQuotas() throws IOException {
        String cho = key("cho");
        for (int i = 0; i < 3; i++) {
            assertThat(put(cho, PATH + i, CSV).statusCode()).isEqualTo(201);
        }
        HttpResponse<String> fourth = put(cho, PATH, CSV);
        assertThat(fourth.statusCode()).isEqualTo(422);
        assertThat(json(fourth).at("/errors/0/expected").asString()).isEqualTo("at most 3 (chainrule.datasets.count)");
        // What was deleted counts until it is removed.
        assertThat(with(cho, "DELETE", PATH + 0, "").statusCode()).isEqualTo(204);
        assertThat(put(cho, PATH, CSV).statusCode()).isEqualTo(422);

        String dan = key("dan");
        HttpResponse<String> large = put(dan, PATH, rows(60_000));
        assertThat(large.statusCode()).isEqualTo(422);
        assertThat(json(large).at("/errors/0/expected").asString()).isEqualTo("at most 100000 (chainrule.datasets.bytes)");
        assertThat(with(dan, "GET", PATH, "").statusCode()).isEqualTo(404);
    }

    /** A client that got no answer sends the same again, which takes nothing more. */
    @Test
    void theSameIsStoredAgainWhereQuotasAreFull() throws Exception {
        String jon = key("jon");
        byte[] large = rows(40_000).getBytes(StandardCharsets.UTF_8);
        String digest = "sha-256=:" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(large)) + ":";
        String location = "{\"location\": \"s3a://bucket/open/%s\", \"format\": \"csv\"}";
        assertThat(put(jon, PATH, rows(40_000)).statusCode()).isEqualTo(201);
        assertThat(put(jon, PATH, rows(40_000)).statusCode()).as("80 of 100 kB").isEqualTo(200);
        assertThat(with(jon, "PUT", PATH + 1, location.formatted("a")).statusCode()).isEqualTo(201);
        assertThat(put(jon, PATH + 2, CSV).statusCode()).isEqualTo(201);
        assertThat(put(jon, PATH + 2, CSV).statusCode()).isEqualTo(200);
        assertThat(with(jon, "PUT", PATH + 1, location.formatted("a")).statusCode()).isEqualTo(200);
        for (BodyPublisher body : List.of(BodyPublishers.ofByteArray(large),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))) {
            HttpResponse<String> again = send("PUT", PATH, body, "Content-Type", "text/csv", "Content-Digest", digest, "Authorization",
                    "Bearer " + jon);
            assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        }
        // Of the same length, and yet another file.
        assertThat(put(jon, PATH + 2, CSV.replace('2', '3')).statusCode()).isEqualTo(422);
        assertThat(with(jon, "PUT", PATH + 1, location.formatted("b")).statusCode()).isEqualTo(422);
        assertThat(with(jon, "GET", PATH + 1, "").body()).contains("s3a://bucket/open/a");
    }

    /** The service keeps nothing of it. */
    @Test
    void filesAtALocationTakeNoRoom() throws IOException {
        Path file = Files.writeString(Files.createDirectories(folder.resolve("opened").toAbsolutePath()).resolve("long.csv"),
                rows(100_000));
        String lea = key("lea");
        String location = "{\"location\": \"file:" + file + "\", \"format\": \"csv\"}";
        HttpResponse<String> named = with(lea, "PUT", PATH, location);
        assertThat(named.statusCode()).as(named.body()).isEqualTo(201);
        assertThat(put(lea, PATH + 1, CSV).statusCode()).isEqualTo(201);
    }

    /** Those that come beside others may be told to come again. */
    private HttpResponse<String> putBesideOthers(String key, String path, String csv) {
        HttpResponse<String> answer = put(key, path, csv);
        for (int i = 0; i < 1_000 && answer.statusCode() == 503; i++) {
            answer = put(key, path, csv);
        }
        return answer;
    }

    /** All are small enough when they come, and three are too many together. */
    @ParameterizedTest
    @ValueSource(strings = {"eva", "fay", "gus", "hal"})
    void thoseWhoStoreAtOnceHaveOneQuota(String owner) throws Exception {
        String key = key(owner);
        List<Integer> found = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(12)) {
            List<Future<HttpResponse<String>>> all = IntStream.range(0, 12)
                    .mapToObj(i -> clients.submit(() -> putBesideOthers(key, PATH + i, rows(20_000 + i)))).toList();
            for (Future<HttpResponse<String>> each : all) {
                found.add(each.get().statusCode());
            }
        }
        assertThat(found).isSubsetOf(201, 422);
        assertThat(found.stream().filter(status -> status == 201)).hasSize(2);
        long bytes = 0;
        for (JsonNode dataset : json(with(key, "GET", "/v1/datasets", "")).path("datasets")) {
            bytes += dataset.path("bytes").asLong();
        }
        assertThat(bytes).isBetween(80_000L, 100_000L);
    }

    @Test
    void whoMayReadMayNotStore() throws IOException {
        String reader = newKey("{\"owner\": \"ida\", \"scopes\": [\"datasets:read\"]}");
        assertThat(put(reader, PATH, CSV).statusCode()).isEqualTo(403);
        assertThat(with(reader, "GET", "/v1/datasets", "").statusCode()).isEqualTo(200);
    }

    /** Rows that come one after the other, up to so many. When the first has come, something is done. */
    private static final class Rows extends InputStream {
        private final int most;
        private final Runnable afterFirst;
        private int sent;

        Rows(int most, Runnable afterFirst) {
            this.most = most;
            this.afterFirst = afterFirst;
        }

        @Override
        public int read() {
            throw new IllegalStateException("rows are read as a whole");
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            if (sent == 1) {
                afterFirst.run();
            }
            if (sent == most) {
                return -1;
            }
            LockSupport.parkNanos(20_000_000);
            byte[] row = sent++ == 0 ? "x\n1\n".getBytes(StandardCharsets.UTF_8) : "1\n".getBytes(StandardCharsets.UTF_8);
            System.arraycopy(row, 0, bytes, from, row.length);
            return row.length;
        }
    }

    /**
     * A file may come for days. It is refused while it comes, and at the latest before it is stored. None is too slow here; what comes
     * after the refusal is taken for as long as a body may take.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 2_000})
    void nothingIsStoredByARevokedKey(int count) throws IOException {
        JsonNode made = json(with(firstKey(), "POST", "/v1/keys", "{\"owner\": \"fay\", \"scopes\": [\"datasets:write\"]}"));
        String admin = firstKey();
        Rows rows = new Rows(count,
                () -> assertThat(with(admin, "DELETE", "/v1/keys/" + made.path("id").asString(), "").statusCode()).isEqualTo(204));
        try {
            HttpResponse<String> refused = send("PUT", PATH, BodyPublishers.ofInputStream(() -> rows), "Content-Type", "text/csv",
                    "Authorization", "Bearer " + made.path("key").asString());
            assertThat(errors(refused)).containsExactly("unauthenticated -");
            assertThat(refused.headers().firstValue("WWW-Authenticate"))
                    .hasValueSatisfying(told -> assertThat(told).contains("invalid_token"));
        } catch (IllegalStateException e) {
            assertThat(count).as("the connection ends before the body, which this client tells: " + e).isGreaterThan(2);
        }
        assertThat(rows.sent).isLessThanOrEqualTo(1_000);
        assertThat(with(key("fay"), "GET", PATH, "").statusCode()).isEqualTo(404);
    }
}
