package io.chainrule.core.rows;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The cells of some successive rows, as they were read, so that the rows can be given to a run in any order, and in another process. Not
 * thread-safe.
 */
public final class HeldRows implements CellSink {
    /** The most bytes of cells; a window of rows of the average length has a quarter of them. */
    public static final int MOST_BYTES = 1 << 26;

    private static final int FORM = 0x43_48_01;
    private static final byte MISSING = 0;
    private static final byte TEXT = 1;
    private static final byte NUMBER = 2;
    private static final byte ARRAY = 3;
    private static final byte OTHER = 4;

    private final int columns;
    private ByteBuffer content = ByteBuffer.allocate(1 << 16);
    /** Where the cells end, one row after the other. */
    private int[] ends = new int[1 << 10];
    private byte[] kinds = new byte[1 << 10];
    private long[] numbers = new long[1 << 8];
    private int rows;

    /** @param columns how many cells each row has */
    public HeldRows(int columns) {
        this.columns = columns;
    }

    /** How many rows there are. */
    public int rows() {
        return rows;
    }

    /** How many bytes the cells have. */
    public int bytes() {
        return content.position();
    }

    /** Forgets all rows. */
    public void clear() {
        content.clear();
        rows = 0;
    }

    @Override
    public void begin(long row) {
        int cells = (rows + 1) * columns;
        if (cells > ends.length) {
            ends = Arrays.copyOf(ends, Math.max(2 * ends.length, cells));
            kinds = Arrays.copyOf(kinds, ends.length);
        }
        if (rows == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * rows);
        }
        numbers[rows++] = row;
    }

    @Override
    public void cell(int column, byte[] text, int from, int end) {
        room(end - from).put(text, from, end - from);
        note(column, TEXT);
    }

    @Override
    public void cell(int column, double value) {
        room(Double.BYTES).putDouble(value);
        note(column, NUMBER);
    }

    @Override
    public void cell(int column, double[] values, int from, int count) {
        ByteBuffer target = room(Double.BYTES * count);
        target.asDoubleBuffer().put(values, from, count);
        target.position(target.position() + Double.BYTES * count);
        note(column, ARRAY);
    }

    @Override
    public void other(int column) {
        note(column, OTHER);
    }

    @Override
    public void missing(int column) {
        note(column, MISSING);
    }

    @Override
    public boolean end() {
        return true;
    }

    private void note(int column, byte kind) {
        int cell = (rows - 1) * columns + column;
        kinds[cell] = kind;
        ends[cell] = content.position();
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

    /** The number that a row, counted from 0, has in the data set. */
    public long number(int row) {
        return numbers[row];
    }

    /** Passes a row, counted from 0, to a sink; returns whether the sink wants further rows. */
    public boolean give(int row, CellSink sink) {
        sink.begin(numbers[row]);
        for (int column = 0; column < columns; column++) {
            int cell = row * columns + column;
            int from = cell == 0 ? 0 : ends[cell - 1];
            switch (kinds[cell]) {
                case MISSING -> sink.missing(column);
                case TEXT -> sink.cell(column, content.array(), from, ends[cell]);
                case NUMBER -> sink.cell(column, content.getDouble(from));
                case ARRAY -> {
                    double[] array = new double[(ends[cell] - from) / Double.BYTES];
                    content.slice(from, ends[cell] - from).asDoubleBuffer().get(array);
                    sink.cell(column, array, 0, array.length);
                }
                default -> sink.other(column);
            }
        }
        return sink.end();
    }

    /** Serializes the rows. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeInt(columns);
            out.writeInt(rows);
            for (int row = 0; row < rows; row++) {
                out.writeLong(numbers[row]);
            }
            out.write(kinds, 0, rows * columns);
            for (int cell = 0; cell < rows * columns; cell++) {
                out.writeInt(ends[cell]);
            }
            out.write(content.array(), 0, content.position());
        });
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @throws UnreadableBytesException if the bytes are no rows that this version of the program writes
     */
    public static HeldRows of(byte[] bytes) {
        return SerialForm.read(bytes, FORM, "rows", in -> {
            HeldRows held = new HeldRows(in.readInt());
            held.rows = in.readInt();
            held.numbers = new long[held.rows];
            for (int row = 0; row < held.rows; row++) {
                held.numbers[row] = in.readLong();
            }
            held.kinds = in.readNBytes(held.rows * held.columns);
            held.ends = new int[held.kinds.length];
            for (int cell = 0; cell < held.ends.length; cell++) {
                held.ends[cell] = in.readInt();
            }
            int length = held.ends.length == 0 ? 0 : held.ends[held.ends.length - 1];
            held.content = ByteBuffer.wrap(in.readNBytes(length)).position(length);
            return held;
        });
    }
}
