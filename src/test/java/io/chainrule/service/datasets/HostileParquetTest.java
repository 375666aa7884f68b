package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of Parquet that claim what they do not have are refused before memory is taken for it, and damaged ones never end the service. */
@Timeout(60)
@Isolated
class HostileParquetTest {
    private static final Path FILES = Path.of("src/test/resources/datasets");
    /** What a file may take, and the thread that reads it. */
    private static final long MEMORY = 96 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int HUGE = Integer.MAX_VALUE;
    private static final int LARGE = 1 << 23;

    @TempDir
    private Path folder;

    @BeforeAll
    static void forgetFoldersThatAreGone() {
        ParquetTest.forgetFoldersThatAreGone();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("hostile.parquet"), bytes);
    }

    private static Layout layout(Path file) throws IOException {
        long[] taken = {0};
        return Scan.of(DatasetFormat.PARQUET, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {},
                bytes -> {
                    taken[0] += bytes;
                    LimitException.check("memory", taken[0], MEMORY);
                });
    }

    private static ParquetBytes column(int type) {
        return new ParquetBytes(type, false);
    }

    private static ParquetBytes list() {
        return new ParquetBytes(ParquetBytes.DOUBLE, true);
    }

    private static byte[] bytes(int... bytes) {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) bytes[i];
        }
        return all;
    }

    private static byte[] doubles(double... numbers) {
        ByteBuffer all = ByteBuffer.allocate(Double.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(numbers).forEach(all::putDouble);
        return all.array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** A run of one level, and its length before it. */
    private static byte[] levels(long count, int level) {
        byte[] run = joined(new ParquetBytes.Thrift().unsigned(count << 1).bytes.toByteArray(), bytes(level));
        return joined(bytes(run.length, 0, 0, 0), run);
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static ParquetBytes.Thrift thrift() {
        return new ParquetBytes.Thrift();
    }

    static Stream<Arguments> hostile() throws IOException {
        ParquetBytes bomb = column(ParquetBytes.DOUBLE);
        bomb.codec = ParquetBytes.GZIP;
        bomb.page(ParquetBytes.PLAIN, 1, HUGE, packed(doubles(1)));
        ParquetBytes longer = column(ParquetBytes.DOUBLE);
        longer.codec = ParquetBytes.GZIP;
        longer.page(ParquetBytes.PLAIN, 1, 8, packed(new byte[1 << 20]));
        byte[] manyNumbers = joined(levels(1, 0), levels(1, 1), doubles(1));
        ParquetBytes longList = list().page(ParquetBytes.PLAIN, 1, manyNumbers.length, manyNumbers);
        // The list goes on in pages of a million numbers that are missing, which take a few bytes each.
        byte[] more = joined(levels(1 << 20, 1), levels(1 << 20, 0));
        longList.page(ParquetBytes.PLAIN, 1 << 20, more.length, more).page(ParquetBytes.PLAIN, 1 << 20, more.length, more);
        byte[] nested = new byte[100_000];
        Arrays.fill(nested, (byte) 0x19);
        return Stream.of(
                Arguments.of("a text of the description", column(ParquetBytes.DOUBLE).file(thrift().field(6, 8).unsigned(HUGE).bytes
                        .toByteArray()), "a text is longer than what holds it"),
                Arguments.of("a list of the description", column(ParquetBytes.DOUBLE).file(thrift().list(7, 12, HUGE).bytes
                        .toByteArray()), "more elements than bytes"),
                Arguments.of("pairs of the description", column(ParquetBytes.DOUBLE).file(thrift().list(5, 12, HUGE).bytes
                        .toByteArray()), "more elements than bytes"),
                Arguments.of("lists within lists", column(ParquetBytes.DOUBLE).file(joined(bytes(0xF9), nested)), "nested too deeply"),
                Arguments.of("the unpacked size of a page", bomb.file(1), "a page claims 2147483647 bytes"),
                Arguments.of("a page that is longer than it claims", longer.file(1), "does not unpack to the 8 bytes"),
                Arguments.of("the values of a page", column(ParquetBytes.DOUBLE).page(ParquetBytes.PLAIN, HUGE, 8, doubles(1)).file(1),
                        "a page claims 2147483647 values"),
                Arguments.of("the values of a dictionary", column(ParquetBytes.DOUBLE).dictionary(HUGE, doubles(1))
                        .page(ParquetBytes.RLE_DICTIONARY, 1, 2, bytes(2, 0)).file(1), "a page claims 2147483647 values"),
                Arguments.of("levels", column(ParquetBytes.DOUBLE).page2(ParquetBytes.PLAIN, 1, HUGE, HUGE, doubles(1)).file(1),
                        "the levels of a page are longer than the page"),
                Arguments.of("blocks of differences", column(ParquetBytes.INT64).page(ParquetBytes.DELTA_BINARY_PACKED, 1, 12,
                        joined(thrift().unsigned(128).unsigned(HUGE).unsigned(1).bytes.toByteArray(), new byte[4])).file(1),
                        "a page claims blocks of 128 values in 2147483647 parts"),
                Arguments.of("texts by their beginnings", column(ParquetBytes.TEXT).page(ParquetBytes.DELTA_BYTE_ARRAY, 1, 8, new byte[8])
                        .file(1), "DELTA_BYTE_ARRAY"),
                Arguments.of("the numbers of a row", longList.file(1), "a row has more than 2097152 numbers"),
                Arguments.of("rows that are not there", column(ParquetBytes.DOUBLE).page(ParquetBytes.PLAIN, 1, 8, doubles(1)).file(2),
                        "it ends before its rows do"),
                Arguments.of("rows that are not told", column(ParquetBytes.DOUBLE).page(ParquetBytes.PLAIN, 2, 16, doubles(1, 2)).file(1),
                        "it has more rows than its group"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void whatAFileClaimsIsNotBelieved(String what, byte[] bytes, String expected) throws IOException {
        Path file = file(bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> layout(file)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("this is no file of Parquet that can be read").hasMessageContaining(expected);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(2 * MEMORY);
    }

    /** Pages without values are no rows, after which somebody would look whether to go on. */
    @Test
    void theCheckpointIsAskedBeforeEachPage() throws IOException {
        ParquetBytes written = column(ParquetBytes.DOUBLE);
        for (int i = 0; i < 10_000; i++) {
            written.page(ParquetBytes.PLAIN, 0, 0, new byte[0]);
        }
        Path file = file(written.page(ParquetBytes.PLAIN, 1, 8, doubles(1)).file(1));
        int[] left = {100};
        assertThatThrownBy(() -> Scan.of(DatasetFormat.PARQUET, List.of(RowFile.own(file)),
                List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {
                    if (--left[0] == 0) {
                        throw new CancellationException();
                    }
                }, _ -> {})).isInstanceOf(CancellationException.class);
        RowSplit split = layout(file).splits().getFirst();
        try (RowReader reader = source(file, layout(file)).read(split, List.of("x"), () -> left[0]++)) {
            assertThat(reader.next()).isTrue();
        }
        assertThat(left[0]).as("a job's reader asks as well").isGreaterThan(10_000);
    }

    /** Pages of 32 MiB of values may be written in a few bytes; the memory for them is asked for before it is taken. */
    @Test
    void aPageIsChargedBeforeItIsDecoded() throws IOException {
        byte[] all = joined(levels(1 << 24, 0), levels(1 << 24, 0));
        Path file = file(list().page(ParquetBytes.PLAIN, 1 << 24, all.length, all).file(1 << 24));
        assertThatThrownBy(() -> layout(file)).isInstanceOf(LimitException.class);
    }

    /** The entries of a row, in a list that grows, are told of as pages are. */
    @Test
    void theNumbersOfAListAreCharged() throws IOException {
        int count = 1 << 20;
        byte[] first = joined(levels(1, 0), levels(1, 1), doubles(1));
        byte[] more = joined(levels(count, 1), levels(count, 0));
        Path file = file(
                list().page(ParquetBytes.PLAIN, 1, first.length, first).page(ParquetBytes.PLAIN, count, more.length, more).file(1));
        long[] told = {0};
        Scan.of(DatasetFormat.PARQUET, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {},
                bytes -> told[0] += bytes);
        long ofPage = 2L * count * Double.BYTES;
        long ofList = 2L * count * (Double.BYTES + 2 * Integer.BYTES);
        assertThat(told[0]).isGreaterThan(ofPage + ofList);
    }

    /** A small file of columns whose pages unpack to 8 MiB each. */
    private Path large(int columns) throws IOException {
        ParquetBytes bytes = column(ParquetBytes.DOUBLE);
        bytes.codec = ParquetBytes.GZIP;
        bytes.columns = columns;
        return file(bytes.page(ParquetBytes.PLAIN, LARGE / Double.BYTES, LARGE, packed(new byte[LARGE])).file(LARGE / Double.BYTES));
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void aColumnThatHasBeenReadHoldsNoPage() throws IOException {
        int columns = 16;
        Path file = large(columns);
        assertThat(Files.size(file)).isLessThan(1 << 16);
        long before = heap();
        try (ParquetFile opened = new ParquetFile(RowFile.own(file), _ -> {}, Checkpoint.NONE)) {
            List<ParquetColumn> all = opened.schema().getColumns().stream().map(leaf -> new ParquetColumn(opened, leaf)).toList();
            for (ParquetColumn column : all) {
                column.begin(opened.groups().getFirst());
                for (int i = 0; i < LARGE / Double.BYTES; i++) {
                    column.next();
                }
                column.end();
            }
            assertThat(heap() - before).isLessThan(columns * LARGE / 4);
            assertThat(all).hasSize(columns);
        }
    }

    /** A reader holds a page of each column that is wanted, all at once. */
    @Test
    void theMemoryOfAReaderIsThatOfItsColumnsTogether() throws IOException {
        Path file = large(10);
        Layout layout = layout(file);
        RowSource source = source(file, layout);
        List<String> names = layout.columns().stream().map(Column::name).toList();
        long before = heap();
        try (RowReader reader = source.read(layout.splits().getFirst(), names, Checkpoint.NONE)) {
            assertThat(reader.next()).isTrue();
            assertThat(heap() - before).isBetween(8L * LARGE, source.bytesOfReader(names));
            assertThat(reader.number(9)).isZero();
        }
        assertThat(source.bytesOfReader(List.of("x1"))).isBetween((long) LARGE, source.bytesOfReader(names) / 8);
    }

    static Stream<Arguments> readable() {
        return Stream.of(
                Arguments.of("first kind", column(ParquetBytes.DOUBLE).page(ParquetBytes.PLAIN, 3, 24, doubles(1, 2, 3))),
                Arguments.of("second kind", column(ParquetBytes.DOUBLE).page2(ParquetBytes.PLAIN, 3, 0, 0, doubles(1, 2, 3))),
                Arguments.of("two pages", column(ParquetBytes.DOUBLE).page(ParquetBytes.PLAIN, 2, 16, doubles(1, 2)).page2(
                        ParquetBytes.PLAIN, 1, 0, 0, doubles(3))),
                Arguments.of("streams of bytes", column(ParquetBytes.INT32).page(ParquetBytes.BYTE_STREAM_SPLIT, 3, 12,
                        bytes(1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0))),
                // Blocks of 128 differences in 4 parts, 3 values, the first is 1 (twice that); each difference is 1 and takes no bits.
                Arguments.of("differences", column(ParquetBytes.INT64).page(ParquetBytes.DELTA_BINARY_PACKED, 3, 10,
                        bytes(0x80, 1, 4, 3, 2, 2, 0, 0, 0, 0))),
                Arguments.of("dictionary", column(ParquetBytes.DOUBLE).dictionary(3, doubles(3, 1, 2))
                        .page(ParquetBytes.RLE_DICTIONARY, 3, 7, bytes(2, 2, 1, 2, 2, 2, 0))));
    }

    private static RowSource source(Path file, Layout layout) throws IOException {
        return new RowSource(new Dataset("me", "data", 1, DatasetFormat.PARQUET, null, "", Files.size(file), layout.rows(),
                Instant.EPOCH), layout, List.of(RowFile.own(file)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("readable")
    void pagesOfEachKindAreRead(String kind, ParquetBytes written) throws IOException {
        Path file = file(written.file(3));
        Layout layout = layout(file);
        try (RowReader reader = source(file, layout).read(layout.splits().getFirst(), List.of("x"), Checkpoint.NONE)) {
            for (int i = 1; i <= 3; i++) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.number(0)).isEqualTo(i);
            }
            assertThat(reader.next()).isFalse();
        }
    }

    @Test
    void textsByTheirLengthsAreRead() throws IOException {
        Path file = file(column(ParquetBytes.TEXT).page(ParquetBytes.DELTA_LENGTH_BYTE_ARRAY, 3, 13,
                bytes(0x80, 1, 4, 3, 2, 2, 0, 0, 0, 0, 'a', 'b', 'b')).page(ParquetBytes.PLAIN, 1, 5, bytes(1, 0, 0, 0, 'd')).file(4));
        // Lengths 1, 2, 3: the third text has a character that is not there.
        assertThatThrownBy(() -> layout(file)).hasMessageContaining("Unexpected EOF");
        Path whole = file(column(ParquetBytes.TEXT).page(ParquetBytes.DELTA_LENGTH_BYTE_ARRAY, 3, 16,
                bytes(0x80, 1, 4, 3, 2, 2, 0, 0, 0, 0, 'a', 'b', 'b', 'c', 'c', 'c')).page(ParquetBytes.PLAIN, 1, 5, bytes(1, 0, 0, 0, 'd'))
                .file(4));
        Layout layout = layout(whole);
        try (RowReader reader = source(whole, layout).read(layout.splits().getFirst(), List.of("x"), Checkpoint.NONE)) {
            for (String expected : List.of("a", "bb", "ccc", "d")) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.bytes(0)).asString().isEqualTo(expected);
                assertThat(reader.to(0) - reader.from(0)).isEqualTo(expected.length());
            }
        }
    }

    private long open(Path file) throws IOException {
        Path real = file.toRealPath();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> {
                try {
                    return Files.readSymbolicLink(each).equals(real);
                } catch (IOException _) {
                    return false;
                }
            }).count();
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsClosed() throws IOException {
        Path file = Files.copy(FILES.resolve("snappy.parquet"), folder.resolve("closed.parquet"));
        RowSplit split = layout(file).splits().getFirst();
        assertThat(open(file)).isZero();
        try (ParquetReader reader = new ParquetReader(RowFile.own(file), split, List.of("x"), Checkpoint.NONE)) {
            assertThat(reader.next()).isTrue();
            assertThat(open(file)).isOne();
        }
        assertThatThrownBy(() -> new ParquetReader(RowFile.own(file), split, List.of("nothing"), Checkpoint.NONE))
                .isInstanceOf(IllegalArgumentException.class);
        Files.write(file, new byte[100]);
        assertThatThrownBy(() -> new ParquetReader(RowFile.own(file), split, List.of("x"), Checkpoint.NONE))
                .isInstanceOf(IOException.class);
        assertThat(open(file)).isZero();
    }

    /** Seeded, so that a failure can be repeated. */
    @Test
    void damagedFilesAreReadOrRefused() throws IOException {
        int isRead = 0;
        int isRefused = 0;
        SplittableRandom random = new SplittableRandom(42);
        for (String name : List.of("snappy", "zstd", "gzip", "uncompressed", "others")) {
            byte[] whole = Files.readAllBytes(FILES.resolve(name + ".parquet"));
            for (int i = 0; i < 600; i++) {
                byte[] changed = whole.clone();
                for (int j = random.nextInt(4); j >= 0; j--) {
                    // Half of the changes are in the description at the end, which is what the rest is read by.
                    int at = random.nextInt(random.nextBoolean() ? whole.length * 3 / 4 : 0, whole.length);
                    changed[at] = random.nextInt(3) == 0 ? (byte) -1 : (byte) random.nextInt();
                }
                Path file = file(changed);
                long before = THREADS.getCurrentThreadAllocatedBytes();
                try {
                    Layout layout = layout(file);
                    read(file, layout);
                    isRead++;
                } catch (ProblemException | LimitException _) {
                    isRefused++;
                }
                assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).as("of %s, change %s", name, i).isLessThan(2 * MEMORY);
            }
        }
        assertThat(isRead).as("of files whose values alone are changed").isPositive();
        assertThat(isRefused).isPositive();
    }

    /** Reads all cells; a file that was stored has all that it was found to have. */
    private static void read(Path file, Layout layout) throws IOException {
        List<String> names = layout.columns().stream().filter(column -> column.type() != Column.Type.OTHER).map(Column::name).toList();
        for (RowSplit split : layout.splits()) {
            try (RowReader reader = source(file, layout).read(split, names, Checkpoint.NONE)) {
                long cells = 0;
                while (reader.next()) {
                    for (int i = 0; i < names.size(); i++) {
                        cells += reader.kind(i) == RowReader.Kind.ARRAY && reader.array(i).length < 0 ? 0 : 1;
                    }
                }
                assertThat(cells).isEqualTo(split.rows() * names.size());
            }
        }
    }
}
