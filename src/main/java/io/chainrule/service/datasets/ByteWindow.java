package io.chainrule.service.datasets;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The part of a file that is being read: the bytes from {@link #start} to {@link #end} of an array, which grows so that one row fits into
 * it. Behind them stands a line break, at which loops end that look for one.
 */
final class ByteWindow implements Closeable {
    /** A row has fewer bytes than this, its line break not counted. */
    static final int LONGEST_ROW = 1 << 24;
    private static final int FIRST = 1 << 19;

    /** The row at the beginning of the window has {@link #LONGEST_ROW} bytes or more. */
    static final class RowTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        RowTooLongException() {
            super("a row is too long");
        }
    }

    private final FileChannel file;
    private final LongConsumer growth;
    private final Checkpoint checkpoint;
    byte[] bytes = new byte[FIRST + 1];
    int start;
    int end;
    /** Whether no byte of the file is behind {@link #end}. */
    boolean isLast;
    /** Where {@code bytes[0]} stands in the file. */
    private long offset;

    /**
     * Begins at a byte of a file.
     *
     * @param growth is told how many bytes of memory are taken, before they are
     * @param checkpoint is asked whenever more is read, since a row may be long, and blank lines between two rows may be many
     */
    ByteWindow(RowFile path, long from, LongConsumer growth, Checkpoint checkpoint) throws IOException {
        this.growth = growth;
        this.checkpoint = checkpoint;
        growth.accept(FIRST);
        file = path.open();
        file.position(from);
        offset = from;
        bytes[0] = '\n';
    }

    /** Ends a scan because what begins in a line has {@link #LONGEST_ROW} bytes or more. */
    static ProblemException tooLong(String row, long line, String hint, Scan scan) {
        return scan.fatal(row + " is too long", line, "fewer than " + LONGEST_ROW + " bytes", "as many or more", hint);
    }

    /** The bytes of memory that a window takes in which the longest row has so many. */
    static long memory(long longestRow) {
        long size = FIRST;
        long memory = FIRST;
        // The line break behind a row is looked for in the window, too.
        while (size <= longestRow) {
            size *= 2;
            memory += size;
        }
        return memory;
    }

    /** Where the window begins in the file. */
    long position() {
        return offset + start;
    }

    /**
     * Reads more: as much as the window holds already, if there is room for it. So a caller that looks at a row again from its start
     * whenever more of it has come looks at a few times its length in all. Throws {@link RowTooLongException} if there is no room.
     */
    void fill() throws IOException {
        if (start > 0) {
            System.arraycopy(bytes, start, bytes, 0, end - start);
            offset += start;
            end -= start;
            start = 0;
        }
        if (end == bytes.length - 1) {
            if (end >= LONGEST_ROW) {
                throw new RowTooLongException();
            }
            growth.accept(2L * end);
            bytes = Arrays.copyOf(bytes, 2 * end + 1);
        }
        int wanted = Math.min(2 * end, bytes.length - 1);
        do {
            checkpoint.check();
            int read = RowFile.read(file, bytes, end, bytes.length - 1 - end);
            isLast = read < 0;
            end += Math.max(0, read);
        } while (end < wanted && !isLast);
        bytes[end] = '\n';
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
