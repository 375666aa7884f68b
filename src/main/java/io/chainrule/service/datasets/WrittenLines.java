package io.chainrule.service.datasets;

import io.chainrule.core.tensor.SerialForm;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** Notes where the lines of a JSON Lines file begin. It does so while the file is written, so that nobody has to read the file again. */
public final class WrittenLines {
    private static final int FORM = 0x43_4C_01;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = ONES << 7;
    private static final long LINE_BREAKS = ONES * '\n';

    private final Splitter splitter;
    private final boolean hasTexts;
    private long position;
    private long begin;
    private long longest;

    /**
     * @param bytes of the whole file, about
     * @param hasTexts whether a cell may be a text, as numbers are which are not finite
     */
    public WrittenLines(long bytes, boolean hasTexts) {
        this(Splitter.of(bytes), hasTexts);
        splitter.nextFile();
    }

    private WrittenLines(Splitter splitter, boolean hasTexts) {
        this.splitter = splitter;
        this.hasTexts = hasTexts;
    }

    /** Notes the lines in the next bytes of the file, from index {@code from} to before {@code to}. Throws for a row that is too long. */
    public void add(byte[] bytes, int from, int to) {
        int at = lineBreak(bytes, from, to);
        while (at < to) {
            end(position + at - from);
            at = lineBreak(bytes, at + 1, to);
        }
        position += to - from;
    }

    /** The place of the first line break; {@code to} if there is none. */
    private static int lineBreak(byte[] bytes, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to) {
            // The lowest bit that is set tells the first line break. Those above it may be wrong, since a borrow goes on to the next byte.
            long differences = (long) LONGS.get(bytes, at) ^ LINE_BREAKS;
            long found = differences - ONES & ~differences & HIGHEST_BITS;
            if (found != 0) {
                return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
            at += Long.BYTES;
        }
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    private void end(long at) {
        splitter.row(begin);
        if (at - begin > longest) {
            longest = at - begin;
            if (longest >= ByteWindow.LONGEST_ROW) {
                throw ByteWindow.tooLong("row " + splitter.rows(), 0, "ask for fewer results of a row, or for Parquet", Scan.ofOne());
            }
        }
        begin = at + 1;
    }

    /** The parts of the lines so far, of which each has ended. */
    List<RowSplit> splits() {
        splitter.end(position);
        return splitter.splits();
    }

    /** The memory that a reader of the lines takes, in bytes. */
    long bytesOfReader() {
        return ByteWindow.memory(longest) + (hasTexts ? JsonRows.memory(longest) : 0);
    }

    /** What has been found in the lines so far, of which each has ended. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            splitter.write(out);
            out.writeLong(position);
            out.writeLong(longest);
            out.writeBoolean(hasTexts);
        });
    }

    /** Reads what {@link #toBytes} has written. Throws {@link io.chainrule.core.tensor.UnreadableBytesException}. */
    public static WrittenLines of(byte[] state) {
        return SerialForm.read(state, FORM, "lines that were written", in -> {
            Splitter splitter = Splitter.read(in);
            long position = in.readLong();
            long longest = in.readLong();
            WrittenLines lines = new WrittenLines(splitter, in.readBoolean());
            lines.position = position;
            lines.begin = position;
            lines.longest = longest;
            return lines;
        });
    }
}
