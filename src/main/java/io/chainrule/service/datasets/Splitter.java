package io.chainrule.service.datasets;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Divides files into parts that can be read by themselves, as their rows come one after the other. */
final class Splitter {
    /** The least bytes of a part. */
    private static final long LEAST = 1 << 22;
    /** The most parts, about. */
    private static final int MOST = 4_096;

    private final long bytes;
    private final List<RowSplit> splits = new ArrayList<>();
    private int file;
    private long rows;
    private long from;
    private long rowsOfPart;

    private Splitter(long bytes, int file) {
        this.bytes = bytes;
        this.file = file;
    }

    /** Makes a splitter of files that together have so many bytes. */
    static Splitter of(long bytesOfAll) {
        return new Splitter(Math.max(LEAST, bytesOfAll / MOST), -1);
    }

    /** How many parts a file of at most so many bytes may have. */
    static long most(long bytesOfFile) {
        return Math.min(MOST, bytesOfFile / LEAST) + 2;
    }

    /** Begins the next file. */
    void nextFile() {
        file++;
        begin(0);
    }

    /** Begins a part here. */
    void begin(long position) {
        from = position;
        rowsOfPart = 0;
    }

    /** Counts a row that begins here. */
    void row(long position) {
        if (position - from >= bytes) {
            end(position);
        }
        rowsOfPart++;
        rows++;
    }

    /** Ends the current part here. */
    void end(long position) {
        if (rowsOfPart > 0) {
            splits.add(new RowSplit(file, from, position, rows - rowsOfPart + 1, rowsOfPart));
        }
        begin(position);
    }

    /** Adds a part with so many rows. */
    void split(long begin, long end, long count) {
        from = begin;
        rowsOfPart = count;
        rows += count;
        end(end);
    }

    /** The least bytes of a part. */
    long bytes() {
        return bytes;
    }

    /** All rows so far. */
    long rows() {
        return rows;
    }

    /** The parts that have ended. */
    List<RowSplit> splits() {
        return Collections.unmodifiableList(splits);
    }

    void write(DataOutputStream out) throws IOException {
        for (long number : new long[]{bytes, file, rows, from, rowsOfPart, splits.size()}) {
            out.writeLong(number);
        }
        for (RowSplit split : splits) {
            for (long number : new long[]{split.file(), split.from(), split.to(), split.firstRow(), split.rows()}) {
                out.writeLong(number);
            }
        }
    }

    /** Reads what {@link #write} has written. */
    static Splitter read(DataInputStream in) throws IOException {
        Splitter splitter = new Splitter(in.readLong(), Math.toIntExact(in.readLong()));
        splitter.rows = in.readLong();
        splitter.from = in.readLong();
        splitter.rowsOfPart = in.readLong();
        for (long left = in.readLong(); left > 0; left--) {
            splitter.splits.add(
                    new RowSplit(Math.toIntExact(in.readLong()), in.readLong(), in.readLong(), in.readLong(), in.readLong()));
        }
        return splitter;
    }
}
