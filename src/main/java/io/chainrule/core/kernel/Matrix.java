package io.chainrule.core.kernel;

/**
 * A matrix that a kernel reads: element (i, j) stands at {@code from + i * rowStride + j * columnStride}. The transpose of an array
 * is the same array with other strides.
 */
public record Matrix(double[] values, int from, int rowStride, int columnStride) {

    /** A dense row-major matrix with this many columns. */
    public static Matrix rows(double[] values, int from, int columns) {
        return new Matrix(values, from, columns, 1);
    }

    /** The transpose of a dense row-major matrix with this many columns. */
    public static Matrix transposed(double[] values, int from, int columns) {
        return new Matrix(values, from, 1, columns);
    }

    public int index(int row, int column) {
        return from + row * rowStride + column * columnStride;
    }

    /** The part of this matrix from a row on. */
    public Matrix fromRow(int row) {
        return row == 0 ? this : new Matrix(values, index(row, 0), rowStride, columnStride);
    }
}
