package io.chainrule.core.rows;

/** Receives rows cell by cell. Columns are counted from 0, and are given in their order. */
public interface CellSink {
    /** Begins a row; {@code row} is its number in the part, from 1. */
    void begin(long row);

    /** Takes a cell that is text: the bytes from {@code from} (inclusive) to {@code end} (exclusive), in UTF-8. */
    void cell(int column, byte[] text, int from, int end);

    /** Takes a cell that is a number. */
    void cell(int column, double value);

    /** Takes a cell that is an array: {@code count} numbers from {@code from} on, row-major. */
    void cell(int column, double[] values, int from, int count);

    /** Takes a cell whose value is neither text, a number, nor an array of numbers. */
    void other(int column);

    /** Takes a cell that is missing. */
    void missing(int column);

    /** Ends a row; returns whether further rows are wanted. */
    boolean end();
}
