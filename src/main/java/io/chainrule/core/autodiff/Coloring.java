package io.chainrule.core.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A coloring of a sparse matrix: groups its columns so that no two of a group share a row. A single product with the sum of a group's unit
 * vectors then holds all entries of its columns (Curtis, Powell and Reid 1974; greedy, in the order of the columns).
 *
 * @param colors the group of each column; −1 for a column without entries
 * @param count the number of groups
 */
record Coloring(int[] colors, int count) {

    /**
     * Matrices with at most this many columns are always colored. Wider ones are not if one row has entries in at least half of the
     * columns, since coloring could then save little.
     */
    private static final int FEW = 64;

    /**
     * Colors the columns of a matrix so that no two columns of one color have an entry in the same row. If consecutive rows are equal, only
     * one of them is read.
     *
     * @param rows the sorted columns in which each row has entries
     * @param byColumn the sorted rows in which each column has entries
     */
    static Coloring ofColumns(int[][] rows, int[][] byColumn) {
        int columns = byColumn.length;
        int[] colors = new int[columns];
        if (columns > FEW && 2 * longest(rows) >= columns) {
            Arrays.setAll(colors, column -> column);
            return new Coloring(colors, columns);
        }
        Arrays.fill(colors, -1);
        int count = 0;
        int[] takenBy = new int[columns + 1];
        for (int column = 0; column < columns; column++) {
            if (byColumn[column].length == 0) {
                continue;
            }
            int[] last = {};
            for (int row : byColumn[column]) {
                if (Arrays.equals(rows[row], last)) {
                    continue;
                }
                last = rows[row];
                for (int neighbour : last) {
                    if (colors[neighbour] >= 0) {
                        takenBy[colors[neighbour]] = column + 1;
                    }
                }
            }
            int color = 0;
            while (takenBy[color] == column + 1) {
                color++;
            }
            colors[column] = color;
            count = Math.max(count, color + 1);
        }
        return new Coloring(colors, count);
    }

    /** Colors the rows of a matrix instead: no two rows of a group share a column. */
    static Coloring ofRows(int[][] rows, int columns) {
        if (longestColumn(rows, columns) > 1) {
            return ofColumns(transposed(rows, columns), rows);
        }
        int[] colors = Arrays.stream(rows).mapToInt(row -> row.length == 0 ? -1 : 0).toArray();
        return new Coloring(colors, longest(rows) == 0 ? 0 : 1);
    }

    private static int[] lengths(int[][] rows, int columns) {
        int[] lengths = new int[columns];
        for (int[] row : rows) {
            for (int column : row) {
                lengths[column]++;
            }
        }
        return lengths;
    }

    static int longestColumn(int[][] rows, int columns) {
        return Arrays.stream(lengths(rows, columns)).max().orElse(0);
    }

    /** The length of the longest row, a lower bound on the number of groups, since the columns of one row all need different groups. */
    static int longest(int[][] rows) {
        int longest = 0;
        for (int[] row : rows) {
            longest = Math.max(longest, row.length);
        }
        return longest;
    }

    /** The sorted rows in which each column has entries; if every row has every column, all columns share one array. */
    static int[][] transposed(int[][] rows, int columns) {
        int[][] byColumn = new int[columns][];
        boolean isFull = true;
        for (int[] row : rows) {
            isFull &= row.length == columns;
        }
        if (isFull) {
            int[] all = new int[rows.length];
            Arrays.setAll(all, row -> row);
            Arrays.fill(byColumn, all);
            return byColumn;
        }
        int[] lengths = lengths(rows, columns);
        for (int column = 0; column < columns; column++) {
            byColumn[column] = new int[lengths[column]];
        }
        Arrays.fill(lengths, 0);
        for (int row = 0; row < rows.length; row++) {
            for (int column : rows[row]) {
                byColumn[column][lengths[column]++] = row;
            }
        }
        return byColumn;
    }

    /** The columns of each group. */
    List<int[]> groups() {
        List<List<Integer>> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            groups.add(new ArrayList<>());
        }
        for (int column = 0; column < colors.length; column++) {
            if (colors[column] >= 0) {
                groups.get(colors[column]).add(column);
            }
        }
        return groups.stream().map(group -> group.stream().mapToInt(Integer::intValue).toArray()).toList();
    }
}
