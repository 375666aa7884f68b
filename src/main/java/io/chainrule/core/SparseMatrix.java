package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;

/**
 * A Jacobian in compressed rows: rows are the elements of the result and columns the elements of what it is differentiated by, both
 * row-major. It holds the entries that can be nonzero.
 */
public final class SparseMatrix {
    private final SparsePattern pattern;
    private final double[] values;

    /** The matrix with these values of the pattern's entries. */
    SparseMatrix(SparsePattern pattern, double[] values) {
        this.pattern = pattern;
        this.values = values;
    }

    public int rows() {
        return pattern.rows();
    }

    public int entries() {
        return pattern.entries();
    }

    /** Receives an entry. */
    @FunctionalInterface
    public interface Visitor {
        void entry(int row, int column, double value);
    }

    /** Visits all entries, row by row and in each row by column. */
    public void forEach(Visitor visitor) {
        for (int row = 0; row < pattern.rows(); row++) {
            int start = pattern.starts()[row];
            int[] columns = pattern.columns()[row];
            for (int i = 0; i < columns.length; i++) {
                visitor.entry(row, columns[i], values[start + i]);
            }
        }
    }

    /** The dense array of this shape. It shares the values if every entry is held. */
    public Tensor dense(Shape shape) {
        if (pattern.isFull()) {
            return Tensor.of(shape, values);
        }
        Tensor dense = Tensor.zeros(shape);
        double[] data = dense.data();
        int width = pattern.width();
        forEach((row, column, value) -> data[row * width + column] = value);
        return dense;
    }

    @Override
    public String toString() {
        return rows() + " rows of " + entries() + " entries" + (values.length <= 16 ? " " + Arrays.toString(values) : "");
    }
}
