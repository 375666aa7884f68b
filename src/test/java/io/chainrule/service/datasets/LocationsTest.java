package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.store.StoreProperties;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that others can replace, by links too, at any time after they were looked at. */
class LocationsTest {
    private static final String SECRET = "crk,secret\n5,6\n";
    private static final FileTime SAME_TIME = FileTime.from(Instant.EPOCH.plusSeconds(1_000));

    /** What somebody who may write below a root does, once the files were found. */
    enum Swap {
        THE_FILE {
            @Override
            void of(Path in, Path out) throws IOException {
                Files.delete(in.resolve("b.csv"));
                Files.createSymbolicLink(in.resolve("b.csv"), out.resolve("b.csv"));
            }
        },
        ITS_FOLDER {
            @Override
            void of(Path in, Path out) throws IOException {
                Files.move(in, in.resolveSibling("away"));
                Files.createSymbolicLink(in, out);
            }
        },
        A_LINK_TO_NOTHING {
            @Override
            void of(Path in, Path out) throws IOException {
                Files.delete(in.resolve("b.csv"));
                Files.createSymbolicLink(in.resolve("b.csv"), out.resolve("nothing"));
            }
        };

        abstract void of(Path in, Path out) throws IOException;
    }

    @TempDir
    private Path folder;
    private Path in = Path.of("");
    private Path out = Path.of("");
    private List<RowFile> found = List.of();

    @BeforeEach
    void write() throws IOException {
        in = Files.createDirectories(folder.resolve("root/of/in"));
        out = Files.createDirectories(folder.resolve("data"));
        for (String name : List.of("a.csv", "b.csv")) {
            Files.writeString(in.resolve(name), "x,y\n1,2\n3,4\n");
            Files.writeString(out.resolve(name), SECRET);
            Files.setLastModifiedTime(in.resolve(name), SAME_TIME);
            Files.setLastModifiedTime(out.resolve(name), SAME_TIME);
        }
        found = files(folder.resolve("root"), in);
    }

    private List<RowFile> files(Path root, Path location) throws IOException {
        Locations locations = new Locations(new DatasetProperties(1, 1, 1, Duration.ofMinutes(1), Duration.ofDays(1), null,
                List.of("file:" + root)), new StoreProperties(folder.resolve("data")));
        return locations.files(locations.read("file:" + location));
    }

    private static Layout scan(List<RowFile> files) throws IOException {
        return scan(files, SAME_TIME);
    }

    private static Layout scan(List<RowFile> files, FileTime modified) throws IOException {
        List<Layout.DataFile> names = new ArrayList<>();
        for (RowFile file : files) {
            names.add(new Layout.DataFile(String.valueOf(file.path().getFileName()), 12, modified.toMillis()));
        }
        return Scan.of(DatasetFormat.CSV, files, names, () -> {}, _ -> {});
    }

    private static RowSource source(List<RowFile> files, Layout layout) {
        return new RowSource(new Dataset("me", "trips", 1, DatasetFormat.CSV, "file:/in", "", layout.bytes(), layout.rows(), Instant.EPOCH),
                layout, files);
    }

    private static void assertIsRefused(ThrowingCallable reading) {
        assertThatThrownBy(reading).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).singleElement().asString().contains(".csv' is none any more").doesNotContain("crk"));
    }

    @ParameterizedTest
    @EnumSource(Swap.class)
    void aLinkThatIsPutInPlaceOfAFileIsNotFollowed(Swap swap) throws IOException {
        RowSource source = source(found, scan(found));
        RowFile second = found.getLast();
        swap.of(in, out);
        assertIsRefused(second::open);
        assertIsRefused(second::attributes);
        assertIsRefused(source::checkUnchanged);
        assertIsRefused(() -> source.read(source.splits().getLast(), List.of("x"), Checkpoint.NONE));
        assertIsRefused(() -> scan(List.of(second)));
    }

    /** Archives that are made reproducibly give all files the time 0. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000_000})
    void aFileOfTheSameLengthHasChangedIfItsTimeHas(long modified) throws IOException {
        for (RowFile file : found) {
            Files.setLastModifiedTime(file.path(), FileTime.fromMillis(modified));
        }
        RowSource source = source(found, scan(found, FileTime.fromMillis(modified)));
        source.checkUnchanged();
        Files.writeString(in.resolve("b.csv"), "x,y\n1,2\n3,5\n");
        assertThatThrownBy(source::checkUnchanged).isInstanceOf(ProblemException.class).hasMessageContaining("have changed");
    }

    @Test
    void whatIsNoFileAnyMoreIsNotOpened() throws Exception {
        Files.delete(in.resolve("b.csv"));
        assertThat(new ProcessBuilder("mkfifo", in.resolve("b.csv").toString()).start().waitFor()).isZero();
        assertIsRefused(found.getLast()::open);
    }

    /** Rows would be counted twice. */
    @Test
    void twoNamesOfAFileAreRefused() throws IOException {
        Files.createSymbolicLink(in.resolve("latest.csv"), in.resolve("a.csv"));
        assertThatThrownBy(() -> files(folder.resolve("root"), in)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("two names in the folder mean the same file");
    }

    /** Links that are there when a location is read lead to files below the root. */
    @Test
    void whereALinkLedIsReadAgain() throws IOException {
        Files.createSymbolicLink(folder.resolve("root/link"), in);
        for (RowFile file : files(folder.resolve("root"), folder.resolve("root/link"))) {
            try (FileChannel channel = file.open()) {
                assertThat(channel.size()).isEqualTo(12);
            }
        }
        assertThat(new String(files(in.resolve("a.csv"), in.resolve("a.csv")).getFirst().stream().readAllBytes(), StandardCharsets.UTF_8))
                .as("a root that is a file").isEqualTo("x,y\n1,2\n3,4\n");
    }

    /** Whether there is such a file is told of none that may not be read, nor of what a link leads to that leads nowhere. */
    @ParameterizedTest
    @CsvSource({"out/a.csv, nothing may be read there", "out/none.csv, nothing may be read there",
            "out/none/none.csv, nothing may be read there", "one.csv, nothing may be read there", "gone.csv, nothing may be read there",
            "gone.csv/none.csv, nothing may be read there", "of/in/none.csv, there is no such file",
            "of/none/none.csv, there is no such file", "of/in/a.csv/none.csv, there is no such file",
            "link/none.csv, there is no such file"})
    void whatIsOutsideIsNotToldOf(String location, String message) throws IOException {
        Path root = folder.resolve("root");
        Path others = Files.createDirectories(folder.resolve("others"));
        Files.writeString(others.resolve("a.csv"), SECRET);
        Files.createSymbolicLink(root.resolve("out"), others);
        Files.createSymbolicLink(root.resolve("one.csv"), others.resolve("a.csv"));
        Files.createSymbolicLink(root.resolve("gone.csv"), others.resolve("none.csv"));
        Files.createSymbolicLink(root.resolve("link"), in);
        assertThatThrownBy(() -> files(root, root.resolve(location))).isInstanceOf(ProblemException.class).hasMessageContaining(message);
    }

    @Test
    void ofARootThatIsNotThereNoFileIs() {
        Path root = folder.resolve("away");
        assertThatThrownBy(() -> files(root, root.resolve("a.csv"))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("there is no such file");
    }
}
