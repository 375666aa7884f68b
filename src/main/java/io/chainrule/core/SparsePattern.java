package io.chainrule.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which entries of a matrix are held: for each row their columns, sorted. The entries are numbered row by row.
 *
 * @param columns the columns of each row's entries; rows may share an array
 * @param starts the number of the first entry of each row, followed by the count of entries
 */
record SparsePattern(int[][] columns, int[] starts, int width) {

    static SparsePattern of(int[][] columns, int width) {
        int[] starts = new int[columns.length + 1];
        for (int row = 0; row < columns.length; row++) {
            starts[row + 1] = Math.addExact(starts[row], columns[row].length);
        }
        return new SparsePattern(columns, starts, width);
    }

    int rows() {
        return columns.length;
    }

    int entries() {
        return starts[columns.length];
    }

    /** Whether every entry is held, so that the entries are the row-major elements of the matrix. */
    boolean isFull() {
        return entries() == (long) rows() * width;
    }

    /** The number of an entry that is held. */
    int entry(int row, int column) {
        int[] all = columns[row];
        return starts[row] + (all.length == width ? column : Arrays.binarySearch(all, column));
    }

    /** This pattern {@code n} times, one below the other. */
    SparsePattern stacked(int n) {
        if (n == 1) {
            return this;
        }
        int[][] all = new int[n * columns.length][];
        for (int row = 0; row < all.length; row++) {
            all[row] = columns[row % columns.length];
        }
        return of(all, width);
    }

    /** Divides a matrix into blocks. The pattern of a block is at the number of its rows' node, then of its columns' node. */
    static List<List<SparsePattern>> blocks(int[][] matrix, Elements rows, Elements columns) {
        List<List<SparsePattern>> blocks = new ArrayList<>();
        for (int o = 0; o < rows.nodes(); o++) {
            List<SparsePattern> besides = new ArrayList<>();
            for (int w = 0; w < columns.nodes(); w++) {
                int[][] own = Arrays.copyOfRange(matrix, rows.offset(o), rows.offset(o) + rows.length(o));
                besides.add(of(columns.nodes() == 1 ? own : between(own, columns.offset(w), columns.length(w)), columns.length(w)));
            }
            blocks.add(besides);
        }
        return blocks;
    }

    /** Keeps the columns from {@code first} on and numbers them from 0. Consecutive equal rows share an array. */
    private static int[][] between(int[][] rows, int first, int width) {
        int[][] parts = new int[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            if (row > 0 && Arrays.equals(rows[row], rows[row - 1])) {
                parts[row] = parts[row - 1];
                continue;
            }
            int from = position(rows[row], first);
            int to = position(rows[row], first + width);
            int[] part = Arrays.copyOfRange(rows[row], from, to);
            for (int i = 0; i < part.length; i++) {
                part[i] -= first;
            }
            parts[row] = part;
        }
        return parts;
    }

    /** The place of the first number that is at least {@code value}. */
    static int position(int[] sorted, int value) {
        int at = Arrays.binarySearch(sorted, value);
        return at >= 0 ? at : -at - 1;
    }
}
