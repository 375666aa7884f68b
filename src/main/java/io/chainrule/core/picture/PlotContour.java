package io.chainrule.core.picture;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.picture.Placement.Point;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A line of equal value on a grid: each cell is cut into two triangles, between the corners that differ less, and in a triangle the
 * function is taken for a plane, so that no cell is ambiguous.
 *
 * @param runs the points of each stretch of the line, the longest stretch first
 */
record PlotContour(double level, List<List<Point>> runs) {
    private static final int LEVELS = 11;
    /** Where more lines go through one triangle, the function jumps, and they are no lines. */
    private static final int MOST_IN_TRIANGLE = 4;
    private static final int SHORT = 4;
    /** A point nearer to the line between its neighbours than this, in pixels, is left out. */
    private static final double STRAIGHT = 0.1;

    /** A line through one triangle. */
    private record Piece(Point from, Point to) {}

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
        List<Piece> pieces = new ArrayList<>();
        int width = xs.length;
        for (int row = 0; row + 1 < ys.length; row++) {
            for (int column = 0; column + 1 < width; column++) {
                double[][] corners = {corner(xs, ys, values, row, column), corner(xs, ys, values, row, column + 1),
                        corner(xs, ys, values, row + 1, column + 1), corner(xs, ys, values, row + 1, column)};
                // A valley goes between corners that are alike.
                int first = Math.abs(corners[0][2] - corners[2][2]) <= Math.abs(corners[1][2] - corners[3][2]) ? 0 : 1;
                cut(level, levels, pieces, corners[first], corners[first + 1], corners[first + 2]);
                cut(level, levels, pieces, corners[first], corners[first + 2], corners[(first + 3) % 4]);
            }
        }
        return new PlotContour(level, joined(pieces));
    }

    private static double[] corner(double[] xs, double[] ys, double[] values, int row, int column) {
        return new double[]{xs[column], ys[row], values[row * xs.length + column]};
    }

    private static void cut(double level, double[] levels, List<Piece> pieces, double[]... triangle) {
        double[] heights = Arrays.stream(triangle).mapToDouble(corner -> corner[2]).sorted().toArray();
        boolean isCut = Arrays.stream(heights).allMatch(Double::isFinite) && heights[0] < level && heights[2] >= level;
        if (!isCut || Arrays.stream(levels).filter(other -> heights[0] < other && heights[2] >= other).count() > MOST_IN_TRIANGLE) {
            return;
        }
        List<Point> ends = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            double[] from = triangle[i];
            double[] to = triangle[(i + 1) % 3];
            if (from[2] < level != to[2] < level && ends.size() < 2) {
                ends.add(from[2] < level ? crossing(level, from, to) : crossing(level, to, from));
            }
        }
        if (!ends.getFirst().equals(ends.getLast())) {
            pieces.add(new Piece(ends.getFirst(), ends.getLast()));
        }
    }

    /** Where the level lies between two corners; from the lower one, so that both triangles at an edge find the same point. */
    private static Point crossing(double level, double[] lower, double[] higher) {
        double part = (level - lower[2]) / (higher[2] - lower[2]);
        return new Point((1 - part) * lower[0] + part * higher[0] + 0.0, (1 - part) * lower[1] + part * higher[1] + 0.0);
    }

    private static List<List<Point>> joined(List<Piece> pieces) {
        Map<Point, List<Piece>> ends = new HashMap<>();
        for (Piece piece : pieces) {
            for (Point end : List.of(piece.from, piece.to)) {
                ends.computeIfAbsent(end, _ -> new ArrayList<>()).add(piece);
            }
        }
        List<List<Point>> runs = new ArrayList<>();
        for (Piece piece : pieces) {
            if (take(ends, piece)) {
                Deque<Point> run = new ArrayDeque<>(List.of(piece.from, piece.to));
                for (Point next = next(ends, piece.to); next != null; next = next(ends, next)) {
                    run.addLast(next);
                }
                for (Point next = next(ends, piece.from); next != null; next = next(ends, next)) {
                    run.addFirst(next);
                }
                // Shorter ones are what the grid sees of lines that are closer than its points.
                if (run.size() > SHORT || run.getFirst().equals(run.getLast())) {
                    runs.add(List.copyOf(run));
                }
            }
        }
        runs.sort(Comparator.comparingInt(run -> -run.size()));
        return runs;
    }

    /** The other end of a piece that begins here, which is taken; null where there is none. */
    private static @Nullable Point next(Map<Point, List<Piece>> ends, Point from) {
        List<Piece> here = ends.getOrDefault(from, List.of());
        if (here.isEmpty()) {
            return null;
        }
        Piece piece = here.getFirst();
        take(ends, piece);
        return piece.from.equals(from) ? piece.to : piece.from;
    }

    private static boolean take(Map<Point, List<Piece>> ends, Piece piece) {
        boolean isThere = false;
        for (Point end : List.of(piece.from, piece.to)) {
            isThere |= Objects.requireNonNull(ends.get(end)).remove(piece);
        }
        return isThere;
    }

    String path(PlotFrame frame) {
        StringBuilder d = new StringBuilder();
        for (List<Point> run : places(frame)) {
            d.append('M').append(PlotFrame.at(run.getFirst().x(), run.getFirst().y()));
            Point last = run.getFirst();
            for (int i = 1; i < run.size(); i++) {
                if (i + 1 == run.size() || !isBetween(last, run.get(i), run.get(i + 1))) {
                    last = run.get(i);
                    d.append('L').append(PlotFrame.at(last.x(), last.y()));
                }
            }
        }
        return d.toString();
    }

    private static boolean isBetween(Point from, Point middle, Point to) {
        double dx = to.x() - from.x();
        double dy = to.y() - from.y();
        double length = Root.hypot(dx, dy);
        return length > 0 && Math.abs(dx * (middle.y() - from.y()) - dy * (middle.x() - from.x())) < STRAIGHT * length;
    }

    /** The stretches in the pixels of a frame. */
    List<List<Point>> places(PlotFrame frame) {
        return runs.stream().map(run -> run.stream().map(point -> new Point(frame.left(point.x()), frame.top(point.y()))).toList())
                .toList();
    }
}
