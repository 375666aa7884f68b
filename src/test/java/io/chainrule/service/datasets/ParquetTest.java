package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.datasets.RowReader.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of Parquet that DuckDB has written. */
class ParquetTest {
    private static final Path FILES = Path.of("src/test/resources/datasets");

    /** A service that another test has started, and ended, has named its own folder for the native code of libraries. */
    @BeforeAll
    static void forgetFoldersThatAreGone() {
        for (String property : List.of("org.xerial.snappy.tempdir", "ZstdTempFolder")) {
            String folder = System.getProperty(property);
            if (folder != null && !Files.isDirectory(Path.of(folder))) {
                System.clearProperty(property);
            }
        }
    }

    private static Layout layout(Path file) throws IOException {
        return Scan.of(DatasetFormat.PARQUET, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {},
                _ -> {});
    }

    private static RowSource source(Path file) throws IOException {
        Layout layout = layout(file);
        return new RowSource(new Dataset("me", "data", 1, DatasetFormat.PARQUET, null, "", layout.bytes(), layout.rows(), Instant.EPOCH),
                layout, List.of(RowFile.own(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"snappy", "zstd", "gzip", "uncompressed"})
    void cellsHaveTheirTypes(String codec) throws IOException {
        RowSource source = source(FILES.resolve(codec + ".parquet"));
        assertThat(source.dataset().rows()).isEqualTo(100);
        assertThat(source.columns()).containsExactly(new Column("x", Column.Type.NUMBER, null, 0, 0),
                new Column("flag", Column.Type.NUMBER, null, 0, 0), new Column("n", Column.Type.NUMBER, null, 20, 0),
                new Column("big", Column.Type.NUMBER, null, 0, 0), new Column("f", Column.Type.NUMBER, null, 0, 0),
                new Column("name", Column.Type.TEXT, null, 0, 0), new Column("pair", Column.Type.ARRAY, List.of(2), 14, 0),
                new Column("grid", Column.Type.ARRAY, List.of(2, 3), 0, 0), new Column("u", Column.Type.NUMBER, null, 0, 0),
                new Column("ub", Column.Type.NUMBER, null, 0, 0));
        // In another order than in the file.
        List<String> columns = List.of("name", "x", "pair", "n", "grid", "big", "f", "flag", "u", "ub");
        int row = 0;
        for (RowSplit split : source.splits()) {
            try (RowReader reader = source.read(split, columns, Checkpoint.NONE)) {
                while (reader.next()) {
                    row++;
                    assertThat(reader.row()).isEqualTo(row);
                    assertThat(new String(reader.bytes(0), reader.from(0), reader.to(0) - reader.from(0), StandardCharsets.UTF_8))
                            .isEqualTo("é" + row);
                    assertThat(reader.number(1)).isEqualTo(row / 4.0);
                    assertThat(reader.kind(2)).isEqualTo(row % 7 == 0 ? Kind.MISSING : Kind.ARRAY);
                    if (row % 7 != 0) {
                        assertThat(reader.array(2)).containsExactly(row, row * 0.5);
                        assertThat(reader.shape(2)).containsExactly(2);
                    }
                    assertThat(reader.kind(3)).isEqualTo(row % 5 == 0 ? Kind.MISSING : Kind.NUMBER);
                    assertThat(row % 5 == 0 ? row : reader.number(3)).isEqualTo(row);
                    assertThat(reader.array(4)).containsExactly(row, 1, 2, 3, 4, row);
                    assertThat(reader.shape(4)).containsExactly(2, 3);
                    assertThat(reader.number(5)).isEqualTo(row * 1_000_000_007.0);
                    assertThat(reader.number(6)).isEqualTo((float) row / 3);
                    assertThat(reader.number(7)).isEqualTo(row % 3 == 0 ? 1 : 0);
                    assertThat(reader.number(8)).isEqualTo(row);
                    assertThat(reader.number(9)).isEqualTo(0x1p64);
                }
            }
        }
        assertThat(row).isEqualTo(100);
    }

    @Test
    void whatNoInputCanBeIsSaid() throws IOException {
        RowSource source = source(FILES.resolve("others.parquet"));
        assertThat(source.columns()).extracting(Column::type).containsExactly(Column.Type.NUMBER, Column.Type.OTHER, Column.Type.OTHER,
                Column.Type.OTHER, Column.Type.ARRAY);
        assertThat(source.columns().getLast()).isEqualTo(new Column("uneven", Column.Type.ARRAY, List.of(2), 1, 1,
                new Column.Differing(List.of(2), List.of(1), 3)));
        try (RowReader reader = source.read(source.splits().getFirst(), List.of("uneven"), Checkpoint.NONE)) {
            for (Kind expected : List.of(Kind.ARRAY, Kind.MISSING, Kind.ARRAY, Kind.ARRAY)) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.kind(0)).isEqualTo(expected);
            }
            assertThat(reader.next()).isFalse();
        }
    }

    /** An array that lacks a number is missing, as in JSON; one that is ragged, or lacks an array, is malformed. */
    @Test
    void arraysLackWhatTheyLackInJson(@TempDir Path folder) throws IOException {
        Path lines = Files.writeString(folder.resolve("nulls.jsonl"), """
                {"x": 1, "list": [1, 2],       "grid": [[1, 2], [3, 4]]}
                {"x": 2, "list": [1, null],    "grid": [[1, null], [3, 4]]}
                {"x": 3, "list": null,         "grid": [null, [1, 2]]}
                {"x": 4, "list": [null, null], "grid": [[1, null], [3]]}
                {"x": 5, "list": [3, 4],       "grid": [[1, 2], [3]]}
                {"x": 6, "list": [1, null, 3], "grid": null}
                {"x": 7, "list": [5, 6],       "grid": [[5, 6], [7, 8]]}
                {"x": 8, "list": [7, 8],       "grid": [[1, 0], [0, 1]]}
                {"x": 9, "list": [9, 9.5],     "grid": [[2, 2], [2, 2]]}
                """);
        RowSource source = source(FILES.resolve("nulls.parquet"));
        assertThat(source.columns()).containsExactly(new Column("x", Column.Type.NUMBER, null, 0, 0),
                new Column("list", Column.Type.ARRAY, List.of(2), 4, 0), new Column("grid", Column.Type.ARRAY, List.of(2, 2), 2, 3));
        assertThat(Scan
                .of(DatasetFormat.JSONL, List.of(RowFile.own(lines)), List.of(new Layout.DataFile("", Files.size(lines), 0)), () -> {},
                        _ -> {})
                .columns()).isEqualTo(source.columns());
        List<String> found = new ArrayList<>();
        try (RowReader reader = source.read(source.splits().getFirst(), List.of("list", "grid"), Checkpoint.NONE)) {
            while (reader.next()) {
                found.add(reader.kind(0) + " " + reader.kind(1));
            }
        }
        assertThat(found).containsExactly("ARRAY ARRAY", "MISSING MISSING", "MISSING OTHER", "MISSING OTHER", "ARRAY OTHER",
                "MISSING MISSING", "ARRAY ARRAY", "ARRAY ARRAY", "ARRAY ARRAY");
    }

    /** They are no texts, though most arrays of a column may be so. */
    @Test
    void arraysWhoseRowsDifferInLengthAreMalformed() throws IOException {
        assertThat(source(FILES.resolve("ragged.parquet")).columns()).containsExactly(
                new Column("mostly", Column.Type.ARRAY, null, 1, 3), new Column("all", Column.Type.ARRAY, null, 0, 5),
                new Column("seldom", Column.Type.ARRAY, List.of(2, 2), 1, 1));
    }

    /** Each group of rows can be a part; small ones are put together. */
    @Test
    void partsAreGroupsOfRows() throws IOException {
        Path file = FILES.resolve("groups.parquet");
        Layout layout = layout(file);
        assertThat(layout.splits()).containsExactly(new RowSplit(0, 0, 5, 1, 10_000));
        Dataset dataset = new Dataset("me", "data", 1, DatasetFormat.PARQUET, null, "", layout.bytes(), layout.rows(), Instant.EPOCH);
        RowSource source = new RowSource(dataset, layout, List.of(RowFile.own(file)));
        double sum = 0;
        for (RowSplit split : List.of(new RowSplit(0, 0, 1, 1, 2_048), new RowSplit(0, 1, 3, 2_049, 4_096),
                new RowSplit(0, 3, 5, 6_145, 3_856))) {
            try (RowReader reader = source.read(split, List.of("y", "x"), Checkpoint.NONE)) {
                while (reader.next()) {
                    assertThat(reader.number(1)).isEqualTo((double) reader.row());
                    sum += reader.number(0);
                }
            }
        }
        assertThat(sum).isEqualTo(10_000.0 * 10_001 * 20_001 / 6);
    }

    /** Files are divided by their own bytes, so that the number of parts is bounded however much they unpack to. */
    @Test
    void groupsThatArePackedWellAreOnePart(@TempDir Path folder) throws IOException {
        ParquetBytes packed = new ParquetBytes(ParquetBytes.DOUBLE, false).page(ParquetBytes.PLAIN, 1, Double.BYTES,
                new byte[Double.BYTES]);
        packed.groups = 5;
        packed.unpacked = 1L << 40;
        Path file = Files.write(folder.resolve("packed.parquet"), packed.file(1));
        assertThat(layout(file).splits()).containsExactly(new RowSplit(0, 0, 5, 1, 5));
    }

    @Test
    void damagedFilesAreRefused(@TempDir Path folder) throws IOException {
        byte[] whole = Files.readAllBytes(FILES.resolve("snappy.parquet"));
        Path file = folder.resolve("damaged.parquet");
        for (byte[] bytes : List.of(new byte[0], new byte[100], Arrays.copyOf(whole, whole.length / 2),
                Arrays.copyOfRange(whole, 100, whole.length))) {
            Files.write(file, bytes);
            ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(file));
            assertThat(refused).as("%s bytes", bytes.length).isNotNull();
            assertThat(refused.getMessage()).contains("no file of Parquet that can be read");
        }
        int isRead = 0;
        for (int at = 4; at < whole.length - 8; at += 13) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) 0xFF;
            Files.write(file, changed);
            try {
                layout(file);
                isRead++;
            } catch (ProblemException e) {
                assertThat(e.problems()).isNotEmpty();
            }
        }
        assertThat(isRead).as("of files whose values or names alone are changed").isPositive();
    }

    /** All groups of this file have cells of the same kinds, as those of results have. */
    @Test
    void oneGroupTellsOfLikeGroups() throws IOException {
        Path file = FILES.resolve("groups.parquet");
        Layout all = layout(file);
        Layout first = Scan.of(new WrittenFile(DatasetFormat.PARQUET, file, Files.size(file), "", Map.of(), null), () -> {}, _ -> {});
        assertThat(first.columns()).isEqualTo(all.columns());
        assertThat(first.splits()).isEqualTo(all.splits());
        assertThat(first.files()).isEqualTo(all.files());
        assertThat(first.readers()).isEqualTo(all.readers());
    }
}
