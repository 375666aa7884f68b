package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.service.datasets.RowSource;
import java.util.BitSet;
import tools.jackson.databind.JsonNode;

/**
 * Pieces of the files of a data set, in the order of the rows. Nobody knows how many rows a piece has until it has been read, so that rows
 * are numbered within their pieces while work goes on, and through the data set when all pieces before them are done.
 */
final class SparkUnits implements WorkUnits {
    static final int FORM = 0x43_50_01;

    private final long pieceBytes;
    /** Tells these pieces from others; empty until they are known. */
    private String digest = "";
    /** The bytes of all pieces together; 0 until they are known. */
    private long bytes;
    /** The number of rows of each piece that is done, and of others 0. */
    private long[] rows = {};

    /** @param pieceBytes how long a piece is at most */
    SparkUnits(long pieceBytes) {
        this.pieceBytes = pieceBytes;
    }

    /** Reads what {@link #toBytes} has written. */
    static SparkUnits of(byte[] state) {
        return SerialForm.read(state, FORM, "pieces of files", in -> {
            SparkUnits units = new SparkUnits(in.readLong());
            units.digest = in.readUTF();
            units.bytes = in.readLong();
            units.rows = new long[in.readInt()];
            for (int i = 0; i < units.rows.length; i++) {
                units.rows[i] = in.readLong();
            }
            return units;
        });
    }

    @Override
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeLong(pieceBytes);
            out.writeUTF(digest);
            out.writeLong(bytes);
            out.writeInt(rows.length);
            for (long count : rows) {
                out.writeLong(count);
            }
        });
    }

    long pieceBytes() {
        return pieceBytes;
    }

    /**
     * Notes what the pieces are that the driver tells of. Throws {@link io.chainrule.core.graph.ProblemException} if they are not those of
     * the work so far.
     */
    void begin(JsonNode told, RowSource of) {
        bytes = told.path("bytes").asLong();
        if (!begin(told.path("digest").asString(), told.path("count").asInt())) {
            throw of.changed();
        }
    }

    /** Notes what the pieces are; returns whether they are those of the work so far. */
    boolean begin(String ofPieces, int count) {
        if (digest.isEmpty()) {
            digest = ofPieces;
            rows = new long[count];
        }
        return digest.equals(ofPieces) && rows.length == count;
    }

    /** Throws if Spark has found another number of rows than was counted before. */
    static void check(long found, RowSource rows) {
        if (rows.isCounted() && found != rows.dataset().rows()) {
            throw new IllegalStateException(
                    "Spark has found " + found + " rows in the data set '" + rows.dataset().name() + "', and not " + rows.dataset().rows());
        }
    }

    long bytes() {
        return bytes;
    }

    /** The rows of a piece that is done. */
    long rowsOf(int piece) {
        return rows[piece];
    }

    /** Notes how many rows a piece has. */
    void count(int piece, long of) {
        rows[piece] = of;
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public long[] before() {
        long[] before = new long[rows.length];
        for (int piece = 1; piece < rows.length; piece++) {
            before[piece] = before[piece - 1] + rows[piece - 1];
        }
        return before;
    }

    @Override
    public long rows(BitSet done) {
        return done.stream().mapToLong(piece -> rows[piece]).sum();
    }

    /** A tally names parts by the numbers of their pieces. */
    @Override
    public RowTally numbered(RowTally tally) {
        long[] before = before();
        return tally.countedThrough(part -> before[Integer.parseInt(part)]);
    }
}
