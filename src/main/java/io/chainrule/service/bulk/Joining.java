package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins the parts of results to one file. The file has the same bytes after one attempt and after several. */
abstract sealed class Joining implements Closeable permits JsonLinesJoining, ParquetJoining {
    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

    /** The state of joining that has not begun. */
    static final byte[] NOTHING = {};
    /** The bytes of parts, about, after which the state may be stored. */
    static final long BYTES_A_STEP = 1 << 24;
    /** The bytes of parts that are joined in a second. */
    private static final double COPIED_A_SECOND = 2.5e8;
    private static final double PACKED_A_SECOND = 8e7;

    private final Path whole;
    final ResultFile file;
    final List<RowQuantity> quantities;

    Joining(Path whole, ResultFile file, List<RowQuantity> quantities) {
        this.whole = whole;
        this.file = file;
        this.quantities = quantities;
    }

    /**
     * What is called while parts are joined.
     *
     * @param check is called often, and may throw to end it
     * @param step is called where {@link Joining#state} is the state of all that is written
     */
    record Progress(Runnable check, Runnable step) {}

    /**
     * Goes on from a state. Begins if there is none, if another version has made it, or if the file does not have its bytes.
     *
     * @param whole the file, which is there
     * @param bytes of all parts
     * @param hasTexts whether a result may be written as a text, since it is not finite
     */
    static Joining of(DatasetFormat format, Path whole, List<RowQuantity> quantities, long bytes, boolean hasTexts, byte[] state,
            Progress progress) throws IOException {
        byte[] from = state;
        while (true) {
            try {
                return format == DatasetFormat.PARQUET
                        ? ParquetJoining.of(whole, quantities, ParquetWriter.rowsOfGroup(quantities, bytes),
                                ParquetWriter.groupsOf(BYTES_A_STEP, quantities, bytes), from, progress)
                        : JsonLinesJoining.of(whole, quantities, new WrittenLines(bytes, hasTexts), BYTES_A_STEP, from, progress);
            } catch (UnreadableBytesException e) {
                LOG.warn("The joining of results begins anew: {}", e.getMessage());
                from = NOTHING;
            }
        }
    }

    /** The most memory that it takes to join so many bytes, in bytes. */
    static long memory(DatasetFormat format, List<RowQuantity> quantities, long bytes) {
        return format == DatasetFormat.PARQUET ? ParquetWriter.mostBytes(quantities, bytes) : JsonLinesJoining.mostBytes(quantities);
    }

    /** Estimates the time to join a number of bytes, in seconds. */
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

    /** Completes the file and forces it to the disk. All parts must have been joined to it. */
    abstract WrittenFile end() throws IOException;

    final WrittenFile end(DatasetFormat format, @Nullable WrittenLines lines) throws IOException {
        String sha256 = file.end();
        return new WrittenFile(format, whole, file.position(), sha256, RowWriter.shapes(quantities), lines);
    }

    @Override
    public final void close() throws IOException {
        file.close();
    }
}
