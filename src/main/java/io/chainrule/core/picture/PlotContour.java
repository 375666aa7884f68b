package io.chainrule.core.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A line of equal value on a grid, as short pieces: each cell is cut into two triangles, and in a triangle the function is taken for a plane,
 * so that no cell is ambiguous.
 *
 * @param pieces from and to, as {@code x, y, x, y}
 */
record PlotContour(List<double[]> pieces) {

    /** {@code values} holds the rows of the grid, one for each of {@code ys}. */
    static PlotContour of(double[] xs, double[] ys, double[] values, double level) {
        List<double[]> pieces = new ArrayList<>();
        int width = xs.length;
        for (int row = 0; row + 1 < ys.length; row++) {
            for (int column = 0; column + 1 < width; column++) {
                double[][] corners = {corner(xs, ys, values, row, column), corner(xs, ys, values, row, column + 1),
                        corner(xs, ys, values, row + 1, column + 1), corner(xs, ys, values, row + 1, column)};
                cut(level, pieces, corners[0], corners[1], corners[2]);
                cut(level, pieces, corners[0], corners[2], corners[3]);
            }
        }
        return new PlotContour(pieces);
    }

    private static double[] corner(double[] xs, double[] ys, double[] values, int row, int column) {
        return new double[]{xs[column], ys[row], values[row * xs.length + column]};
    }

    private static void cut(double level, List<double[]> pieces, double[]... triangle) {
        double[] piece = new double[4];
        int found = 0;
        for (int i = 0; i < 3; i++) {
            double[] from = triangle[i];
            double[] to = triangle[(i + 1) % 3];
            if (!Double.isFinite(from[2])) {
                return;
            }
            if (from[2] < level != to[2] < level && found < 2) {
                double part = (level - from[2]) / (to[2] - from[2]);
                piece[2 * found] = from[0] + part * (to[0] - from[0]);
                piece[2 * found + 1] = from[1] + part * (to[1] - from[1]);
                found++;
            }
        }
        if (found == 2) {
            pieces.add(piece);
        }
    }

    String path(PlotFrame frame) {
        StringBuilder d = new StringBuilder();
        for (double[] piece : pieces) {
            d.append('M').append(PlotFrame.at(frame.left(piece[0]), frame.top(piece[1]))).append('L')
                    .append(PlotFrame.at(frame.left(piece[2]), frame.top(piece[3])));
        }
        return d.toString();
    }

    /** A place on the line for its number. */
    Optional<double[]> label() {
        return pieces.isEmpty() ? Optional.empty() : Optional.of(pieces.get(pieces.size() / 2));
    }
}
