package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Joins the parts of results to one file. It goes on from a state, and then the file has the same bytes as if it had not ended before. */
abstract sealed class Joining implements Closeable permits JsonLinesJoining, ParquetJoining {
    /** The bytes of parts that are joined in a second. */
    private static final double COPIED_A_SECOND = 2.5e8;
    private static final double PACKED_A_SECOND = 8e7;

    private final Path whole;
    final ResultFile file;

    Joining(Path whole, ResultFile file) {
        this.whole = whole;
        this.file = file;
    }

    /**
     * What follows the joining of parts.
     *
     * @param check called often; may throw to end the joining
     * @param step called where {@link Joining#state} may be called
     */
    record Progress(Runnable check, Runnable step) {}

    /**
     * Begins, or goes on from a state if its bytes are still in the file.
     *
     * @param whole the file, which is there
     * @param bytes of all parts
     * @param hasTexts whether a result may be written as a text, since it is not finite
     */
    static Joining of(DatasetFormat format, Path whole, List<RowQuantity> quantities, long bytes, boolean hasTexts, byte @Nullable [] state,
            Progress progress) throws IOException {
        return format == DatasetFormat.PARQUET
                ? ParquetJoining.of(whole, quantities, bytes, state, progress)
                : JsonLinesJoining.of(whole, bytes, hasTexts, state, progress);
    }

    /** About how many seconds it takes to join so many bytes. */
    static double seconds(DatasetFormat format, double bytes) {
        return bytes / (format == DatasetFormat.PARQUET ? PACKED_A_SECOND : COPIED_A_SECOND);
    }

    /**
     * Joins the parts that are left.
     *
     * @param before what is added to the numbers of the rows of each part
     */
    abstract void run(List<Path> parts, long[] before, Progress progress) throws IOException;

    /** About how many bytes of the parts are joined. */
    abstract long joined();

    /** The state from which another attempt may go on. What it counts is on the disk. */
    abstract byte[] state() throws IOException;

    /** The file, which is on the disk, when all parts are in it. */
    abstract WrittenFile end() throws IOException;

    final WrittenFile written(DatasetFormat format, @Nullable WrittenLines lines) throws IOException {
        file.force();
        return new WrittenFile(format, whole, file.position(), file.sha256(), lines);
    }

    @Override
    public final void close() throws IOException {
        file.close();
    }
}
