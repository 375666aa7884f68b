package io.chainrule.service.datasets;

import io.chainrule.core.tensor.SerialForm;
import java.util.List;

/** The lines of a file of JSON Lines as they are found while it is written, so that it need not be read again. */
public final class WrittenLines {
    private static final int FORM = 0x43_4C_01;

    private final Splitter splitter;
    private long position;
    private long begin;
    private boolean hasText;
    private byte latest;
    private long longest;
    private long longestWithText;

    /** @param bytes of the whole file, about */
    public WrittenLines(long bytes) {
        this(new Splitter(bytes));
        splitter.nextFile();
    }

    private WrittenLines(Splitter splitter) {
        this.splitter = splitter;
    }

    /** Looks at the bytes from {@code from} to before {@code to}, which are written next. */
    public void add(byte[] bytes, int from, int to) {
        byte before = latest;
        for (int i = from; i < to; i++) {
            byte next = bytes[i];
            if (next == '\n') {
                end(position + i - from);
            } else if (next == '"' && before == ':') {
                hasText = true;
            }
            before = next;
        }
        latest = before;
        position += to - from;
    }

    private void end(long at) {
        splitter.row(begin);
        longest = Math.max(longest, at - begin);
        longestWithText = hasText ? Math.max(longestWithText, at - begin) : longestWithText;
        begin = at + 1;
        hasText = false;
    }

    /** The parts of the lines so far, of which each has ended. */
    List<RowSplit> splits() {
        splitter.end(position);
        return splitter.splits();
    }

    /** The memory that a reader of the lines takes, in bytes. */
    long bytesOfReader() {
        return ByteWindow.memory(longest) + JsonRows.memory(longestWithText);
    }

    /** What has been found in the lines so far, of which each has ended. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            splitter.write(out);
            out.writeLong(position);
            out.writeLong(longest);
            out.writeLong(longestWithText);
        });
    }

    /** Reads what {@link #toBytes} has written. Throws {@link io.chainrule.core.tensor.UnreadableBytesException}. */
    public static WrittenLines of(byte[] state) {
        return SerialForm.read(state, FORM, "lines that were written", in -> {
            WrittenLines lines = new WrittenLines(Splitter.read(in));
            lines.position = in.readLong();
            lines.begin = lines.position;
            lines.longest = in.readLong();
            lines.longestWithText = in.readLong();
            return lines;
        });
    }
}
