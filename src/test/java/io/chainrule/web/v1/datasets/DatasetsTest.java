package io.chainrule.web.v1.datasets;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.chainrule.TestFolder;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.datasets.Dataset;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Data sets that are stored, named and shown, with the embedded database. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.datasets.upload-bytes=50000000", "chainrule.datasets.keep-replaced=0s"})
class DatasetsTest extends HttpTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String CSV = "x,label,y\n0.5,\"a, b\",1\n-1.25,c,\n,d,2\n";

    /** Of the service that was started last. */
    static Path folder = Path.of("target");

    final String name = "data_" + NAMES.incrementAndGet();

    @Autowired
    private Budget budget;
    @Autowired
    private DatasetService service;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        folder = TestFolder.add(properties, "datasets-");
        Files.createDirectories(folder.resolve("allowed"));
        properties.add("chainrule.datasets.roots", () -> "file:" + folder.resolve("allowed") + ", s3a://bucket/open/");
        properties.add("chainrule.datasets.directory", folder.resolve("shared")::toString);
    }

    private HttpResponse<String> put(String type, BodyPublisher body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", type));
        all.addAll(List.of(headers));
        return send("PUT", "/v1/datasets/" + name, body, all.toArray(String[]::new));
    }

    private HttpResponse<String> put(String csv, String... headers) {
        return put("text/csv", BodyPublishers.ofString(csv), headers);
    }

    private HttpResponse<String> register(String location, String format) {
        return put("application/json", BodyPublishers.ofString(
                JSON.createObjectNode().put("location", location).put("format", format).toString()));
    }

    private JsonNode stored(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return json(response);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static List<Path> files(String of) throws IOException {
        if (!Files.isDirectory(folder.resolve(of))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder.resolve(of))) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock") && !isLibrary(file)).toList();
        }
    }

    /** Libraries that unpack Parquet keep their native code until the service ends. */
    private static boolean isLibrary(Path file) {
        return file.getFileName().toString().matches("(snappy|libzstd).*");
    }

    /** Nothing of a body is left, whether it was taken or refused. */
    private static void assertNothingIsLeft() {
        await().untilAsserted(() -> {
            assertThat(files("data/uploads")).isEmpty();
            assertThat(files("shared")).noneMatch(file -> file.toString().endsWith(".part"));
        });
    }

    @Test
    void aDatasetIsStoredAndShown() throws Exception {
        HttpResponse<String> response = put(CSV);
        JsonNode dataset = stored(response);
        assertThat(response.headers().firstValue("Location").orElseThrow()).endsWith("/v1/datasets/" + name);
        assertThat(dataset.path("name").asString()).isEqualTo(name);
        assertThat(dataset.path("format").asString()).isEqualTo("csv");
        assertThat(dataset.path("rows").asInt()).isEqualTo(3);
        assertThat(dataset.path("bytes").asInt()).isEqualTo(CSV.length());
        assertThat(dataset.path("sha256").asString()).isEqualTo(sha256(CSV.getBytes(StandardCharsets.UTF_8)));
        assertThat(dataset.path("columns").toString()).isEqualTo("""
                [{"name":"x","type":"number","missing":1,"malformed":0},{"name":"label","type":"text","missing":0,"malformed":0},\
                {"name":"y","type":"number","missing":1,"malformed":0}]""");
        HttpResponse<String> shown = get("/v1/datasets/" + name);
        assertThat(json(shown)).isEqualTo(dataset);
        String tag = response.headers().firstValue("ETag").orElseThrow();
        assertThat(List.of(shown, put(CSV))).allSatisfy(answer -> assertThat(answer.headers().firstValue("ETag")).contains(tag));
        assertThat(get("/v1/datasets/" + name, "If-None-Match", tag).statusCode()).isEqualTo(304);
        put("application/x-ndjson", BodyPublishers.ofString("{\"x\": 1}\n"));
        put("text/csv", BodyPublishers.ofString("{\"x\": 1}\n"));
        assertThat(get("/v1/datasets/" + name, "If-None-Match", tag).statusCode()).as("other rows").isEqualTo(200);
        assertThat(put(CSV, "If-Match", get("/v1/datasets/" + name).headers().firstValue("ETag").orElseThrow()).statusCode())
                .isEqualTo(201);
        assertNothingIsLeft();
        assertNothingIsReserved(budget);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            application/x-ndjson           | {"x": 1, "y": [1, 2]} | jsonl | 1
            application/jsonl              | {"x": 1, "y": [1, 2]} | jsonl | 1
            text/csv; charset=utf-8        | x,y                   | csv   | 0
            text/csv; header=present       | x                     | csv   | 0
            """)
    void otherTypesSayTheFormat(String type, String body, String format, int rows) {
        JsonNode dataset = stored(put(type, BodyPublishers.ofString(body)));
        assertThat(dataset.path("format").asString()).isEqualTo(format);
        assertThat(dataset.path("rows").asInt()).isEqualTo(rows);
    }

    /** {@code table.npy} was written by NumPy. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            application/vnd.apache.parquet | snappy.parquet | parquet | 100 | 7 | "name":"grid","type":"array","shape":[2,3]
            application/octet-stream       | snappy.parquet | parquet | 100 | 7 | "name":"grid","type":"array","shape":[2,3]
            application/x-npy              | table.npy      | npy     | 3   | 0 | "name":"value","type":"array","shape":[2]
            application/octet-stream       | table.npy      | npy     | 3   | 0 | "name":"value","type":"array","shape":[2]
            """)
    void aFileOfParquetOrNumpyIsKnownByItsTypeOrItsBeginning(String type, String file, String format, int rows, int column,
            String described) throws IOException {
        JsonNode dataset = stored(put(type, BodyPublishers.ofFile(Path.of("src/test/resources/datasets", file))));
        assertThat(dataset.path("format").asString()).isEqualTo(format);
        assertThat(dataset.path("rows").asInt()).isEqualTo(rows);
        assertThat(dataset.path("columns").path(column).toString()).isEqualTo("{" + described + ",\"missing\":0,\"malformed\":0}");
    }

    @Test
    void theSameFileIsTheSameDataset() throws IOException {
        JsonNode first = stored(put(CSV));
        HttpResponse<String> again = put(CSV);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again)).isEqualTo(first);
        assertThat(stored(put(CSV + "1,e,1\n")).path("rows").asInt()).isEqualTo(4);
        assertThat(json(get("/v1/datasets/" + name)).path("rows").asInt()).isEqualTo(4);
        assertThat(put(CSV).statusCode()).isEqualTo(201);
    }

    @Test
    void aDatasetIsDeletedWithItsFile() throws Exception {
        String csv = "only_in_" + name + "\n1\n";
        stored(put(csv));
        Path file = folder.resolve("shared").resolve(sha256(csv.getBytes(StandardCharsets.UTF_8)));
        assertThat(file).hasContent(csv);
        assertThat(send("DELETE", "/v1/datasets/" + name, BodyPublishers.noBody()).statusCode()).isEqualTo(204);
        assertThat(get("/v1/datasets/" + name).statusCode()).isEqualTo(404);
        assertThat(send("DELETE", "/v1/datasets/" + name, BodyPublishers.noBody()).statusCode()).isEqualTo(404);
        assertThat(errors(get("/v1/datasets/Nothing"))).containsExactly("not-found -");
    }

    @Test
    void listsArePagedByName() {
        for (String each : List.of("page_c", "page_a", "page_b")) {
            send("PUT", "/v1/datasets/" + each, BodyPublishers.ofString(CSV), "Content-Type", "text/csv");
        }
        JsonNode first = json(get("/v1/datasets?prefix=page_&limit=2"));
        assertThat(first.path("datasets")).extracting(dataset -> dataset.path("name").asString()).containsExactly("page_a", "page_b");
        assertThat(first.at("/datasets/0").has("columns")).isFalse();
        JsonNode second = json(get("/v1/datasets?prefix=page_&limit=2&after=" + first.path("next").asString()));
        assertThat(second.path("datasets")).extracting(dataset -> dataset.path("name").asString()).containsExactly("page_c");
        assertThat(second.has("next")).isFalse();
        assertThat(errors(get("/v1/datasets?limit=0"))).containsExactly("invalid-value -");
        assertThat(errors(get("/v1/datasets?prefix=%25"))).containsExactly("invalid-value -");
    }

    @Test
    void whatIsWrongWithRowsIsToldByLine() throws IOException {
        HttpResponse<String> refused = put("x,y\n1,2\n3\n\"4\n\",5\n6,7,8\n");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).path("errors")).extracting(error -> error.path("line").asInt() + " " + error.path("actual").asString())
                .containsExactly("3 1", "6 3");
        assertThat(get("/v1/datasets/" + name).statusCode()).isEqualTo(404);
        assertNothingIsLeft();
        assertThat(put("").statusCode()).isEqualTo(422);
        assertThat(put("application/octet-stream", BodyPublishers.ofString("x,y\n1,2\n")).statusCode()).isEqualTo(415);
    }

    private static String digest(String body) throws Exception {
        return "sha-256=:" + Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8))) + ":";
    }

    @Test
    void aDigestIsChecked() throws Exception {
        HttpResponse<String> wrong = put(CSV, "Content-Digest", digest("other"));
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(json(wrong).path("detail").asString()).contains("Content-Digest");
        assertThat(put(CSV, "Repr-Digest", digest("other")).statusCode()).isEqualTo(400);
        assertThat(put(CSV, "Content-Digest", "sha-256=:AAAA:").statusCode()).isEqualTo(400);
        assertThat(put(CSV, "Content-Digest", "sha-256=AAAA").statusCode()).isEqualTo(400);
        assertThat(get("/v1/datasets/" + name).statusCode()).isEqualTo(404);
        assertThat(put(CSV, "Content-Digest", "sha-512=:AAAA:").statusCode()).isEqualTo(201);
        assertThat(put(CSV, "Content-Digest", "sha-512=:AAAA:, " + digest(CSV)).statusCode()).isEqualTo(200);
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text/csv; charset=utf-16   | -    | 415
            text/csv; charset=nonsense | -    | 415
            text/csv; header=absent    | -    | 415
            text/csv; header="Absent"  | -    | 415
            text/plain                 | -    | 415
            application/zip            | -    | 415
            text/csv                   | gzip | 415
            text/csv                   | br   | 415
            """)
    void whatIsNotReadIsRefused(String type, String encoding, int status) {
        HttpResponse<String> refused = encoding.equals("-")
                ? put(type, BodyPublishers.ofString(CSV))
                : put(type, BodyPublishers.ofString(CSV), "Content-Encoding", encoding);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    }

    /** What curl sends of a file unless it is told the type; a long file is not read before. */
    @ParameterizedTest
    @CsvSource({"application/x-www-form-urlencoded, 100", "text/plain, 100", "text/plain, 9000000"})
    void aFileWithoutItsTypeIsToldTheTypesThatAreRead(String type, int length) {
        HttpResponse<String> refused = put(type, BodyPublishers.ofString("x\n" + "1\n".repeat(length / 2)));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(415);
        JsonNode error = json(refused).at("/errors/0");
        assertThat(error.path("expected").asString()).startsWith("Content-Type: application/json, ").endsWith(" or text/csv");
        assertThat(error.path("actual").asString()).isEqualTo(type);
        assertThat(error.path("hint").asString()).contains("-H 'Content-Type: ").doesNotContain("expression");
    }

    @Test
    void aPartOfAFileIsNotStored() throws IOException {
        stored(put(CSV));
        HttpResponse<String> refused = put(CSV.substring(10), "Content-Range", "bytes 10-42/43");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(errors(refused)).containsExactly("bad-request -");
        assertThat(put("application/json", BodyPublishers.ofString("{}"), "Content-Range", "bytes 0-1/9").statusCode()).isEqualTo(400);
        assertThat(get("/v1/datasets/" + name + "/file").body()).isEqualTo(CSV);
        assertNothingIsLeft();
    }

    private HttpResponse<String> delete(String... headers) {
        return send("DELETE", "/v1/datasets/" + name, BodyPublishers.noBody(), headers);
    }

    private static void assertFailed(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(412);
        assertThat(errors(response)).containsExactly("precondition-failed -");
    }

    @Test
    void aDataSetIsReplacedOrDeletedOnlyAsTheClientSays() throws IOException {
        HttpResponse<String> missing = put(CSV, "If-Match", "*");
        assertFailed(missing);
        assertThat(json(missing).at("/errors/0/hint").asString()).isEqualTo("If-None-Match: * stores what is new");
        assertThat(get("/v1/datasets/" + name).statusCode()).isEqualTo(404);
        stored(put(CSV, "If-None-Match", "*"));
        String tag = get("/v1/datasets/" + name + "/file").headers().firstValue("ETag").orElseThrow();
        String other = CSV + "1,e,1\n";
        assertFailed(put(CSV, "If-None-Match", "*"));
        assertFailed(put(other, "If-None-Match", "*"));
        assertFailed(put(other, "If-None-Match", tag));
        assertFailed(put(other, "If-None-Match", "W/" + tag));
        assertFailed(put(other, "If-None-Match", "no quotes"));
        assertFailed(put(other, "If-Match", "\"other\""));
        assertFailed(put(other, "If-Match", "W/" + tag));
        assertFailed(put(other, "If-Match", tag.replace("\"", "")));
        Path there = Files.writeString(folder.resolve("allowed/" + name + ".csv"), other);
        String location = JSON.createObjectNode().put("location", "file:" + there).put("format", "csv").toString();
        assertFailed(put("application/json", BodyPublishers.ofString(location), "If-None-Match", "*"));
        assertFailed(delete("If-Match", "\"other\""));
        assertFailed(delete("If-None-Match", "*"));
        assertThat(get("/v1/datasets/" + name + "/file").body()).isEqualTo(CSV);
        assertNothingIsLeft();
        stored(put(other, "If-Match", "\"other\", " + tag, "If-None-Match", "\"other\""));
        assertFailed(put(CSV, "If-Match", tag));
        stored(put(CSV, "If-Match", "*"));
        assertThat(delete("If-Match", tag).statusCode()).isEqualTo(204);
        assertThat(delete("If-Match", tag).statusCode()).isEqualTo(404);
        stored(put("application/json", BodyPublishers.ofString(location), "If-None-Match", "*"));
        assertThat(delete("If-Match", "*").statusCode()).isEqualTo(204);
    }

    /** Of clients that store something new under one name at once, one does. */
    @Test
    void ofThoseWhoStoreWhatIsNewOneDoes() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<HttpResponse<String>>> all = IntStream.range(0, 4)
                    .mapToObj(i -> clients.submit(() -> put("x\n" + "1\n".repeat(i + 1), "If-None-Match", "*"))).toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<HttpResponse<String>> response : all) {
                statuses.add(response.get().statusCode());
            }
            assertThat(statuses).containsExactlyInAnyOrder(201, 412, 412, 412);
        }
    }

    /** PostgreSQL takes no text with the character 0. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "dataset": "a\\u0000b"                          | dataset
            "dataset": "a\\ud800"                           | dataset
            "dataset": "NAME", "validation": "a\\u0000b"    | validation
            """)
    void aNameThatNoDataSetHasIsUnknown(String fields, String field) {
        stored(put(CSV));
        HttpResponse<String> refused = job("fit", fields.replace("NAME", name));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(404);
        assertThat(errors(refused)).containsExactly("not-found /request/" + field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upper", "1st", "a-b", "a%20b"})
    void namesAreWords(String other) {
        HttpResponse<String> refused = send("PUT", "/v1/datasets/" + other, BodyPublishers.ofString(CSV), "Content-Type", "text/csv");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value -");
    }

    /** A client that goes on with another file would have a mixture. A browser would show what it has kept to whoever has another key. */
    @Test
    void aFileIsTheOneThatIsAskedFor() {
        String sha256 = stored(put(CSV)).path("sha256").asString();
        HttpResponse<String> part = get("/v1/datasets/" + name + "/file", "Range", "bytes=3-", "If-Match", "\"" + sha256 + "\"");
        assertThat(part.statusCode()).as(part.body()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(CSV.substring(3));
        stored(put("x\n1\n"));
        HttpResponse<String> other = get("/v1/datasets/" + name + "/file", "Range", "bytes=3-", "If-Match", "\"" + sha256 + "\"");
        assertThat(other.statusCode()).isEqualTo(412);
        assertThat(errors(other)).containsExactly("precondition-failed -");
        for (String path : List.of("/v1/datasets", "/v1/datasets/" + name, "/v1/datasets/" + name + "/file", "/v1/jobs", "/v1/models")) {
            assertThat(get(path).headers().firstValue("Cache-Control")).as(path).hasValue("no-store");
        }
    }

    /** A folder that replicas share may be away. */
    @Test
    void aFileThatCannotBeReadIsNoGoneClient() throws IOException {
        Path file = folder.resolve("shared").resolve(stored(put("x\n77\n")).path("sha256").asString());
        Files.delete(file);
        Files.createDirectory(file);
        try {
            HttpResponse<String> refused = get("/v1/datasets/" + name + "/file", "Range", "bytes=1-");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(errors(refused)).containsExactly("overloaded -");
            assertThat(refused.headers().map()).doesNotContainKeys("etag", "content-range", "repr-digest", "content-disposition");
        } finally {
            Files.delete(file);
            delete();
        }
    }

    /** As many rows as a client sends, in the same memory; with chunks, whose length nobody tells. */
    @Test
    void manyRowsTakeNoMoreMemory() throws IOException {
        byte[] rows = "0.25,-1e-3,\"[1, 2, 3]\"\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        InputStream header = new ByteArrayInputStream("x,y,z\n".getBytes(StandardCharsets.UTF_8));
        Stream<InputStream> parts = Stream.concat(Stream.of(header),
                IntStream.range(0, 1_000).mapToObj(_ -> (InputStream) new ByteArrayInputStream(rows)));
        JsonNode dataset = stored(put("text/csv",
                BodyPublishers.ofInputStream(() -> new SequenceInputStream(Collections.enumeration(parts.toList())))));
        assertThat(dataset.path("rows").asInt()).isEqualTo(1_000_000);
        assertThat(dataset.at("/columns/2/shape").toString()).isEqualTo("[3]");
        assertNothingIsLeft();
    }

    @Test
    void aFileThatIsTooLongIsRefused() throws IOException {
        byte[] long51 = new byte[51_000_000];
        HttpResponse<String> told = put("text/csv", BodyPublishers.ofByteArray(long51));
        assertThat(told.statusCode()).isEqualTo(413);
        assertThat(json(told).at("/errors/0/expected").asString()).isEqualTo("at most 50000000 bytes (chainrule.datasets.upload-bytes)");
        HttpResponse<String> chunked = put("text/csv", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(long51)));
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertNothingIsLeft();
    }

    /** Of clients that store one name at once each gets what it sent, and one of them has the name. */
    @Test
    void thoseWhoWriteAtOnceDoNotMix() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<HttpResponse<String>>> all = IntStream.range(0, 16)
                    .mapToObj(i -> clients.submit(() -> put("x\n" + "1\n".repeat(i % 4 + 1)))).toList();
            for (int i = 0; i < all.size(); i++) {
                HttpResponse<String> response = all.get(i).get();
                assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
                assertThat(json(response).path("rows").asInt()).isEqualTo(i % 4 + 1);
            }
        }
        JsonNode now = json(get("/v1/datasets/" + name));
        assertThat(folder.resolve("shared").resolve(now.path("sha256").asString()))
                .hasContent("x\n" + "1\n".repeat(now.path("rows").asInt()));
        assertNothingIsLeft();
    }

    @Test
    void filesBelowARootAreNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("allowed/" + name + ".csv"), CSV);
        JsonNode dataset = stored(register("file:" + file, "csv"));
        assertThat(dataset.path("rows").asInt()).isEqualTo(3);
        assertThat(dataset.path("location").asString()).isEqualTo("file:" + file);
        assertThat(dataset.path("sha256").asString()).isEqualTo(sha256(CSV.getBytes(StandardCharsets.UTF_8)));
        assertThat(register("file://" + file, "csv").statusCode()).isEqualTo(200);
        Files.writeString(file, CSV + "1,2,3\n");
        assertThat(stored(register("file:" + file, "csv")).path("rows").asInt()).isEqualTo(4);
        assertThat(send("DELETE", "/v1/datasets/" + name, BodyPublishers.noBody()).statusCode()).isEqualTo(204);
        assertThat(file).exists();
    }

    @Test
    void aFolderOfFilesIsOneDataset() throws IOException {
        Path parts = Files.createDirectories(folder.resolve("allowed/" + name));
        Files.writeString(parts.resolve("b.csv"), "x\n3\n");
        Files.writeString(parts.resolve("a.csv"), "x\n1\n2\n");
        Files.writeString(parts.resolve("_SUCCESS"), "");
        Files.writeString(parts.resolve(".hidden"), "?");
        Files.writeString(parts.resolve("c.csv._COPYING_"), "x\n4");
        JsonNode dataset = stored(register("file:" + parts + "/", "csv"));
        assertThat(dataset.path("rows").asInt()).isEqualTo(3);
        Files.createDirectories(parts.resolve("c"));
        assertThat(register("file:" + parts, "csv").statusCode()).isEqualTo(422);
    }

    /** What is in them is wrong, too, but nobody looks. */
    @Test
    void ofTooManyFilesNoneIsRead() throws IOException {
        Path parts = Files.createDirectories(folder.resolve("allowed/" + name));
        for (int i = 0; i < 4_000; i++) {
            Files.writeString(parts.resolve("a".repeat(200) + i), "x;y\n");
        }
        HttpResponse<String> refused = register("file:" + parts, "csv");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo("there are too many files, or their names are too long");
    }

    /** What clusters write has many files without rows, which have no parts. */
    @Test
    void filesWithoutRowsAreStoredWhereAsManyWithRowsAreTooMany() throws IOException {
        Path parts = Files.createDirectories(folder.resolve("allowed/" + name));
        for (int i = 0; i < 6_000; i++) {
            Files.writeString(parts.resolve("a".repeat(90) + i), i < 500 ? "x\n1\n" : "x\n");
        }
        assertThat(stored(register("file:" + parts, "csv")).path("rows").asInt()).isEqualTo(500);
        for (int i = 500; i < 6_000; i++) {
            Files.writeString(parts.resolve("a".repeat(90) + i), "x\n1\n");
        }
        HttpResponse<String> refused = register("file:" + parts, "csv");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/hint").asString()).contains("put the rows into fewer files");
    }

    @Test
    void whatOnlyAnotherEngineReadsIsNoted() {
        JsonNode dataset = stored(register("s3a://bucket/open/trips", "parquet"));
        assertThat(dataset.path("location").asString()).isEqualTo("s3a://bucket/open/trips");
        assertThat(dataset.propertyNames()).as("nothing is known of it").doesNotContain("rows", "bytes", "columns", "sha256");
        HttpResponse<String> again = register("s3a://bucket/open/trips/", "parquet");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(List.of(again, get("/v1/datasets/" + name)))
                .allSatisfy(answer -> assertThat(answer.headers().firstValue("ETag")).contains("\"1\""));
        HttpResponse<String> refused = delete("If-Match", "\"other\"");
        assertFailed(refused);
        assertThat(json(refused).at("/errors/0/hint").asString())
                .isEqualTo("GET it again, and send its ETag, with its quotes, as If-Match");
    }

    /** Nobody looks into the bucket, which does not exist. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            , "engine": "local" | dataset | this engine reads files of this machine alone
            , "engine": "spark" | engine  | only Spark can read 's3a://bucket/open/trips', and this service has no Spark
            ``                  | engine  | only Spark can read 's3a://bucket/open/trips', and this service has no Spark
            """)
    void aJobOverFilesThatOnlySparkReadsNeedsSpark(String engine, String field, String message) {
        stored(register("s3a://bucket/open/trips", "csv"));
        HttpResponse<String> refused = job("reduce", "\"dataset\": \"" + name + "\", \"columns\": {\"y\": \"y\"}" + engine);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /request/" + field);
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo(message);
    }

    /** The path of the file leads to it, but the service has to open each folder on the way. */
    @Test
    void aFolderThatMayBeEnteredAndNotListedIsTheFaultOfTheLocation() throws IOException {
        Path closed = Files.createDirectories(folder.resolve("allowed/" + name));
        Path file = Files.writeString(closed.resolve("x.csv"), CSV);
        stored(register("file:" + file, "csv"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("-wx--x--x"));
        try {
            assumeFalse(Files.isReadable(closed), "modes do not bind the user who runs the tests");
            HttpResponse<String> refused = register("file:" + file, "csv");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
            assertThat(errors(refused)).containsExactly("invalid-value /location");
            assertThat(json(refused).at("/errors/0/hint").asString()).contains("list each folder");
            HttpResponse<String> later = job("reduce", "\"dataset\": \"" + name + "\"");
            assertThat(later.statusCode()).as(later.body()).isEqualTo(422);
            assertThat(errors(later)).containsExactly("invalid-value /request/dataset");
            assertThat(json(later).at("/errors/0/hint").asString()).contains("list each folder");
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx--x--x"));
        }
    }

    /** There is a file at each of those that could be read as another location that is allowed. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            file:ALLOWED/../secret.csv          | a location is the plain URL
            file:ALLOWED/./x.csv                | a location is the plain URL
            file:ALLOWED//x.csv                 | a location is the plain URL
            file:ALLOWED/*.csv                  | a location is the plain URL
            file:ALLOWED/[x].csv                | a location is the plain URL
            file:ALLOWED/%2e%2e/secret.csv      | a location is the plain URL
            file:ALLOWED/x%2ecsv                | a location is the plain URL
            file:ALLOWED/x.csv?a                | a location is the plain URL
            file:ALLOWED/x.csv#a                | a location is the plain URL
            file://hostALLOWED/x.csv            | a location is the plain URL
            ALLOWED/x.csv                       | a location is the plain URL
            http://localhostALLOWED/x.csv       | a location is the plain URL
            jdbc:h2:mem:                        | a location is the plain URL
            ``                                  | a location is the plain URL
            s3a://user@bucket/open/x            | a location is the plain URL
            s3a:/open/x                         | a location is the plain URL
            file:/etc/passwd                    | nothing may be read there
            file:ALLOWEDx/x.csv                 | nothing may be read there
            file:ALLOWED/out.csv                | nothing may be read there
            file:ALLOWED/outside/secret.csv     | nothing may be read there
            file:DATA/chainrule.mv.db           | nothing may be read there
            s3a://bucket/opened/x               | nothing may be read there
            s3a://bucket/x                      | nothing may be read there
            s3a://other/open/x                  | nothing may be read there
            hdfs://host/open/x                  | nothing may be read there
            file:ALLOWED/missing.csv            | there is no such file
            file:ALLOWED/pipe                   | there is no such file
            s3a://bucket/open/_x                | Spark leaves out files
            s3a://bucket/open/a/.x              | Spark leaves out files
            s3a://bucket/open/x._COPYING_       | Spark leaves out files""")
    void nothingElseIsRead(String location, String message) throws Exception {
        Path allowed = folder.resolve("allowed");
        Path beside = Files.createDirectories(folder.resolve("allowedx"));
        Files.writeString(folder.resolve("secret.csv"), "secret\n1\n");
        List<Path> there = List.of(allowed.resolve("x.csv"), allowed.resolve("[x].csv"), allowed.resolve("x%2ecsv"),
                allowed.resolve("x.csv?a"),
                allowed.resolve("x.csv#a"), beside.resolve("x.csv"));
        for (Path file : there) {
            Files.writeString(file, "x\n1\n");
        }
        if (!Files.exists(allowed.resolve("outside"))) {
            Files.createSymbolicLink(allowed.resolve("out.csv"), folder.resolve("secret.csv"));
            Files.createSymbolicLink(allowed.resolve("outside"), folder);
            assertThat(new ProcessBuilder("mkfifo", allowed.resolve("pipe").toString()).start().waitFor()).isZero();
        }
        HttpResponse<String> refused = register(
                location.replace("ALLOWED", allowed.toString()).replace("DATA", folder.resolve("data").toString()), "csv");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /location");
        assertThat(json(refused).at("/errors/0/message").asString()).startsWith(message);
        assertThat(refused.body()).doesNotContain("secret\\n");
        assertThat(register("file:" + allowed.resolve("x.csv"), "csv").statusCode()).as("the file that is allowed").isBetween(200, 201);
        for (Path file : there) {
            Files.delete(file);
        }
        Files.delete(beside);
    }

    /** Half of a pair of surrogates stands in no name of a file. */
    @ParameterizedTest
    @ValueSource(strings = {"file:ALLOWED/", "s3a://bucket/open/"})
    void aNameThatNoFileCanHaveIsNotThere(String begin) {
        HttpResponse<String> refused = put("application/json", BodyPublishers.ofString("{\"format\": \"csv\", \"location\": \""
                + begin.replace("ALLOWED", folder.resolve("allowed").toString()) + "\\ud800.csv\"}"));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /location");
        assertThat(json(refused).path("detail").asString()).isEqualTo("there is no such file");
    }

    /** Spark would say that such a file has no rows. */
    @ParameterizedTest
    @ValueSource(strings = {"_%s.csv", ".%s.csv", "%s.csv._COPYING_"})
    void aFileThatSparkDoesNotSeeIsReadHereAlone(String form) throws IOException {
        Path file = Files.writeString(folder.resolve("allowed").resolve(form.formatted(name)), "y\n1\n");
        assertThat(stored(register("file:" + file, "csv")).path("rows").asInt()).isEqualTo(1);
        Dataset dataset = service.find("open", name);
        assertThat(service.open(dataset).files()).containsExactly(file);
        assertThatThrownBy(() -> service.locate(dataset)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("Spark leaves out files");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{'format': 'csv'}                          | /location",
            "{'format': 'csv', 'location': null}        | /location",
            "{'location': 'file:/x.csv'}                | /format",
            "{'location': 'file:/x.csv', 'format': null} | /format",
            "{}                                         | /format"})
    void aLocationHasBothItsFields(String request, String pointer) {
        HttpResponse<String> refused = put("application/json", BodyPublishers.ofString(request.replace('\'', '"')));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value " + pointer);
    }

    private HttpResponse<String> job(String kind, String fields) {
        return post("/v1/jobs", "{\"kind\": \"" + kind + "\", \"request\": {" + fields + ", \"expression\": \"w * y\", "
                + "\"inputs\": {\"w\": 1}, \"wrt\": [\"w\"]}}");
    }

    /** The disk with the file may not be mounted; once it is, all goes on. */
    @Test
    void aFileThatIsNotThereIsAskedForLater() throws Exception {
        String csv = "y\n1\n2\n" + name.replaceAll("\\D", "") + "\n";
        stored(put(csv));
        Path file = folder.resolve("shared").resolve(sha256(csv.getBytes(StandardCharsets.UTF_8)));
        Path elsewhere = Files.move(file, folder.resolve("elsewhere"));
        for (HttpResponse<String> answer : List.of(get("/v1/datasets/" + name + "/file"), job("reduce", "\"dataset\": \"" + name + "\""))) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(errors(answer)).containsExactly("overloaded -");
        }
        Files.move(elsewhere, file);
        assertThat(get("/v1/datasets/" + name + "/file").body()).isEqualTo(csv);
        assertThat(job("reduce", "\"dataset\": \"" + name + "\"").statusCode()).isEqualTo(202);
    }

    @Test
    void aFileThatIsLostIsStoredOnceMore() throws Exception {
        String csv = "z\n1\n" + name.replaceAll("\\D", "") + "\n";
        JsonNode first = stored(put(csv));
        Files.delete(folder.resolve("shared").resolve(sha256(csv.getBytes(StandardCharsets.UTF_8))));
        HttpResponse<String> again = put(csv);
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(json(again)).isEqualTo(first);
        assertThat(get("/v1/datasets/" + name + "/file").body()).isEqualTo(csv);
    }

    /** The job names a data set, and not a location. */
    @Test
    void ofAJobTheDataSetIsToldWhoseFilesAreGone() throws IOException {
        Path file = Files.writeString(folder.resolve("allowed/" + name + ".csv"), "y\n1\n2\n");
        stored(register("file:" + file, "csv"));
        send("PUT", "/v1/datasets/" + name + "_kept", BodyPublishers.ofString("y\n3\n"), "Content-Type", "text/csv");
        Files.delete(file);
        HttpResponse<String> refused = job("reduce", "\"dataset\": \"" + name + "\"");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /request/dataset");
        assertThat(errors(job("fit", "\"dataset\": \"" + name + "_kept\", \"validation\": \"" + name + "\"")))
                .containsExactly("invalid-value /request/validation");
    }

    /** A link that stays within the root is followed. */
    @Test
    void aLinkWithinTheRootIsFollowed() throws IOException {
        Path file = Files.writeString(folder.resolve("allowed/" + name + "_target.csv"), CSV);
        Path link = Files.createSymbolicLink(folder.resolve("allowed/" + name + "_link.csv"), file);
        assertThat(stored(register("file:" + link, "csv")).path("rows").asInt()).isEqualTo(3);
        assertThat(errors(register("file:" + link, "xlsx"))).containsExactly("invalid-value /format");
    }
}
