package io.chainrule.core.picture;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The grid by which a picture shows an array: its rows along the last axis, one below the other. Large arrays have one cell for several
 * elements, with their mean, and no numbers.
 *
 * @param values the numbers of the cells, row by row; NaN where an element is
 * @param cellWidth in pixels, as all lengths of pictures
 * @param isNumbered whether cells have room for their numbers
 */
record Cells(int rows, int columns, double[] values, double cellWidth, double cellHeight, boolean isNumbered) {
    static final double FONT = 10;
    private static final int MOST_NUMBERED_ROWS = 5;
    private static final int MOST_NUMBERED_COLUMNS = 5;
    private static final int MOST_CELLS = 24;
    private static final double NUMBERED_HEIGHT = 15;
    private static final double SMALL_CELL = 5;
    private static final double LARGE_CELL = 8;
    private static final int LARGE_CELLS = 12;
    private static final int LEVELS = 10;

    static Cells of(Tensor array, NumberText numbers) {
        Shape shape = array.shape();
        int columns = shape.isScalar() ? 1 : shape.last();
        int rows = columns == 0 ? 0 : array.length() / columns;
        if (rows <= MOST_NUMBERED_ROWS && columns <= MOST_NUMBERED_COLUMNS) {
            double widest = 0;
            for (double value : array.data()) {
                widest = Math.max(widest, TextWidth.of(numbers.rounded(value), FONT));
            }
            return new Cells(rows, columns, array.data(), widest + 8, NUMBERED_HEIGHT, true);
        }
        int shownRows = Math.min(rows, MOST_CELLS);
        int shownColumns = Math.min(columns, MOST_CELLS);
        double size = Math.max(shownRows, shownColumns) <= LARGE_CELLS ? LARGE_CELL : SMALL_CELL;
        return new Cells(shownRows, shownColumns, means(array.data(), rows, columns, shownRows, shownColumns), size, size, false);
    }

    private static double[] means(double[] data, int rows, int columns, int shownRows, int shownColumns) {
        double[] sums = new double[shownRows * shownColumns];
        int[] counts = new int[sums.length];
        for (int i = 0; i < data.length; i++) {
            int row = (int) ((long) (i / columns) * shownRows / rows);
            int column = (int) ((long) (i % columns) * shownColumns / columns);
            sums[row * shownColumns + column] += data[i];
            counts[row * shownColumns + column]++;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= counts[i];
        }
        return sums;
    }

    double width() {
        return columns * cellWidth;
    }

    double height() {
        return rows * cellHeight;
    }

    /** The cells of one colour. */
    record Shade(boolean isNegative, double strength, List<Integer> cells) {

        /** The outlines of the cells. */
        String path(Cells grid, double left, double top) {
            StringBuilder path = new StringBuilder();
            for (int cell : cells) {
                path.append('M').append(Xml.number(left + grid.left(cell))).append(' ').append(Xml.number(top + grid.top(cell))).append('h')
                        .append(Xml.number(grid.cellWidth)).append('v')
                        .append(Xml.number(grid.cellHeight)).append('h').append(Xml.number(-grid.cellWidth)).append('z');
            }
            return path.toString();
        }
    }

    /** The cells without a number: those that hold no number themselves, or the mean of elements of which one is none. */
    List<Integer> undefined() {
        return isNumbered ? List.of() : IntStream.range(0, values.length).filter(i -> Double.isNaN(values[i])).boxed().toList();
    }

    double left(int cell) {
        return cell % columns * cellWidth;
    }

    double top(int cell) {
        int row = cell / columns;
        return row * cellHeight;
    }

    /** All cells by their colours, the weakest first. A colour is the stronger the larger a number is, beside the largest finite one. */
    List<Shade> shades() {
        double largest = 0;
        for (double value : values) {
            largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        Map<Integer, List<Integer>> byLevel = new TreeMap<>();
        for (int i = 0; i < values.length; i++) {
            double part = largest == 0 ? Math.abs(values[i]) : Math.min(1, Math.abs(values[i]) / largest);
            int level = Double.isNaN(part) ? 0 : (int) Math.ceil(Math.min(1, part) * LEVELS);
            byLevel.computeIfAbsent(values[i] < 0 ? -level : level, _ -> new ArrayList<>()).add(i);
        }
        return byLevel.entrySet().stream()
                .map(level -> new Shade(level.getKey() < 0, Math.abs(level.getKey()) / (double) LEVELS, level.getValue()))
                .sorted(Comparator.comparingDouble(Shade::strength)).toList();
    }
}
