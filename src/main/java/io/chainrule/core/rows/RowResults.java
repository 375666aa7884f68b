package io.chainrule.core.rows;

import java.util.BitSet;
import java.util.List;

/** What was computed of some rows. Valid until {@link RowSink#accept} returns. */
public final class RowResults {
    private final List<RowQuantity> quantities;
    private final List<double[]> arrays;
    private final String part;
    private final long[] numbers;
    private final int rows;
    private final BitSet omitted;

    RowResults(List<RowQuantity> quantities, List<double[]> arrays, String part, long[] numbers, int rows, BitSet omitted) {
        this.quantities = quantities;
        this.arrays = arrays;
        this.part = part;
        this.numbers = numbers;
        this.rows = rows;
        this.omitted = omitted;
    }

    public List<RowQuantity> quantities() {
        return quantities;
    }

    /** How many rows there are, with those that are left out. */
    public int rows() {
        return rows;
    }

    /** Whether a row, counted from 0, is left out, so that what is in the arrays for it means nothing. */
    public boolean isOmitted(int row) {
        return omitted.get(row);
    }

    /** The part of the data set that the rows are of. */
    public String part() {
        return part;
    }

    /** The number that a row, counted from 0, has in the data set. */
    public long number(int row) {
        return numbers[row];
    }

    /** The values of a quantity, by its position among all: one row after the other, each in the quantity's shape. */
    public double[] values(int quantity) {
        return arrays.get(quantity);
    }
}
