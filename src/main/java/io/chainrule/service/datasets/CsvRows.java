package io.chainrule.service.datasets;

import io.chainrule.core.tensor.Checkpoint;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Splits CSV into rows and cells (RFC 4180). Lines end with LF or CR LF; lines of white space alone are no rows. Blanks before a cell are
 * no part of it, as Spark's reader has it. A cell that then begins with a quote ends with one; two quotes within it are one, and commas and
 * line breaks are part of it.
 */
final class CsvRows implements Closeable {
    private static final int FIRST_CELLS = 64;
    private static final int MORE = -1;

    final ByteWindow window;
    int[] from = new int[FIRST_CELLS];
    int[] to = new int[FIRST_CELLS];
    private boolean[] isQuoted = new boolean[FIRST_CELLS];
    /** How many cells the row has. Of those beyond {@link Scan#MOST_COLUMNS}, which no data set has, nothing but their number is kept. */
    int cells;
    /** Whether a cell of any row so far stands in quotes. */
    boolean hasQuotes;
    /** Whether any row so far has more than one line. */
    boolean hasLongRows;
    /** Whether something other than a comma or a line break follows a closing quote of the row. */
    boolean isMisquoted;
    /** Where the row begins in the file. */
    long position;
    /** The line in which the row begins, counted from that in which reading began, from 1. */
    long line = 1;
    private long lines;
    private int after;
    private boolean hasEscapes;

    CsvRows(RowFile file, long from, LongConsumer growth, Checkpoint checkpoint) throws IOException {
        window = new ByteWindow(file, from, growth, checkpoint);
    }

    /** Goes to the next row; returns whether there is one. If it is too long, {@link #line} tells where it begins. */
    boolean next() throws IOException {
        line += lines;
        while (true) {
            window.start = after;
            int behind = split();
            while (behind == MORE) {
                window.fill();
                behind = split();
            }
            position = window.position();
            after = behind;
            boolean isAtEnd = window.isLast && window.start == window.end;
            if (!isBlank()) {
                hasLongRows |= lines > 1;
                if (hasEscapes) {
                    unescape();
                }
                return true;
            }
            if (isAtEnd) {
                return false;
            }
            line += lines;
            lines = 0;
        }
    }

    /** Whether the row has a carriage return that no line feed follows. Programs that end lines so write the whole file as one line. */
    boolean hasLoneReturn() {
        for (int i = window.start; i < after - 1; i++) {
            if (window.bytes[i] == '\r' && window.bytes[i + 1] != '\n') {
                return true;
            }
        }
        return false;
    }

    /** Whether the row is a line of white space, or nothing at all. */
    private boolean isBlank() {
        if (cells != 1 || isQuoted[0]) {
            return false;
        }
        for (int i = from[0]; i < to[0]; i++) {
            if (window.bytes[i] > ' ' || window.bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Finds the cells of the row at the beginning of the window. Returns where the next row begins, or that more bytes are needed. */
    private int split() {
        byte[] bytes = window.bytes;
        int end = window.end;
        int at = window.start;
        cells = 0;
        lines = 0;
        hasEscapes = false;
        isMisquoted = false;
        while (true) {
            if (cells == from.length && cells < Scan.MOST_COLUMNS) {
                grow();
            }
            while (bytes[at] <= ' ' && bytes[at] >= 0 && bytes[at] != '\n') {
                at++;
            }
            int begin = at;
            boolean quoted = bytes[at] == '"' && at < end;
            if (quoted) {
                at = closing(bytes, at + 1, end);
                if (at == MORE) {
                    return MORE;
                }
                hasQuotes = true;
            }
            int behind = at;
            byte last = bytes[at];
            while (last != ',' && last != '\n') {
                last = bytes[++at];
            }
            if (at == end && !window.isLast) {
                return MORE;
            }
            int stop = at;
            if (last == '\n' && stop > behind && bytes[stop - 1] == '\r') {
                stop--;
            }
            isMisquoted |= quoted && stop != behind;
            if (cells < from.length) {
                from[cells] = quoted ? begin + 1 : begin;
                to[cells] = quoted ? behind - 1 : stop;
                isQuoted[cells] = quoted;
            }
            cells++;
            if (last == '\n') {
                lines++;
                return Math.min(at + 1, end);
            }
            at++;
        }
    }

    /** Returns the place behind the quote that closes a cell, or that more bytes are needed. */
    private int closing(byte[] bytes, int first, int end) {
        int at = first;
        while (at < end) {
            byte one = bytes[at++];
            if (one == '\n') {
                lines++;
            } else if (one == '"') {
                if (at == end && !window.isLast) {
                    return MORE;
                }
                if (at == end || bytes[at] != '"') {
                    return at;
                }
                hasEscapes = true;
                at++;
            }
        }
        if (!window.isLast) {
            return MORE;
        }
        isMisquoted = true;
        return end;
    }

    private void grow() {
        int length = Math.min(Scan.MOST_COLUMNS, 2 * cells);
        from = Arrays.copyOf(from, length);
        to = Arrays.copyOf(to, length);
        isQuoted = Arrays.copyOf(isQuoted, length);
    }

    /** Makes one quote of two, in place. It is done once the row is complete, since a row is split again when more bytes have come. */
    private void unescape() {
        byte[] bytes = window.bytes;
        for (int cell = 0; cell < Math.min(cells, from.length); cell++) {
            if (isQuoted[cell]) {
                int write = from[cell];
                for (int read = from[cell]; read < to[cell]; read++) {
                    bytes[write++] = bytes[read];
                    if (bytes[read] == '"' && read + 1 < to[cell]) {
                        read++;
                    }
                }
                to[cell] = write;
            }
        }
    }

    @Override
    public void close() throws IOException {
        window.close();
    }
}
