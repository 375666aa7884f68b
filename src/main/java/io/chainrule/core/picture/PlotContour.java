package io.chainrule.core.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A line of equal value on a grid, as short pieces: each cell is cut into two triangles, and in a triangle the function is taken for a plane,
 * so that no cell is ambiguous.
 *
 * @param pieces from and to, as {@code x, y, x, y}
 */
record PlotContour(double level, List<double[]> pieces) {
    private static final int LEVELS = 11;
    /** Where more lines go through one triangle, the function jumps, and they are no lines. */
    private static final int MOST_IN_TRIANGLE = 4;

    /** Lines at values that divide the samples evenly, so that narrow valleys show as well as steep walls; none where all are the same. */
    static List<PlotContour> all(double[] xs, double[] ys, double[] values) {
        double[] levels = levels(values);
        return Arrays.stream(levels).mapToObj(level -> of(xs, ys, values, level, levels)).toList();
    }

    private static double[] levels(double[] values) {
        double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0 || sorted[0] == sorted[sorted.length - 1]) {
            return new double[0];
        }
        return IntStream.rangeClosed(1, LEVELS).mapToDouble(k -> sorted[(int) ((sorted.length - 1.0) * k / (LEVELS + 1))])
                .map(level -> rounded(level, sorted[sorted.length - 1] - sorted[0])).distinct().toArray();
    }

    /** A level to three digits, or to more where the values differ by less. */
    private static double rounded(double level, double size) {
        double short3 = Double.parseDouble(String.format(Locale.ROOT, "%.2e", level));
        return Double.isFinite(short3) && Math.abs(short3 - level) < size / 100 ? short3 : level;
    }

    /** {@code values} holds the rows of the grid, one for each of {@code ys}; {@code levels} are those of all lines. */
    static PlotContour of(double[] xs, double[] ys, double[] values, double level, double... levels) {
        List<double[]> pieces = new ArrayList<>();
        int width = xs.length;
        for (int row = 0; row + 1 < ys.length; row++) {
            for (int column = 0; column + 1 < width; column++) {
                double[][] corners = {corner(xs, ys, values, row, column), corner(xs, ys, values, row, column + 1),
                        corner(xs, ys, values, row + 1, column + 1), corner(xs, ys, values, row + 1, column)};
                cut(level, levels, pieces, corners[0], corners[1], corners[2]);
                cut(level, levels, pieces, corners[0], corners[2], corners[3]);
            }
        }
        return new PlotContour(level, pieces);
    }

    private static double[] corner(double[] xs, double[] ys, double[] values, int row, int column) {
        return new double[]{xs[column], ys[row], values[row * xs.length + column]};
    }

    private static void cut(double level, double[] levels, List<double[]> pieces, double[]... triangle) {
        double[] heights = Arrays.stream(triangle).mapToDouble(corner -> corner[2]).sorted().toArray();
        boolean isCut = Arrays.stream(heights).allMatch(Double::isFinite) && heights[0] < level && heights[2] >= level;
        if (!isCut || Arrays.stream(levels).filter(other -> heights[0] < other && heights[2] >= other).count() > MOST_IN_TRIANGLE) {
            return;
        }
        double[] piece = new double[4];
        int found = 0;
        for (int i = 0; i < 3; i++) {
            double[] from = triangle[i];
            double[] to = triangle[(i + 1) % 3];
            if (from[2] < level != to[2] < level && found < 2) {
                double part = (level - from[2]) / (to[2] - from[2]);
                piece[2 * found] = from[0] + part * (to[0] - from[0]);
                piece[2 * found + 1] = from[1] + part * (to[1] - from[1]);
                found++;
            }
        }
        pieces.add(piece);
    }

    String path(PlotFrame frame) {
        StringBuilder d = new StringBuilder();
        for (double[] piece : pieces) {
            d.append('M').append(PlotFrame.at(frame.left(piece[0]), frame.top(piece[1]))).append('L')
                    .append(PlotFrame.at(frame.left(piece[2]), frame.top(piece[3])));
        }
        return d.toString();
    }

    /** Places on the line for its number, the middle one first. */
    List<double[]> places() {
        return IntStream.range(0, pieces.size()).mapToObj(i -> pieces.get((pieces.size() / 2 + i) % pieces.size())).toList();
    }
}
