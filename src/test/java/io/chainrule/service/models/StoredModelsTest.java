package io.chainrule.service.models;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.TestFolder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Parts;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.service.store.Terms;
import io.chainrule.service.store.UnusedDigests;
import io.chainrule.web.json.CollidingNames;
import io.chainrule.web.v1.jobs.JobsHttpTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.JsonNode;

/** What stands in the tables of models, and for how long. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.models.keep-deleted=7d", "chainrule.models.bytes=100000", "chainrule.jobs.threads=1"})
class StoredModelsTest extends JobsHttpTest {
    @Autowired
    private ModelCleaner cleaner;
    @Autowired
    private Budget budget;
    @Autowired
    private Contents contents;
    @Autowired
    private JdbcClient database;
    @Autowired
    private ModelFiles files;
    @Autowired
    private ModelRows rows;
    @Autowired
    private ModelService service;
    @Autowired
    private Store store;
    @Autowired
    private TransactionOperations transactions;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "models-");
    }

    final int put(String name, String numbers) {
        return send("PUT", "/v1/models/" + name,
                BodyPublishers.ofString("{\"expression\": \"sum(a * x)\", \"inputs\": {\"a\": [" + numbers + "]}}"), "Content-Type",
                "application/json").statusCode();
    }

    private int count(String table) {
        return database.sql("select count(*) from " + table).query(Integer.class).single();
    }

    /** The names of one client's model may collide in the table of a parser, which definitions do not have. */
    @Test
    void definitionsWhoseNamesCollideAreRead() {
        List<String> names = CollidingNames.make(1_600);
        String json = names.stream()
                .collect(Collectors.joining("\": {\"digest\": \"\", \"shape\": [2]}, \"", "{\"program\": {}, \"kept\": {\"",
                        "\": {\"digest\": \"\", \"shape\": [2]}}}"));
        assertThat(ModelDefinition.read(json.getBytes(StandardCharsets.UTF_8)).kept()).containsOnlyKeys(names);
        String greek = "{\"program\": {}, \"kept\": {\"θ\": {\"digest\": \"\", \"shape\": [2]}}}";
        assertThat(ModelDefinition.read(greek.getBytes(StandardCharsets.UTF_8)).kept()).containsOnlyKeys("θ");
    }

    @Test
    void whatIsDeletedIsRemovedInTimeAndWhatOthersNeedStays() {
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        put("keeps", "1, 2, 3");
        int before = count("content");
        int parts = count("content_part");
        put("goes", "1, 2, 3");
        put("goes", "4, 5, 6");
        assertThat(count("content")).as("another definition and another array").isEqualTo(before + 2);
        send("DELETE", "/v1/models/goes", BodyPublishers.noBody());
        Instant now = Instant.now();
        cleaner.clean(now.plus(Duration.ofDays(6)));
        assertThat(send("POST", "/v1/models/goes/undelete", BodyPublishers.noBody()).statusCode()).isEqualTo(204);
        assertThat(post("/v1/evaluate", "{\"model\": \"goes\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        send("DELETE", "/v1/models/goes", BodyPublishers.noBody());
        cleaner.clean(now.plus(Duration.ofDays(8)));
        assertThat(send("POST", "/v1/models/goes/undelete", BodyPublishers.noBody()).statusCode()).isEqualTo(404);
        assertThat(count("content")).isEqualTo(before);
        assertThat(count("content_part")).isEqualTo(parts);
        assertThat(json(get("/v1/models/goes/aliases")).path("status").asInt()).isEqualTo(404);
        assertThat(post("/v1/evaluate", "{\"model\": \"keeps\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        assertThat(put("goes", "1, 2, 3")).isEqualTo(201);
        assertThat(json(get("/v1/models/goes")).path("version").asInt()).as("numbers are given once").isEqualTo(3);
    }

    /** It calls what its names meant when it was accepted, also if that is deleted meanwhile. */
    @Test
    void whatAWaitingJobCallsStays() {
        String busy = busy();
        put("waited", "1, 2");
        put("waited", "3, 4");
        String called = accepted("train",
                """
                        {"expression": "(waited(w) - 14)^2", "inputs": {"w": 1}, "wrt": ["w"], "steps": 100, "optimizer": {"type": "sgd", "lr": 0.01}}""");
        String named = accepted("check", "{\"model\": \"waited:1\", \"inputs\": {\"x\": 2}}");
        send("DELETE", "/v1/models/waited", BodyPublishers.noBody());
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        assertThat(job(called).path("status").asString()).isEqualTo("queued");
        assertThat(job(called).path("models").toString()).isEqualTo("{\"waited\":\"waited:2\"}");
        send("DELETE", "/v1/jobs/" + busy, BodyPublishers.noBody());
        assertThat(ended(called).path("status").asString()).isEqualTo("succeeded");
        assertThat(json(get("/v1/jobs/" + called + "/result")).at("/parameters/w").asDouble()).as("of 7 w = 14").isCloseTo(2, within(1e-6));
        assertThat(ended(named).path("status").asString()).isEqualTo("succeeded");
        assertThat(post("/v1/evaluate", "{\"model\": \"waited:1\", \"inputs\": {\"x\": 2}}").statusCode()).isEqualTo(404);
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        assertThat(send("POST", "/v1/models/waited/undelete", BodyPublishers.noBody()).statusCode()).as("removed").isEqualTo(404);
    }

    /** As while replicas are updated: another one can answer, and the client has made no mistake. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"\"graph\":{ | \"graph\":{\"form\":2,", "\"op\":\"sum\" | \"op\":\"total\"",
            "\"graph\":{ | \"circuit\":{"})
    void aModelOfAnotherVersionIsNotTheClientsMistake(String before, String after) {
        assertThat(put("newer", "5, " + after.length())).isEqualTo(201);
        String digest = json(get("/v1/models/newer")).path("sha256").asString();
        byte[] definition = contents.read(digest);
        String newer = new String(definition, StandardCharsets.UTF_8).replace(before, after);
        assertThat(newer).contains(after);
        write(digest, newer.getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> refused = post("/v1/evaluate", "{\"model\": \"newer\", \"inputs\": {\"x\": 1}}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.body()).contains("the model 'newer:").contains("was stored by another version of the service");
        write(digest, definition);
        assertThat(post("/v1/evaluate", "{\"model\": \"newer\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        send("DELETE", "/v1/models/newer", BodyPublishers.noBody());
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
    }

    private void write(String digest, byte[] definition) {
        database.sql("update content set bytes = :bytes where digest = :digest").param("bytes", definition.length).param("digest", digest)
                .update();
        database.sql("update content_part set data = :data where digest = :digest and part = 0").param("data", definition)
                .param("digest", digest).update();
    }

    /** There are more of them than a statement removes, and the first of them stays. */
    @Test
    void manyVersionsAreRemovedBesideOneThatAJobNeeds() {
        String busy = busy();
        put("many", "1, 2");
        String waiting = accepted("check", "{\"model\": \"many:1\", \"inputs\": {\"x\": 2}}");
        send("DELETE", "/v1/models/many", BodyPublishers.noBody());
        transactions.executeWithoutResult(_ -> {
            for (int version = 2; version <= 250; version++) {
                copy("model_version", "digest, bytes, tags, created_at, deleted_at", version);
                copy("model_content", "digest", version);
            }
        });
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        assertThat(service.versions("open", "many", Integer.MAX_VALUE, 300)).extracting(ModelVersion::version).containsExactly(1);
        assertThat(count("model_content where name = 'many'")).as("its definition and its array").isEqualTo(2);
        send("DELETE", "/v1/jobs/" + busy, BodyPublishers.noBody());
        assertThat(ended(waiting).path("status").asString()).isEqualTo("succeeded");
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        assertThat(count("model_content where name = 'many'")).isZero();
        assertThat(count("model_version where name = 'many'")).isZero();
    }

    private void copy(String table, String columns, int version) {
        database.sql("insert into " + table + " (owner, name, version, " + columns + ") select owner, name, :version, " + columns
                + " from " + table + " where name = 'many' and version = 1").param("version", version).update();
    }

    /** A client whose answer was lost sends the file again. */
    @Test
    void aFileThatIsThereIsTakenAgainAlsoWhenNothingMoreMayBeStored() throws IOException {
        assertThat(put("full", file(3000, 1, "none"))).isEqualTo(201);
        assertThat(put("full", file(9000, 1, "none"))).isEqualTo(201);
        assertThat(put("full", file(9000, 1, "none"))).isEqualTo(200);
        assertThat(put("fuller", file(9000, 1, "none"))).isEqualTo(422);
        assertThat(put("full", file(3000, 1, "none"))).as("which would be a third version").isEqualTo(422);
        send("DELETE", "/v1/models/full", BodyPublishers.noBody());
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
    }

    private int put(String name, byte[] file) {
        return send("PUT", "/v1/models/" + name, BodyPublishers.ofByteArray(file), "Content-Type", "application/zip").statusCode();
    }

    /** Contents are written before the version that needs them: in between nothing refers to them. */
    @Test
    void contentsOfAVersionThatIsToComeStay() {
        byte[] bytes = new byte[2_500_000];
        bytes[2_400_000] = 7;
        String digest = contents.put(bytes, new Contents.Added());
        cleaner.clean(Instant.now());
        assertThat(contents.read(digest)).isEqualTo(bytes);
        assertThat(contents.put(bytes, new Contents.Added())).isEqualTo(digest);
        cleaner.clean(Instant.now().plus(Duration.ofDays(2)));
        assertThat(contents.read(digest)).isEmpty();
    }

    /** What one transaction cannot remove in time would be more each time: contents are removed one by one, whatever becomes of others. */
    @Test
    void contentsAreRemovedOneByOne() throws Exception {
        List<String> digests = Stream.of(21, 22, 23).map(number -> contents.put(elements(3, number), new Contents.Added())).sorted()
                .toList();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<?> done = transactions.execute(_ -> {
                touchInTransaction(digests.getLast());
                Future<?> begun = other.submit(() -> contents.removeUnused(Instant.now().plus(Duration.ofDays(2))));
                await().untilAsserted(
                        () -> assertThat(digests.subList(0, 2)).allSatisfy(digest -> assertThat(contents.read(digest)).isEmpty()));
                return begun;
            });
            Objects.requireNonNull(done).get(1, TimeUnit.MINUTES);
        }
        assertThat(contents.read(digests.getLast())).isEmpty();
    }

    private void touchInTransaction(String digest) {
        database.sql("update content set used_at = used_at where digest = :digest").param("digest", digest).update();
    }

    /** A statement removes some parts, and the next one the others. */
    @ParameterizedTest
    @ValueSource(ints = {19, 20, 21, 40})
    void contentsOfManyPartsAreRemovedAsAWhole(int number) {
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        int parts = count("content_part");
        String digest = contents.put(new byte[number * Parts.LENGTH], new Contents.Added());
        assertThat(count("content_part")).isEqualTo(parts + number);
        contents.removeUnused(Instant.now().plus(Duration.ofDays(2)));
        assertThat(contents.read(digest)).isEmpty();
        assertThat(count("content_part")).isEqualTo(parts);
    }

    /** A statement reads some rows, and the next one those after them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void whatNothingRefersToIsFoundSomeRowsAtATime(int atOnce) {
        put("refers", "8, 9");
        Stream.of(31, 32, 33, 34).forEach(number -> contents.put(elements(3, number), new Contents.Added()));
        String withParts = contents.put(new byte[4 * Parts.LENGTH], new Contents.Added());
        List<String> all = digests("content");
        List<String> unused = digests("content where " + Contents.UNUSED);
        assertThat(unused).hasSizeBetween(5, all.size() - 2).contains(withParts);
        assertThat(found("content", Contents.UNUSED, atOnce)).isEqualTo(unused);
        assertThat(found("content", "true", atOnce)).isEqualTo(all);
        assertThat(found("content_part", "true", atOnce)).as("each digest once, also if it has several parts").isEqualTo(all);
    }

    private List<String> digests(String from) {
        return database.sql("select digest from " + from + " order by digest").query((row, _) -> row.getString(1)).list();
    }

    private List<String> found(String table, String isUnused, int atOnce) {
        List<String> found = new ArrayList<>();
        new UnusedDigests(database, table, isUnused, atOnce).forEach(store, found::add);
        return found;
    }

    /** Parts without a content are there only where somebody has changed the tables. */
    @Test
    void partsWithoutAContentAreRemoved() {
        String digest = contents.put(elements(3, 24), new Contents.Added());
        database.sql("delete from content where digest = :digest").param("digest", digest).update();
        contents.removeUnused(Instant.EPOCH);
        assertThat(contents.put(elements(3, 24), new Contents.Added())).isEqualTo(digest);
        assertThat(contents.read(digest)).isEqualTo(elements(3, 24));
    }

    @Test
    void contentsAreReadIfThereIsMemoryForThem() {
        byte[] bytes = new byte[2_500_000];
        String digest = contents.put(bytes, new Contents.Added());
        try (Budget.Reservation request = budget.reserve(0)) {
            assertThat(contents.read(digest)).isEqualTo(bytes);
            assertThat(budget.used()).isEqualTo(bytes.length);
            request.add(budget.total() - bytes.length - 1_000_000);
            assertThatThrownBy(() -> contents.read(digest)).isInstanceOf(LimitException.class);
        }
    }

    /** A client may take a file slowly, and its definition takes many times its length while it is read. */
    @Test
    void ofAFileThatIsSentTheDefinitionIsNotHeld() throws IOException {
        String sum = IntStream.range(0, 200).mapToObj(i -> " + sin(" + i + " * x)").collect(Collectors.joining());
        assertThat(send("PUT", "/v1/models/sent", BodyPublishers.ofString("{\"expression\": \"x" + sum + "\", \"declares\": "
                + "{\"x\": {\"shape\": []}}}"), "Content-Type", "application/json").statusCode()).isEqualTo(201);
        // The request that stored it gives its memory back after its client has the answer.
        assertNothingIsReserved(budget);
        AtomicLong most = new AtomicLong();
        AtomicLong sent = new AtomicLong();
        try (var _ = budget.reserve(0)) {
            files.write(service.find("open", "sent"), new OutputStream() {
                @Override
                public void write(int one) {
                    sent.incrementAndGet();
                    most.set(Math.max(most.get(), budget.used()));
                }
            });
        }
        assertThat(most.get()).isBetween(sent.get() - 1_000, 2 * sent.get());
        send("DELETE", "/v1/models/sent", BodyPublishers.noBody());
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
    }

    private static Path blank(String entry) throws IOException {
        Path file = Files.createTempFile(Path.of("target"), "blank-", ".zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(entry));
            for (int megabyte = 0; megabyte < 70; megabyte++) {
                zip.write(new byte[1_000_000]);
            }
        }
        return file;
    }

    /** What is too long is not unpacked up to the limit before memory is asked for. */
    @Test
    void aDefinitionIsUnpackedAsFarAsThereIsMemoryForIt() throws IOException {
        Path file = blank("model.json");
        assertThat(Files.size(file)).isLessThan(100_000);
        try (var _ = budget.reserve(budget.total() - 1_000_000)) {
            assertThatThrownBy(() -> files.definition(file, Checkpoint.NONE)).isInstanceOf(LimitException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.json", "values/0000000000000000000000000000000000000000000000000000000000000000.npy"})
    void unpackingEndsWhenTheTimeIsOver(String entry) throws IOException {
        Path file = blank(entry);
        AtomicInteger left = new AtomicInteger(1);
        assertThatThrownBy(() -> files.definition(file, () -> {
            if (left.getAndDecrement() == 0) {
                throw new CancellationException();
            }
        })).isInstanceOf(CancellationException.class);
        assertThat(left).as("nothing is asked once it is over").hasValue(-1);
    }

    private String put(Tensor array, Contents.Added added) {
        String digest = Contents.digestOf(array);
        contents.put(digest, array, added);
        return digest;
    }

    /** An array of the wrong length is neither filled up with zeros nor cut off. */
    @ParameterizedTest
    @CsvSource({"3, true", "2, false", "4, false", "0, false"})
    void anArrayIsReadInFullOrNotAtAll(int length, boolean isRead) {
        Tensor array = Tensor.vector(2, 3, 5);
        String digest = put(array, new Contents.Added());
        if (isRead) {
            assertThat(contents.read(digest, Shape.of(length))).isEqualTo(array);
        } else {
            assertThatThrownBy(() -> contents.read(digest, Shape.of(length))).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("24 bytes are stored");
        }
        assertThatThrownBy(() -> contents.read(digest.replace(digest.charAt(0), 'x'), Shape.of(length)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** The elements of an array, all of which are the same number. */
    private static byte[] elements(int length, double value) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putDouble(value);
        }
        return bytes.array();
    }

    /** Writes a file of a model that keeps arrays of this length. {@code change} says what is wrong with the last of them. */
    private static byte[] file(int length, int arrays, String change) throws IOException {
        StringBuilder kept = new StringBuilder();
        StringBuilder sum = new StringBuilder("x");
        for (int i = 0; i < arrays; i++) {
            kept.append(i == 0 ? "" : ", ").append("\"a").append(i).append("\": {\"sha256\": \"")
                    .append(Contents.digest(elements(length, i))).append("\", \"shape\": [").append(length).append("]}");
            sum.append(" + sum(a").append(i).append(')');
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("model.json"));
            zip.write("""
                    {"format": 1, "expression": "%s", "declares": {"x": {"shape": []}}, "kept": {%s}}""".formatted(sum, kept)
                    .getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < arrays; i++) {
                boolean isLast = i == arrays - 1;
                if (!isLast || !change.equals("missing")) {
                    zip.putNextEntry(new ZipEntry("values/" + Contents.digest(elements(length, i)) + ".npy"));
                    zip.write(NpyHeaderBytes.of(Shape.of(isLast && change.equals("shape") ? length + 1 : length)));
                    zip.write(
                            elements(isLast && change.equals("length") ? length - 1 : length, isLast && change.equals("digest") ? -1 : i));
                }
            }
            if (change.equals("name")) {
                zip.putNextEntry(new ZipEntry("other"));
            }
        }
        return file.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"none, 10, 201, 5", "missing, 10, 422, 0", "digest, 10, 422, 0", "length, 10, 422, 0", "shape, 10, 422, 0",
            "name, 10, 422, 0", "none, 4000, 422, 0"})
    void aFileIsStoredAsAWholeOrNotAtAll(String change, int length, int status, int stored) throws IOException {
        int contentsBefore = count("content");
        int partsBefore = count("content_part");
        HttpResponse<String> response = send("PUT", "/v1/models/of_file", BodyPublishers.ofByteArray(file(length, 4, change)),
                "Content-Type", "application/zip");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(count("content") - contentsBefore).isEqualTo(stored);
        assertThat(count("content_part") - partsBefore).isEqualTo(stored);
        if (status == 201) {
            send("DELETE", "/v1/models/of_file", BodyPublishers.noBody());
            cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
        }
    }

    /** Of what two requests use, the one that fails removes nothing. */
    @Test
    void whatAFailedRequestHasAddedIsRemovedUnlessOthersUseIt() {
        ModelDefinition definition = new ModelDefinition(JSON.createObjectNode(), List.of(), null, Map.of(), Map.of(), null, null,
                List.of(), Map.of(), Set.of());
        byte[] alone = elements(3, 11);
        byte[] common = elements(3, 12);
        assertThatThrownBy(() -> service.put("open", "failing", definition, Terms.none(), added -> {
            contents.put(alone, added);
            contents.put(common, added);
            contents.put(common, new Contents.Added());
            throw new IllegalStateException("the disk is full");
        })).hasMessage("the disk is full").hasNoSuppressedExceptions();
        assertThat(contents.read(Contents.digest(alone))).isEmpty();
        assertThat(contents.read(Contents.digest(common))).isEqualTo(common);
    }

    /** Another request has written the same bytes, fails, and removes them before this one uses them: then this one writes them. */
    @Test
    void whatAFailedRequestHasRemovedIsWrittenAgain() {
        byte[] bytes = elements(3, 13);
        contents.put(bytes, new Contents.Added());
        Contents raced = new Contents(store, database) {
            private int asked;

            @Override
            boolean touch(String digest) {
                asked++;
                if (asked == 2) {
                    database.sql("delete from content where digest = :digest").param("digest", digest).update();
                    database.sql("delete from content_part where digest = :digest").param("digest", digest).update();
                }
                return asked > 1 && super.touch(digest);
            }
        };
        String digest = raced.put(bytes, new Contents.Added());
        assertThat(contents.read(digest)).isEqualTo(bytes);
    }

    /** A version is not acknowledged whose array has been removed between its writing and the transaction that would use it. */
    @Test
    void aVersionIsNotStoredWithoutWhatItKeeps() {
        Tensor array = Tensor.vector(14, 15);
        ModelDefinition definition = new ModelDefinition(JSON.createObjectNode(), List.of(), null, ModelDefinition.kept(Map.of("a", array)),
                Map.of(), null, null, List.of(), Map.of(), Set.of());
        assertThatThrownBy(() -> service.put("open", "without", definition, Terms.none(), added -> {
            put(array, added);
            contents.remove(added);
        })).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> service.find("open", "without")).isInstanceOf(UnknownModelException.class);
        assertThat(service.put("open", "without", definition, Terms.none(), added -> put(array, added)).version().version())
                .isEqualTo(1);
    }

    /** Versions of all owners share contents. Who stores a version does not keep others from using these. */
    @Test
    void contentsAreNotLockedWhileAVersionIsStored() {
        Tensor array = Tensor.vector(16, 17);
        ModelDefinition definition = new ModelDefinition(JSON.createObjectNode(), List.of(), null, ModelDefinition.kept(Map.of("a", array)),
                Map.of(), null, null, List.of(), Map.of(), Set.of());
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            service.put("open", "unlocked", definition, Terms.guarded(storing -> () -> {
                ModelService.Stored stored = storing.get();
                assertThat(other.submit(() -> contents.touch(Contents.digestOf(array)))).succeedsWithin(Duration.ofSeconds(5))
                        .isEqualTo(true);
                return stored;
            }), added -> put(array, added));
        }
        assertThat(count("model_content where name = 'unlocked'")).isEqualTo(2);
    }

    /** A statement notes some of them, and the next one the others; those that the cleaner may remove meanwhile are as if they had gone. */
    @ParameterizedTest
    @ValueSource(ints = {999, 1_000, 1_001})
    void aVersionNeedsAllThatItKeeps(int number) {
        ModelVersion version = new ModelVersion("many", number, "0".repeat(64), 0, null, null, List.of(), Instant.now(), null);
        Instant before = Instant.now().minusSeconds(1);
        Contents.Added added = new Contents.Added();
        Set<String> digests = IntStream.range(0, number).mapToObj(i -> put(Tensor.vector(18, i), added))
                .collect(Collectors.toSet());
        assertThat(rows.need("open", version, digests, Instant.now().plusSeconds(60))).isZero();
        assertThat(rows.need("open", version, digests, before)).isEqualTo(number);
        assertThat(count("model_content where name = 'many'")).isEqualTo(number);
        database.sql("delete from model_content where name = 'many'").update();
        contents.remove(added);
    }

    /** A store from before may have models without the alias. */
    @Test
    void whatComesBackHasALatestVersion() {
        put("nameless", "1, 2");
        put("nameless", "3, 4");
        send("DELETE", "/v1/models/nameless:1", BodyPublishers.noBody());
        database.sql("delete from model_alias where name = 'nameless'").update();
        assertThat(json(get("/v1/models/nameless/aliases")).path("aliases").isEmpty()).as("the model is there").isTrue();
        assertThat(send("POST", "/v1/models/nameless:1/undelete", BodyPublishers.noBody()).statusCode()).isEqualTo(204);
        assertThat(service.aliases("open", "nameless")).containsExactly(Map.entry("latest", 2));
        assertThat(json(get("/v1/models/nameless")).path("version").asInt()).isEqualTo(2);
    }

    /** Does what {@code change} says at the moment when another transaction has written a new version and is not yet complete. */
    private void whileAVersionIsWritten(String name, int version, Runnable change) throws Exception {
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<?> done = transactions.execute(_ -> {
                database.sql("update model set versions = :version where name = :name").param("name", name).param("version", version)
                        .update();
                database.sql("insert into model_version (owner, name, version, digest, bytes, tags, created_at) select owner, name, "
                        + ":version, digest, bytes, tags, created_at from model_version where name = :name and version = 1")
                        .param("name", name).param("version", version).update();
                database.sql("update model_alias set version = :version where name = :name and alias = 'latest'").param("name", name)
                        .param("version", version).update();
                Future<?> begun = other.submit(change);
                assertThat(begun).as("waits").failsWithin(Duration.ofMillis(400));
                return begun;
            });
            Objects.requireNonNull(done).get(1, TimeUnit.MINUTES);
        }
    }

    /** Another replica has changed the model since this one has looked up what its name means. */
    @Test
    void whatIsStoredAgainIsMadeOfTheLatestVersion(@Autowired ProgramFormat format, @Autowired ModelProperties limits) {
        ModelService other = new ModelService(store, rows, contents, new ModelLibrary(store, rows, contents, format, budget), cleaner,
                limits);
        put("stale", "1, 2");
        String call = "{\"model\": \"stale\", \"inputs\": {\"x\": 1}";
        assertThat(post("/v1/evaluate", call + "}").statusCode()).isEqualTo(200);
        other.put("open", "stale", described("stale", "first"), Terms.none(), _ -> {});
        HttpResponse<String> again = send("PUT", "/v1/models/stale", BodyPublishers.ofString("{\"model\": \"stale\", \"tags\": [\"x\"]}"),
                "Content-Type", "application/json", "If-Match", "\"2\"");
        assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
        assertThat(json(again).path("description").asString()).isEqualTo("first");
        assertThat(post("/v1/evaluate", call + "}").statusCode()).isEqualTo(200);
        other.put("open", "stale", described("stale", "second"), Terms.none(), _ -> {});
        JsonNode trained = json(post("/v1/train", call + ", \"steps\": 1, \"save_as\": {\"name\": \"stale\"}}"));
        assertThat(trained.at("/saved/version").asInt()).as(trained.toString()).isEqualTo(5);
        assertThat(json(get("/v1/models/stale")).path("description").asString()).isEqualTo("second");
    }

    /** What is stored has the nodes of the models that it calls for good, and not those of versions that this replica remembers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 | PUT  | "expression": "2 * inner1(x)"                                                                           | 10
            2 | PUT  | "expression": "2 * late2(x)"                                                                            | 10
            3 | PUT  | "expression": "inner3(x) - 2 * late3(x)"                                                                | -5
            4 | PUT  | "graph": {"nodes": [{"id": "y", "op": "inner4@prod", "inputs": ["x"]}]}, "declares": {"x": {}}          | 5
            5 | POST | "expression": "p = w * inner5(x)\\nl = (p - 5)^2", "inputs": {"x": 1, "w": 1}, "wrt": ["w"], "steps": 1 | 5
            """)
    void whatIsStoredCallsTheLatestVersions(int number, String method, String program, double value, @Autowired ProgramFormat format,
            @Autowired ModelProperties limits) {
        ModelService other = new ModelService(store, rows, contents, new ModelLibrary(store, rows, contents, format, budget), cleaner,
                limits);
        String inner = "inner" + number;
        String late = "late" + number;
        String outer = "outer" + number;
        put(inner, "1");
        put("fresh", "5");
        service.move("open", inner, "prod", 1, Set.of());
        ModelDefinition fresh = service.definition(service.find("open", "fresh"));
        assertThat(post("/v1/evaluate", "{\"expression\": \"" + inner + "(x)\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        assertThat(post("/v1/evaluate", "{\"expression\": \"" + late + "(x)\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(422);
        assertThat(post("/v1/evaluate", "{\"graph\": {\"nodes\": [{\"id\": \"y\", \"op\": \"" + inner
                + "@prod\", \"inputs\": [\"x\"]}]}, \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        other.put("open", inner, fresh, Terms.none(), _ -> {});
        other.put("open", late, fresh, Terms.none(), _ -> {});
        other.move("open", inner, "prod", 2, Set.of(1));
        HttpResponse<String> stored = method.equals("PUT")
                ? send("PUT", "/v1/models/" + outer, BodyPublishers.ofString("{" + program + "}"), "Content-Type", "application/json")
                : post("/v1/train", "{" + program + ", \"save_as\": {\"name\": \"" + outer + "\", \"output\": \"p\"}}");
        assertThat(stored.statusCode()).as(stored.body()).isIn(200, 201);
        JsonNode answer = json(post("/v1/evaluate", "{\"model\": \"" + outer + "\", \"inputs\": {\"x\": 1}}"));
        assertThat(answer.path("value").asDouble()).as(answer.toString()).isEqualTo(value);
        for (String name : List.of(inner, late, outer)) {
            service.delete("open", name, 0, _ -> {});
        }
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
    }

    private ModelDefinition described(String name, String description) {
        ModelDefinition latest = service.definition(service.find("open", name));
        return new ModelDefinition(latest.program(), latest.inputs(), latest.output(), latest.kept(), latest.outputs(), description,
                latest.licence(), latest.tags(), latest.models(), latest.calls());
    }

    /** A request that has read an earlier version would undo what the later one has changed. */
    @Test
    void whatOthersHaveChangedMeanwhileIsNotUndone() throws Exception {
        put("shared", "1, 2");
        Function<String, HttpResponse<String>> tagged = version -> send("PUT", "/v1/models/shared",
                BodyPublishers.ofString("{\"model\": \"shared" + version + "\", \"tags\": [\"x\"]}"), "Content-Type", "application/json");
        AtomicReference<HttpResponse<String>> refused = new AtomicReference<>();
        int written = 1;
        for (int attempt = 0; attempt == 0 || attempt < 10 && refused.get().statusCode() == 201; attempt++) {
            // On a slow machine the request may come when all is over, and then stores another version.
            written = json(get("/v1/models/shared")).path("version").asInt() + 1;
            whileAVersionIsWritten("shared", written, () -> refused.set(tagged.apply("")));
        }
        assertThat(errors(refused.get())).containsExactly("precondition-failed /model");
        assertThat(refused.get().statusCode()).isEqualTo(412);
        assertThat(json(get("/v1/models/shared")).path("version").asInt()).isEqualTo(written);
        assertThat(tagged.apply(":1").statusCode()).as("whatever has changed").isEqualTo(201);
        assertThat(tagged.apply("").statusCode()).as("the same").isEqualTo(200);
    }

    @Test
    void aNewVersionIsTheLatestAlsoWhileAnotherIsDeleted() throws Exception {
        put("raced", "1, 2");
        put("raced", "3, 4");
        whileAVersionIsWritten("raced", 3, () -> service.delete("open", "raced", 2, _ -> {}));
        assertThat(service.aliases("open", "raced")).containsExactly(Map.entry("latest", 3));
    }

    @Test
    void anAliasOfANewVersionStaysWhenOldOnesAreRemoved() throws Exception {
        put("revived", "1, 2");
        send("DELETE", "/v1/models/revived", BodyPublishers.noBody());
        Instant later = Instant.now().plus(Duration.ofDays(8));
        whileAVersionIsWritten("revived", 2, () -> cleaner.clean(later));
        assertThat(service.versions("open", "revived", Integer.MAX_VALUE, 10)).extracting(ModelVersion::version).containsExactly(2);
        assertThat(service.aliases("open", "revived")).containsExactly(Map.entry("latest", 2));
    }
}
