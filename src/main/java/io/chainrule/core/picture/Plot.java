package io.chainrule.core.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Plots of functions, as SVG: a curve with its derivative, or lines of equal value with gradient arrows. */
public final class Plot {
    /** The points of a curve. */
    public static final int CURVE_POINTS = 401;
    /** The points of a contour plot along either axis. */
    public static final int GRID = 41;
    private static final int ARROWS = 9;
    private static final int LEVELS = 11;
    private static final String DASHES = "7 5";

    private Plot() {}

    /**
     * A function of one variable, solid, and its derivative, dashed. Kinks have a ring, jumps and poles a dotted line.
     *
     * @param label what the function is called, such as {@code relu(x)}
     * @param variable the name of the horizontal axis
     */
    public static String curve(PlotFunction function, String label, String variable, PlotRange range, Theme theme) {
        double[] xs = range.points(CURVE_POINTS);
        PlotFunction.Samples found = function.at(xs);
        double[] slopes = found.slopes()[0];
        PlotRange shown = PlotRange.of(found.values(), slopes);
        List<PlotMarks.Mark> marks = PlotMarks.of(function, range, xs, found, shown);
        String derivative = "∂/∂" + variable + " " + label;
        String title = label + " and its derivative";
        String description = "Solid: " + label + ". Dashed: its derivative by " + variable + ". " + variable + " runs from "
                + PlotFrame.number(range.low()) + " to " + PlotFrame.number(range.high()) + "." + described(marks, variable);
        PlotFrame frame = new PlotFrame(theme, title, description, range, shown);
        frame.axes(variable, null);
        double next = frame.legend("value", label, 64, frame.palette().value(), null);
        frame.legend("slope", derivative, next, frame.palette().gradient(), DASHES);
        List<Double> jumps = marks.stream().filter(mark -> mark.kind() != PlotMarks.Kind.KINK).map(PlotMarks.Mark::x).toList();
        List<Double> bends = marks.stream().map(PlotMarks.Mark::x).toList();
        frame.curve("slope", xs, slopes, bends, frame.palette().gradient(), DASHES);
        frame.curve("value", xs, found.values(), jumps, frame.palette().value(), null);
        for (PlotMarks.Mark mark : marks) {
            String word = mark.kind().name().toLowerCase(Locale.ROOT);
            if (mark.kind() == PlotMarks.Kind.KINK) {
                frame.ring(mark.x(), mark.value(), word);
            } else {
                frame.vertical(mark.x(), word);
            }
        }
        return frame.finish();
    }

    private static String described(List<PlotMarks.Mark> marks, String variable) {
        return marks.stream().map(mark -> " There is a " + mark.kind().name().toLowerCase(Locale.ROOT) + " at " + variable + " = "
                + PlotFrame.number(mark.x()) + ".").collect(Collectors.joining());
    }

    /**
     * A function of two variables: lines of equal value with their numbers, arrows along the gradient, and a path.
     *
     * @param path points from a start on, such as those of a descent; may be empty
     */
    public static String contour(PlotFunction function, String label, List<String> variables, PlotRange x, PlotRange y, List<double[]> path,
            Theme theme) {
        double[] xs = x.points(GRID);
        double[] ys = y.points(GRID);
        double[] values = grid(function, xs, ys).values();
        List<Double> levels = levels(values);
        String description = "Lines of equal value of " + label + ", " + variables.getFirst() + " from " + PlotFrame.number(x.low())
                + " to "
                + PlotFrame.number(x.high()) + " and " + variables.getLast() + " from " + PlotFrame.number(y.low()) + " to "
                + PlotFrame.number(y.high()) + ", at the values " + String.join(", ", PlotFrame.numbers(levels))
                + ". Arrows point along the gradient, where it is larger they are longer." + described(path);
        PlotFrame frame = new PlotFrame(theme, label + " and its gradient", description, x, y);
        cells(frame, xs, ys, values);
        frame.axes(variables.getFirst(), variables.getLast());
        for (double level : levels) {
            PlotContour contour = PlotContour.of(xs, ys, values, level);
            frame.path("level", contour.path(frame), frame.palette().wire(), 1.2, null);
            contour.label().ifPresent(at -> frame.text("label", PlotFrame.number(level), frame.left(at[0]), frame.top(at[1]) + 4, 11,
                    frame.palette().ink(), "middle"));
        }
        arrows(frame, function, x, y);
        path(frame, path);
        frame.text("axis", label, PlotFrame.WIDTH / 2, 24, 14, frame.palette().ink(), "middle");
        return frame.finish();
    }

    private static String described(List<double[]> path) {
        return path.isEmpty()
                ? ""
                : " A path goes from (" + PlotFrame.number(path.getFirst()[0]) + ", " + PlotFrame.number(path.getFirst()[1]) + ") to ("
                        + PlotFrame.number(path.getLast()[0]) + ", " + PlotFrame.number(path.getLast()[1]) + ") in " + (path.size() - 1)
                        + " steps.";
    }

    private static PlotFunction.Samples grid(PlotFunction function, double[] xs, double[] ys) {
        double[] allX = new double[xs.length * ys.length];
        double[] allY = new double[xs.length * ys.length];
        for (int row = 0; row < ys.length; row++) {
            System.arraycopy(xs, 0, allX, row * xs.length, xs.length);
            Arrays.fill(allY, row * xs.length, (row + 1) * xs.length, ys[row]);
        }
        return function.at(allX, allY);
    }

    /** Values that divide the samples evenly, so that narrow valleys show as well as steep walls. */
    private static List<Double> levels(double[] values) {
        double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        List<Double> levels = new ArrayList<>();
        for (int k = 1; k <= LEVELS && sorted.length > 0; k++) {
            double level = Double.parseDouble(String.format(Locale.ROOT, "%.2e", sorted[(int) ((sorted.length - 1.0) * k / (LEVELS + 1))]));
            if (!levels.contains(level) && sorted[0] < sorted[sorted.length - 1]) {
                levels.add(level);
            }
        }
        return levels;
    }

    private static void cells(PlotFrame frame, double[] xs, double[] ys, double[] values) {
        double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        for (int row = 0; row + 1 < ys.length; row++) {
            for (int column = 0; column + 1 < xs.length; column++) {
                double value = values[row * xs.length + column];
                if (Double.isFinite(value) && sorted.length > 1) {
                    int place = Arrays.binarySearch(sorted, value);
                    double rank = 2.0 * Math.max(0, place) / (sorted.length - 1) - 1;
                    frame.cell(rank > 0, 0.5 * Math.abs(rank), xs[column], ys[row], xs[column + 1], ys[row + 1]);
                }
            }
        }
    }

    private static void arrows(PlotFrame frame, PlotFunction function, PlotRange x, PlotRange y) {
        double[] xs = new double[ARROWS];
        double[] ys = new double[ARROWS];
        Arrays.setAll(xs, i -> x.at((i + 0.5) / ARROWS));
        Arrays.setAll(ys, i -> y.at((i + 0.5) / ARROWS));
        PlotFunction.Samples found = grid(function, xs, ys);
        double[] lengths = new double[ARROWS * ARROWS];
        Arrays.setAll(lengths, i -> Math.hypot(found.slopes()[0][i], found.slopes()[1][i]));
        double longest = Arrays.stream(lengths).filter(Double::isFinite).max().orElse(0);
        for (int i = 0; i < lengths.length; i++) {
            if (Double.isFinite(lengths[i]) && lengths[i] > 0) {
                double size = 5 + 17 * Math.sqrt(lengths[i] / longest);
                // The picture stretches the axes differently, so the direction is that of the gradient in it.
                double dx = found.slopes()[0][i] * (frame.left(x.high()) - frame.left(x.low())) / (x.high() - x.low());
                double dy = found.slopes()[1][i] * (frame.top(y.high()) - frame.top(y.low())) / (y.high() - y.low());
                double norm = Math.hypot(dx, dy);
                arrow(frame, frame.left(xs[i % ARROWS]), frame.top(ys[i / ARROWS]), size * dx / norm, size * dy / norm);
            }
        }
    }

    private static void arrow(PlotFrame frame, double left, double top, double dx, double dy) {
        double tipX = left + dx / 2;
        double tipY = top + dy / 2;
        String d = "M" + PlotFrame.at(left - dx / 2, top - dy / 2) + "L" + PlotFrame.at(tipX, tipY) + "M"
                + PlotFrame.at(tipX - 0.35 * dx - 0.2 * dy, tipY - 0.35 * dy + 0.2 * dx) + "L" + PlotFrame.at(tipX, tipY) + "L"
                + PlotFrame.at(tipX - 0.35 * dx + 0.2 * dy, tipY - 0.35 * dy - 0.2 * dx);
        frame.path("arrow", d, frame.palette().gradient(), 1.3, null);
    }

    private static void path(PlotFrame frame, List<double[]> path) {
        if (!path.isEmpty()) {
            String d = path.stream().map(frame::inside).collect(Collectors.joining("L", "M", ""));
            frame.path("path", d, frame.palette().ink(), 2, null);
            frame.ring(path.getFirst()[0], path.getFirst()[1], "start");
            frame.ring(path.getLast()[0], path.getLast()[1], "end");
        }
    }
}
