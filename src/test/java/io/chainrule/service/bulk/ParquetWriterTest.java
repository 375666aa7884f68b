package io.chainrule.service.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.datasets.DatasetFormat;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long the description of a file with many columns is. Our own reader takes up to 64 MiB. */
class ParquetWriterTest {
    private static final long GIB = 1L << 30;
    private static final Joining.Progress NOT_FOLLOWED = new Joining.Progress(() -> {}, () -> {});

    @TempDir
    private Path folder;

    private static List<RowQuantity> numbers(int columns) {
        return IntStream.range(0, columns)
                .mapToObj(i -> new RowQuantity(RowQuantity.Kind.NODE, "a_node_whose_name_is_rather_long_" + i, null, Shape.SCALAR))
                .toList();
    }

    @Test
    void aColumnTakesFewBytesInEachGroup() throws IOException {
        int columns = 300;
        int rows = 14_000;
        Path part = folder.resolve("part");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part)))) {
            for (int row = 0; row < rows; row++) {
                out.writeLong(row);
                for (int i = 0; i < columns; i++) {
                    out.writeDouble(Math.sin(row * columns + i));
                }
            }
        }
        Path whole = Files.createFile(folder.resolve("whole"));
        try (Joining joining = Joining.of(DatasetFormat.PARQUET, whole, numbers(columns), Files.size(part), false, Joining.NOTHING,
                NOT_FOLLOWED)) {
            joining.run(List.of(part), new long[]{0}, NOT_FOLLOWED);
            joining.end();
        }
        byte[] bytes = Files.readAllBytes(whole);
        int description = ByteBuffer.wrap(bytes, bytes.length - 8, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int groups = 3;
        assertThat(description / (groups * columns)).isBetween(100, 256);
    }

    @ParameterizedTest
    @CsvSource({"10, 1000", "100, 100", "300, 100", "1000, 10", "4000, 2"})
    void theDescriptionOfAVeryLargeFileCanBeRead(int columns, long gibibytes) {
        long groups = gibibytes * GIB / ParquetWriter.groupBytes(numbers(columns), gibibytes * GIB);
        assertThat(groups * columns * 256).isBetween(1L, 1L << 26);
        assertThat(ParquetWriter.mostBytes(numbers(columns), gibibytes * GIB)).isLessThan(GIB / 2);
    }

    @Test
    void otherFilesHaveGroupsOfOneSize() {
        assertThat(ParquetWriter.groupBytes(numbers(10), GIB)).isEqualTo(ParquetWriter.groupBytes(numbers(10), 0)).isEqualTo(1 << 24);
    }

    /** With the limit that runs have by default. */
    @ParameterizedTest
    @CsvSource({"1, 20", "100, 20", "993, 4"})
    void asLargeAFileAsAnOwnerMayHaveIsWritten(int columns, long gibibytes) {
        assertThat(ParquetWriter.mostBytes(numbers(columns), gibibytes * GIB)).isLessThan(160L << 20);
    }
}
