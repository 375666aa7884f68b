package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.TestFolder;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreProperties;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.v1.jobs.JobsHttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionOperations;

/** For how long the files of data sets stay. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.datasets.keep-replaced=2h", "chainrule.jobs.threads=1"})
class StoredDatasetsTest extends JobsHttpTest {
    @Autowired
    private DatasetCleaner cleaner;
    @Autowired
    private DatasetService service;
    @Autowired
    private FirstReading reader;
    @Autowired
    private Store store;
    @Autowired
    private DatasetRows rows;
    @Autowired
    private DatasetFiles files;
    @Autowired
    private DatasetQuotas quotas;
    @Autowired
    private JdbcClient database;
    @Autowired
    private TransactionOperations transactions;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "stored-datasets-");
    }

    final Path put(String name, String csv) {
        assertThat(send("PUT", "/v1/datasets/" + name, BodyPublishers.ofString(csv), "Content-Type", "text/csv").statusCode())
                .isLessThan(300);
        Path file = service.file(service.find("open", name));
        assertThat(file).isNotNull().hasContent(csv);
        return file;
    }

    final void cleanAfter(Duration time) throws IOException {
        Instant later = Instant.now().plus(time);
        cleaner.clean(later, later.minus(Duration.ofHours(1)));
    }

    @Test
    void whatIsReplacedOrDeletedIsRemovedInTimeAndWhatOthersNeedStays() throws IOException {
        Path first = put("trips", "x\n1\n");
        Path second = put("trips", "x\n2\n");
        Path third = put("gone", "x\n3\n");
        put("same", "x\n1\n");
        send("DELETE", "/v1/datasets/gone", BodyPublishers.noBody());
        cleanAfter(Duration.ofMinutes(90));
        assertThat(first).exists();
        assertThat(third).exists();
        cleanAfter(Duration.ofHours(3));
        assertThat(first).as("the file of another data set, too").exists();
        assertThat(second).exists();
        assertThat(third).doesNotExist();
        send("DELETE", "/v1/datasets/same", BodyPublishers.noBody());
        cleanAfter(Duration.ofHours(3));
        assertThat(first).doesNotExist();
        assertThat(get("/v1/datasets/trips/file").body()).isEqualTo("x\n2\n");
    }

    /** Somebody else may remove a file once the folder has been listed. That is no fault of the disk of the service. */
    @ParameterizedTest
    @ValueSource(strings = {"a.csv", "b.csv"})
    void aFileOfALocationThatIsGoneIsNoFaultOfTheStore(String gone) throws IOException {
        Path root = TestFolder.create("root-").toRealPath();
        for (String name : List.of("a.csv", "b.csv")) {
            Files.writeString(root.resolve(name), "x\n1\n");
        }
        List<RowFile> paths = Stream.of("a.csv", "b.csv").map(name -> new RowFile(root.resolve(name), root)).toList();
        assertThat(reader.read(DatasetFormat.CSV, paths, Duration.ofMinutes(1)).layout().rows()).isEqualTo(2);
        Files.delete(root.resolve(gone));
        assertThatThrownBy(() -> reader.read(DatasetFormat.CSV, paths, Duration.ofMinutes(1))).isInstanceOf(NoSuchFileException.class);
        Path own = root.resolve(gone);
        assertThatThrownBy(() -> reader.scan(DatasetFormat.CSV, own, 1, Duration.ofMinutes(1)))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void aFileThatIsRemovedOnceItWasListedIsTheFaultOfTheLocation() throws IOException {
        Path root = TestFolder.create("root-").toRealPath();
        Path file = Files.writeString(root.resolve("a.csv"), "x\n1\n");
        DatasetProperties limits = new DatasetProperties(1 << 20, 1 << 20, 10, Duration.ofMinutes(1), Duration.ofDays(1), null,
                List.of("file:" + root));
        Locations locations = new Locations(limits, new StoreProperties(TestFolder.create("other-"))) {
            @Override
            List<RowFile> files(Location location) throws IOException {
                List<RowFile> found = super.files(location);
                Files.delete(file);
                return found;
            }
        };
        DatasetService racing = new DatasetService(store, rows, files, locations, cleaner, quotas, reader, limits);
        assertThatThrownBy(() -> racing.register("open", "racing", DatasetFormat.CSV, "file:" + file, _ -> {}))
                .isInstanceOf(ProblemException.class).hasMessageContaining("there is no such file");
    }

    /** Where files cannot have two names, a file leaves its draft while it is stored. Its job may end meanwhile by another attempt. */
    @Test
    void aFileWhoseDraftIsGoneIsNotMovedBack() throws IOException {
        Path folder = TestFolder.create("parts-");
        Path part = Files.writeString(folder.resolve("a.part"), "x\n1\n");
        Path file = folder.resolve("draft/whole");
        DatasetFiles.takeBack(part, file, true);
        assertThat(folder).isEmptyDirectory();
        Files.createDirectory(file.getParent());
        Files.writeString(part, "x\n2\n");
        DatasetFiles.takeBack(part, file, true);
        assertThat(part).doesNotExist();
        assertThat(file).hasContent("x\n2\n");
    }

    /** There are more of them than a statement looks for. */
    @Test
    void manyThatAreReplacedAreRemoved() throws IOException {
        Path first = put("often", "x\n6\n");
        Path last = put("often", "x\n7\n");
        transactions.executeWithoutResult(_ -> {
            for (int version = 3; version <= 250; version++) {
                database.sql("insert into dataset (owner, name, version, format, digest, bytes, row_count, layout, created_at, "
                        + "replaced_at, used_at) select owner, name, :version, format, digest, bytes, row_count, layout, created_at, "
                        + "replaced_at, used_at from dataset where name = 'often' and version = 1").param("version", version).update();
            }
        });
        cleanAfter(Duration.ofMinutes(90));
        assertThat(first).exists();
        cleanAfter(Duration.ofHours(3));
        assertThat(first).doesNotExist();
        assertThat(last).exists();
        assertThat(database.sql("select version from dataset where name = 'often'").query(Integer.class).list()).containsExactly(2);
    }

    /** An operator may start the service on a new database before the old one is restored. */
    @Test
    void filesOutliveADatabaseThatKnowsNone() throws IOException {
        Path file = put("kept", "x\n8\n");
        transactions.executeWithoutResult(_ -> {
            database.sql("delete from dataset").update();
            database.sql("delete from dataset_file").update();
        });
        cleanAfter(Duration.ofDays(3));
        assertThat(file).hasContent("x\n8\n");
        put("another", "x\n9\n");
        cleanAfter(Duration.ofDays(3));
        assertThat(file).as("a database in use does not know it").doesNotExist();
    }

    /** A running job marks its draft again and again, also while it writes no part. */
    @Test
    void aDraftStaysAsLongAsItIsNeeded() throws IOException {
        put("any", "x\n1\n");
        DatasetDraft draft = service.draft("1");
        draft.open();
        Files.setLastModifiedTime(draft.folder(), FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        draft.touch();
        cleanAfter(Duration.ofMinutes(90));
        assertThat(draft.folder()).isDirectory();
        cleanAfter(Duration.ofHours(3));
        assertThat(draft.folder()).doesNotExist();
    }

    /** It reads what was there when it was accepted, and goes on with the parts that it has made. */
    @Test
    void whatAWaitingJobNeedsStays() throws IOException {
        String busy = busy();
        Path file = put("waited", "x\n4\n");
        String waiting = accepted("reduce", "{\"dataset\": \"waited\", \"expression\": \"x^2\", \"derivatives\": \"none\"}");
        put("waited", "x\n5\n");
        DatasetDraft draft = service.draft(waiting);
        draft.open();
        cleanAfter(Duration.ofDays(3));
        assertThat(file).exists();
        assertThat(draft.folder()).isDirectory();
        assertThat(job(waiting).path("status").asString()).isEqualTo("queued");
        send("DELETE", "/v1/jobs/" + busy, BodyPublishers.noBody());
        assertThat(ended(waiting).path("status").asString()).isEqualTo("succeeded");
        assertThat(json(get("/v1/jobs/" + waiting + "/result")).at("/value/mean").asDouble()).isEqualTo(16);
        cleanAfter(Duration.ofDays(6));
        assertThat(file).doesNotExist();
        assertThat(draft.folder()).doesNotExist();
    }
}
