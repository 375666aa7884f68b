package io.chainrule.core.autodiff;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A star coloring of a symmetric matrix: neighbouring columns, those that share an off-diagonal entry, have different colors, and no path
 * of four columns has only two. Each entry, or its mirror image, can then be read from a product of the matrix with the sum of a color's
 * unit vectors (Coleman and Moré 1984; Gebremedhin, Manne and Pothen 2005, §5). Columns may share rows, so that a matrix with one full row
 * and column takes two products instead of as many as it has columns.
 */
final class StarColoring {
    /** Beyond so many steps the search is given up: they take about as long as compiling a large program does. */
    private static final long MOST_STEPS = 1 << 24;
    private static final int STEPS_BETWEEN_CHECKS = 1 << 16;

    private final int[][] rows;
    private final Checkpoint checkpoint;
    private final int[] colors;
    /** The last column to which each color was forbidden. */
    private final int[] forbidden;
    private long steps;

    private StarColoring(int[][] rows, Checkpoint checkpoint) {
        this.rows = rows;
        this.checkpoint = checkpoint;
        this.colors = new int[rows.length];
        Arrays.fill(colors, -1);
        this.forbidden = new int[rows.length + 1];
        Arrays.fill(forbidden, -1);
    }

    /**
     * Colors the columns of a matrix, beginning with those that have the most entries. Returns null if the matrix is not symmetric or if
     * the search takes too long.
     *
     * @param rows the sorted columns in which each row has entries
     */
    static @Nullable Coloring of(int[][] rows, Checkpoint checkpoint) {
        if (!Arrays.deepEquals(rows, Coloring.transposed(rows, rows.length))) {
            return null;
        }
        StarColoring coloring = new StarColoring(rows, checkpoint);
        int[] order = IntStream.range(0, rows.length).filter(column -> rows[column].length > 0).boxed()
                .sorted(Comparator.comparingInt(column -> -rows[column].length)).mapToInt(Integer::intValue).toArray();
        int count = 0;
        for (int column : order) {
            count = Math.max(count, coloring.color(column) + 1);
            if (coloring.steps > MOST_STEPS) {
                return null;
            }
        }
        return new Coloring(coloring.colors, count);
    }

    private int color(int column) {
        for (int neighbour : rows[column]) {
            if (neighbour != column) {
                forbidAround(column, neighbour);
            }
        }
        int color = 0;
        while (forbidden[color] == column) {
            color++;
        }
        colors[column] = color;
        return color;
    }

    private void forbidAround(int column, int neighbour) {
        boolean isColored = colors[neighbour] >= 0;
        if (isColored) {
            forbidden[colors[neighbour]] = column;
        }
        for (int second : rows[neighbour]) {
            step();
            if (second != column && second != neighbour && colors[second] >= 0
                    && (!isColored || hasNeighbour(second, neighbour, colors[neighbour]))) {
                forbidden[colors[second]] = column;
            }
        }
    }

    /** Whether {@code column} has another neighbour of this color than {@code known}. */
    private boolean hasNeighbour(int column, int known, int color) {
        for (int third : rows[column]) {
            step();
            if (third != known && third != column && colors[third] == color) {
                return true;
            }
        }
        return false;
    }

    private void step() {
        if (++steps % STEPS_BETWEEN_CHECKS == 0) {
            checkpoint.check();
        }
    }

    /**
     * For each column of a matrix with such a coloring, the sorted rows whose entries are read in the product of its color: of each two
     * entries that mirror each other one.
     */
    static int[][] readable(int[][] rows, Coloring coloring) {
        int[][] columns = new int[rows.length][];
        int[] lengths = new int[rows.length];
        Arrays.setAll(columns, column -> new int[rows[column].length]);
        BitSet[] read = new BitSet[rows.length];
        int[] counts = new int[coloring.count()];
        for (int row = 0; row < rows.length; row++) {
            read[row] = new BitSet();
            for (int column : rows[row]) {
                counts[coloring.colors()[column]]++;
            }
            for (int i = 0; i < rows[row].length; i++) {
                int column = rows[row][i];
                boolean isMirrorRead = column < row && read[column].get(Arrays.binarySearch(rows[column], row));
                if (counts[coloring.colors()[column]] == 1 && !isMirrorRead) {
                    columns[column][lengths[column]++] = row;
                    read[row].set(i);
                }
            }
            for (int column : rows[row]) {
                counts[coloring.colors()[column]] = 0;
            }
        }
        Arrays.setAll(columns, column -> Arrays.copyOf(columns[column], lengths[column]));
        return columns;
    }
}
