package io.chainrule.service.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts of results become one file, also in several attempts. */
class JoiningTest {
    private static final List<RowQuantity> QUANTITIES = List.of(new RowQuantity(RowQuantity.Kind.VALUE, "f", null, Shape.SCALAR),
            new RowQuantity(RowQuantity.Kind.GRADIENT, "w", null, Shape.of(2)));
    /** Parts whose rows end between groups, at the end of a group, and which have none. */
    private static final int[] ROWS = {70, 50, 0, 300, 1, 0, 79};
    private static final int ALL = IntStream.of(ROWS).sum();
    private static final long ROWS_OF_GROUP = 20;
    private static final int GROUPS_A_STEP = 3;
    /** Less than a part has, and more than a line. */
    private static final long BYTES_A_STEP = 500;

    @TempDir
    private Path folder;
    private final List<Path> parts = new ArrayList<>();

    enum Format {
        JSONL,
        /** Rows of a part count from 1, and those of the parts before it are added. */
        JSONL_NUMBERED,
        PARQUET;

        private boolean isNumbered() {
            return this == JSONL_NUMBERED;
        }
    }

    private static String line(long number, long row) {
        return "{\"row\":" + number + ",\"value\":" + 0.5 * row + ",\"gradient_w\":[" + row + ".0,\"NaN\"]}\n";
    }

    private void write(Format format) throws IOException {
        long row = 0;
        for (int rows : ROWS) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (int i = 1; i <= rows; i++) {
                row++;
                if (format == Format.PARQUET) {
                    out.writeLong(row);
                    out.writeDouble(0.5 * row);
                    out.writeDouble((double) row);
                    out.writeDouble(Double.NaN);
                } else {
                    out.write(line(format.isNumbered() ? i : row, row).getBytes(StandardCharsets.US_ASCII));
                }
            }
            parts.add(Files.write(folder.resolve("part" + parts.size()), bytes.toByteArray()));
        }
    }

    private long bytes() throws IOException {
        long bytes = 0;
        for (Path part : parts) {
            bytes += Files.size(part);
        }
        return bytes;
    }

    private static long[] before(Format format) {
        long[] before = new long[ROWS.length];
        for (int i = 1; i < before.length && format.isNumbered(); i++) {
            before[i] = before[i - 1] + ROWS[i - 1];
        }
        return before;
    }

    private Joining open(Format format, Path whole, byte[] state, Joining.Progress progress) throws IOException {
        if (!Files.exists(whole)) {
            Files.createFile(whole);
        }
        return format == Format.PARQUET
                ? ParquetJoining.of(whole, QUANTITIES, ROWS_OF_GROUP, GROUPS_A_STEP, state, progress)
                : JsonLinesJoining.of(whole, QUANTITIES, new WrittenLines(bytes(), true), BYTES_A_STEP, state, progress);
    }

    /** Ends an attempt some calls after a step, when more has been written than the state knows. */
    private static final class Attempt {
        private final int more;
        private @Nullable Joining joining;
        private byte[] state;
        private int left = Integer.MAX_VALUE;

        Attempt(int more, byte[] state) {
            this.more = more;
            this.state = state;
        }

        void check() {
            if (left-- == 0) {
                throw new IllegalStateException("enough");
            }
        }

        Joining.Progress progress() {
            return new Joining.Progress(this::check, this::step);
        }

        void step() {
            if (more == Integer.MAX_VALUE || joining == null || left <= more) {
                return;
            }
            try {
                state = joining.state();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            left = more;
        }
    }

    private WrittenFile joined(Format format, Path whole, Attempt attempt) throws IOException {
        try (Joining joining = open(format, whole, attempt.state, attempt.progress())) {
            attempt.joining = joining;
            joining.run(parts, before(format), attempt.progress());
            return joining.end();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void allRowsAreInTheFile(Format format) throws IOException {
        write(format);
        WrittenFile file = joined(format, folder.resolve("whole"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING));
        byte[] bytes = Files.readAllBytes(file.path());
        assertThat(file.bytes()).isEqualTo(bytes.length);
        assertThat(file.sha256()).isEqualTo(sha256(bytes));
        if (format == Format.PARQUET) {
            try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file.path())); RowReader rows = reader.rowReader()) {
                assertThat(reader.getFileMetaData().rowGroups()).hasSize((int) Math.ceilDiv(ALL, ROWS_OF_GROUP));
                for (long row = 1; row <= ALL; row++) {
                    rows.next();
                    assertThat(rows.getLong("row")).isEqualTo(row);
                    assertThat(rows.getDouble("value")).isEqualTo(0.5 * row);
                    assertThat(rows.getList("gradient_w").values()).containsExactly((double) row, Double.NaN);
                }
                assertThat(rows.hasNext()).isFalse();
            }
        } else {
            assertThat(Files.readAllLines(file.path()))
                    .isEqualTo(LongStream.rangeClosed(1, ALL).mapToObj(row -> line(row, row).strip()).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"JSONL, 0", "JSONL, 1", "JSONL_NUMBERED, 0", "JSONL_NUMBERED, 2", "PARQUET, 0", "PARQUET, 2"})
    void attemptsTogetherWriteTheSameBytes(Format format, int more) throws IOException {
        write(format);
        byte[] expected = Files
                .readAllBytes(joined(format, folder.resolve("once"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING)).path());
        Path whole = folder.resolve("whole");
        byte[] state = Joining.NOTHING;
        WrittenFile file = null;
        int attempts = 0;
        while (file == null) {
            Attempt attempt = new Attempt(more, state);
            attempts++;
            try {
                file = joined(format, whole, attempt);
            } catch (IllegalStateException _) {
                assertThat(attempt.state).as("the state of attempt " + attempts).isNotEqualTo(state);
                state = attempt.state;
            }
        }
        assertThat(attempts).isGreaterThan(2);
        assertThat(Files.readAllBytes(whole)).isEqualTo(expected);
        assertThat(file.sha256()).isEqualTo(sha256(expected));
    }

    @ParameterizedTest
    @EnumSource
    void withoutTheFileJoiningBeginsAnew(Format format) throws IOException {
        write(format);
        Path whole = folder.resolve("whole");
        Attempt first = new Attempt(0, Joining.NOTHING);
        assertThatThrownBy(() -> joined(format, whole, first)).hasMessage("enough");
        assertThat(Files.size(whole)).isPositive();
        Files.delete(whole);
        WrittenFile again = joined(format, whole, new Attempt(Integer.MAX_VALUE, first.state));
        WrittenFile once = joined(format, folder.resolve("once"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING));
        assertThat(Files.readAllBytes(again.path())).isEqualTo(Files.readAllBytes(once.path()));
    }

    /** The parts are of use whatever becomes of their joining. */
    @ParameterizedTest
    @EnumSource(names = {"JSONL", "PARQUET"})
    void aStateOfAnotherVersionBeginsAnew(Format format) throws IOException {
        write(format);
        byte[] once = Files.readAllBytes(joined(format, folder.resolve("once"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING)).path());
        Path whole = Files.write(folder.resolve("whole"), new byte[1 << 20]);
        Joining.Progress progress = new Joining.Progress(() -> {}, () -> {});
        byte[] state = {1, 2, 3, 4, 5};
        assertThatThrownBy(() -> open(format, whole, state, progress)).isInstanceOf(UnreadableBytesException.class);
        try (Joining joining = Joining.of(DatasetFormat.valueOf(format.name()), whole, QUANTITIES, bytes(), true, state, progress)) {
            joining.run(parts, before(format), progress);
            joining.end();
        }
        if (format == Format.JSONL) {
            assertThat(Files.readAllBytes(whole)).isEqualTo(once);
        } else {
            // Groups of another size.
            assertThat(description(whole).getNum_rows()).isEqualTo(ALL);
        }
    }

    /** An attempt that sleeps, while another one takes its place, spoils nothing when it goes on. */
    @ParameterizedTest
    @EnumSource
    void twoAttemptsMayWriteTheSameFile(Format format) throws IOException {
        write(format);
        byte[] once = Files.readAllBytes(joined(format, folder.resolve("once"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING)).path());
        Path whole = folder.resolve("whole");
        Attempt sleeper = new Attempt(1, Joining.NOTHING);
        try (Joining late = open(format, whole, Joining.NOTHING, sleeper.progress())) {
            sleeper.joining = late;
            joined(format, whole, new Attempt(Integer.MAX_VALUE, Joining.NOTHING));
            assertThat(Files.readAllBytes(whole)).isEqualTo(once);
            assertThatThrownBy(() -> late.run(parts, before(format), sleeper.progress())).hasMessage("enough");
        }
        assertThat(Files.readAllBytes(whole)).isEqualTo(once);
        Files.delete(whole);
        AtomicInteger steps = new AtomicInteger();
        AtomicReference<Joining> first = new AtomicReference<>();
        Joining.Progress disturbed = new Joining.Progress(() -> {}, () -> {
            try {
                if (steps.incrementAndGet() == 3) {
                    // What is on the disk stays, whoever opens the file.
                    assertThat(first.get().state()).isNotEmpty();
                    open(format, whole, Joining.NOTHING, sleeper.progress()).close();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        WrittenFile file;
        try (Joining joining = open(format, whole, Joining.NOTHING, disturbed)) {
            first.set(joining);
            joining.run(parts, before(format), disturbed);
            file = joining.end();
        }
        assertThat(steps.get()).isGreaterThan(3);
        assertThat(Files.readAllBytes(whole)).isEqualTo(once);
        assertThat(file.sha256()).isEqualTo(sha256(once));
    }

    private static FileMetaData description(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int tail = bytes.length - 8;
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(tail);
        return Util.readFileMetaData(new ByteArrayInputStream(bytes, tail - length, length));
    }

    /** What was written in several steps is described as if it had been written in one. */
    @Test
    void groupsAreDescribedWhereTheyAre() throws IOException {
        write(Format.PARQUET);
        Path whole = joined(Format.PARQUET, folder.resolve("whole"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING)).path();
        byte[] bytes = Files.readAllBytes(whole);
        List<RowGroup> groups = Objects.requireNonNull(description(whole).getRow_groups());
        assertThat(groups).extracting(group -> (int) group.getOrdinal()).isEqualTo(IntStream.range(0, groups.size()).boxed().toList());
        long end = 4;
        for (RowGroup group : groups) {
            assertThat(group.getNum_rows()).isEqualTo(ROWS_OF_GROUP);
            for (ColumnChunk column : Objects.requireNonNull(group.getColumns())) {
                ColumnMetaData data = Objects.requireNonNull(column.getMeta_data());
                assertThat(data.getData_page_offset()).isGreaterThanOrEqualTo(end);
                end = data.getData_page_offset() + data.getTotal_compressed_size();
                OffsetIndex index = Util.readOffsetIndex(new ByteArrayInputStream(bytes, (int) column.getOffset_index_offset(),
                        column.getOffset_index_length()));
                assertThat(Objects.requireNonNull(index.getPage_locations()).getFirst().getOffset()).isEqualTo(data.getData_page_offset());
                ColumnIndex values = Util.readColumnIndex(new ByteArrayInputStream(bytes, (int) column.getColumn_index_offset(),
                        column.getColumn_index_length()));
                assertThat(values.getNull_pages()).containsExactly(false);
            }
        }
    }

    /** A file of Parquet without rows tells its columns. */
    @Test
    void noRowsMakeAFile() throws IOException {
        Path part = Files.createFile(folder.resolve("part"));
        parts.addAll(List.of(part, part));
        WrittenFile file = joined(Format.PARQUET, folder.resolve("whole"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING));
        try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file.path())); RowReader rows = reader.rowReader()) {
            assertThat(rows.hasNext()).isFalse();
            assertThat(reader.getFileSchema().getColumns()).hasSize(3);
        }
        assertThat(joined(Format.JSONL, folder.resolve("lines"), new Attempt(Integer.MAX_VALUE, Joining.NOTHING)).bytes()).isZero();
    }
}
