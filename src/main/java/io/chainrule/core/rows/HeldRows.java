package io.chainrule.service.bulk;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.RowRun;
import io.chainrule.service.datasets.RowReader;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The cells of some successive rows, as they were read, so that the rows can be given to a run in any order. Not thread-safe. */
final class HeldRows {
    /** The most bytes of cells; a window of rows of the average length has a quarter of them. */
    static final int MOST_BYTES = 1 << 26;

    private final int columns;
    private ByteBuffer content = ByteBuffer.allocate(1 << 16);
    /** Where the cells end, one row after the other. */
    private int[] ends = new int[1 << 10];
    private RowReader.Kind[] kinds = new RowReader.Kind[1 << 10];
    private long[] numbers = new long[1 << 8];
    private int rows;

    HeldRows(int columns) {
        this.columns = columns;
    }

    int rows() {
        return rows;
    }

    void clear() {
        content.clear();
        rows = 0;
    }

    /** Adds the row at which a reader is. */
    void add(RowReader reader) {
        int cell = rows * columns;
        if (cell + columns > ends.length) {
            ends = Arrays.copyOf(ends, Math.max(2 * ends.length, cell + columns));
            kinds = Arrays.copyOf(kinds, ends.length);
        }
        if (rows == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * rows);
        }
        numbers[rows++] = reader.row();
        for (int column = 0; column < columns; column++) {
            RowReader.Kind kind = reader.kind(column);
            switch (kind) {
                case MISSING, OTHER -> {
                }
                case TEXT -> room(reader.to(column) - reader.from(column)).put(reader.bytes(column), reader.from(column),
                        reader.to(column) - reader.from(column));
                case NUMBER -> room(Double.BYTES).putDouble(reader.number(column));
                case ARRAY -> {
                    double[] array = reader.array(column);
                    ByteBuffer target = room(Double.BYTES * array.length);
                    target.asDoubleBuffer().put(array);
                    target.position(target.position() + Double.BYTES * array.length);
                }
            }
            kinds[cell + column] = kind;
            ends[cell + column] = content.position();
        }
    }

    private ByteBuffer room(int bytes) {
        if (content.remaining() < bytes) {
            long needed = (long) content.position() + bytes;
            if (needed > MOST_BYTES) {
                throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "row " + numbers[rows - 1]
                        + ": it and rows before are so much longer than most that they cannot be held to be shuffled")
                        .expected("rows of about the same length", "more than " + MOST_BYTES + " bytes in a window")
                        .hint("fit without 'optimizer', which takes rows as they come"));
            }
            content = ByteBuffer.allocate((int) Math.min(MOST_BYTES, Math.max(2L * content.capacity(), needed))).put(content.flip());
        }
        return content;
    }

    /** Gives a row, counted from 0, to a run; returns whether further rows are wanted. */
    boolean give(int row, RowRun run) {
        run.begin(numbers[row]);
        for (int column = 0; column < columns; column++) {
            int cell = row * columns + column;
            int from = cell == 0 ? 0 : ends[cell - 1];
            switch (kinds[cell]) {
                case MISSING -> run.missing(column);
                case TEXT -> run.cell(column, content.array(), from, ends[cell]);
                case NUMBER -> run.cell(column, content.getDouble(from));
                case ARRAY -> {
                    double[] array = new double[(ends[cell] - from) / Double.BYTES];
                    content.slice(from, ends[cell] - from).asDoubleBuffer().get(array);
                    run.cell(column, array, 0, array.length);
                }
                case OTHER -> run.cell(column, RowRun.NO_NUMBERS);
            }
        }
        return run.end();
    }
}
