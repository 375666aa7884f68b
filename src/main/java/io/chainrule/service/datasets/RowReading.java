package io.chainrule.service.datasets;

/** What readers have in common whose cells are all texts, or are all numbers and arrays. */
abstract class RowReading implements RowReader {
    private static final byte[] NO_BYTES = {};
    private static final double[] NO_ARRAY = {};
    private static final int[] NO_SHAPE = {};

    /** The rows that are left to be read. */
    private long left;
    private long row;

    RowReading(RowSplit split) {
        left = split.rows();
        row = split.firstRow() - 1;
    }

    /** The double nearest to a number whose 64 bits have no sign. */
    static double unsigned(long value) {
        // The last bit is kept when the number is halved, so that rounding is the same as for the whole number.
        return value >= 0 ? value : 2.0 * (value >>> 1 | value & 1);
    }

    /** Counts a row; returns whether there is one. */
    final boolean begin() {
        if (left == 0) {
            return false;
        }
        left--;
        row++;
        return true;
    }

    @Override
    public final long row() {
        return row;
    }

    @Override
    public byte[] bytes(int column) {
        return NO_BYTES;
    }

    @Override
    public int from(int column) {
        return 0;
    }

    @Override
    public int to(int column) {
        return 0;
    }

    @Override
    public double number(int column) {
        return Double.NaN;
    }

    @Override
    public double[] array(int column) {
        return NO_ARRAY;
    }

    @Override
    public int[] shape(int column) {
        return NO_SHAPE;
    }
}
