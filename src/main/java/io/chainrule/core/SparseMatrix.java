package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A Jacobian in compressed rows: rows are the elements of the result and columns the elements of what it is differentiated by, both
 * row-major. It holds the entries that can be nonzero.
 *
 * @param columns for each row the columns of its entries, sorted
 * @param values for each row the values of these entries
 */
public record SparseMatrix(int[][] columns, double[][] values) {

    static SparseMatrix of(int[][] columns) {
        return new SparseMatrix(columns, Arrays.stream(columns).map(row -> new double[row.length]).toArray(double[][]::new));
    }

    /** Stacks matrices vertically. */
    private static SparseMatrix stacked(List<SparseMatrix> matrices) {
        if (matrices.size() == 1) {
            return matrices.getFirst();
        }
        return new SparseMatrix(matrices.stream().flatMap(matrix -> Arrays.stream(matrix.columns)).toArray(int[][]::new),
                matrices.stream().flatMap(matrix -> Arrays.stream(matrix.values)).toArray(double[][]::new));
    }

    void set(int row, int column, double value) {
        values[row][Arrays.binarySearch(columns[row], column)] = value;
    }

    /** A block of this matrix, with its rows and columns numbered from 0. */
    private SparseMatrix block(int firstRow, int rows, int firstColumn, int width) {
        int[][] blockColumns = new int[rows][];
        double[][] blockValues = new double[rows][];
        for (int row = 0; row < rows; row++) {
            int[] all = columns[firstRow + row];
            int from = position(all, firstColumn);
            int to = position(all, firstColumn + width);
            blockColumns[row] = Arrays.stream(all, from, to).map(column -> column - firstColumn).toArray();
            blockValues[row] = Arrays.copyOfRange(values[firstRow + row], from, to);
        }
        return new SparseMatrix(blockColumns, blockValues);
    }

    /**
     * Splits matrices into blocks, indexed by node of the rows and then by node of the columns. Each block stacks the blocks of all
     * matrices.
     */
    static List<List<SparseMatrix>> blocks(List<SparseMatrix> matrices, Elements rows, Elements columns) {
        return IntStream.range(0, rows.nodes()).mapToObj(o -> IntStream.range(0, columns.nodes())
                .mapToObj(w -> stacked(matrices.stream()
                        .map(matrix -> matrix.block(rows.offset(o), rows.length(o), columns.offset(w), columns.length(w))).toList()))
                .toList()).toList();
    }

    private static int position(int[] sorted, int value) {
        int at = Arrays.binarySearch(sorted, value);
        return at >= 0 ? at : -at - 1;
    }

    public int entries() {
        return Arrays.stream(columns).mapToInt(row -> row.length).sum();
    }

    /** The dense array of this shape. */
    public Tensor dense(Shape shape) {
        Tensor dense = Tensor.zeros(shape);
        int width = columns.length == 0 ? 0 : dense.length() / columns.length;
        for (int row = 0; row < columns.length; row++) {
            for (int i = 0; i < columns[row].length; i++) {
                dense.data()[row * width + columns[row][i]] = values[row][i];
            }
        }
        return dense;
    }

    @Override
    public String toString() {
        return values.length + " rows of " + Arrays.stream(values).mapToInt(row -> row.length).sum() + " entries"
                + (values.length <= 16 ? " " + Arrays.deepToString(values) : "");
    }
}
