package io.chainrule.core.picture;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.language.Language;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plots of functions, as SVG: a curve with its derivative, or lines of equal value with gradient arrows. */
public final class Plot {
    /** The points of a curve. */
    public static final int CURVE_POINTS = 401;
    /** The points along either axis by which the ground of a contour plot is coloured. */
    public static final int GRID = 41;
    /** Lines of equal value are found on a grid that is so many times as fine: in a narrow valley a coarse one breaks them. */
    private static final int FINER = 3;
    private static final int ARROWS = 9;
    private static final int SHADES = 10;
    private static final String DASHES = "7 5";
    /** Where the function, or its derivative, would take less of the height beside the other one, each has an axis of its own. */
    private static final double LEAST_HEIGHT = 0.22;
    private static final double LEAST_HEIGHT_OF_SLOPES = 0.12;

    private Plot() {}

    /**
     * A function of one variable, solid, and its derivative, dashed. Kinks have a ring, jumps and poles a dotted line.
     *
     * @param label what the function is called, such as {@code relu(x)}
     * @param variable the name of the horizontal axis
     */
    public static String curve(PlotFunction function, String label, String variable, PlotRange range, Theme theme, Language language) {
        double[] xs = range.points(CURVE_POINTS);
        PlotFunction.Samples found = function.at(xs);
        double[] slopes = found.slopes()[0];
        PlotRange ofValues = PlotRange.of(found.values());
        PlotRange ofSlopes = PlotRange.of(slopes);
        PlotRange both = ofValues.with(ofSlopes);
        boolean isShared = height(found.values(), ofValues) >= LEAST_HEIGHT * both.size()
                && height(slopes, ofSlopes) >= LEAST_HEIGHT_OF_SLOPES * both.size();
        List<PlotMarks.Mark> marks = PlotMarks.of(function, range, xs, found, ofValues);
        boolean isEmpty = Arrays.stream(found.values()).noneMatch(Double::isFinite);
        String description = sentences(Stream.concat(
                Stream.of(language.text("picture.curve", label, variable, range.precise(range.low()), range.precise(range.high())),
                        isShared ? "" : language.text("picture.curve.own"), isEmpty ? language.text("picture.empty", label) : ""),
                marks.stream().map(mark -> language.text("picture.curve." + word(mark), variable, range.precise(mark.x())))));
        PlotFrame frame = new PlotFrame(theme, language, language.text("picture.curve.title", label), description, range,
                isShared ? both : ofValues,
                isShared ? null : ofSlopes);
        PlotRange slopeAxis = isShared ? both : ofSlopes;
        if (!isShared) {
            frame.secondAxis(ofSlopes, "slope", frame.palette().gradient());
        }
        frame.axes(variable, null);
        frame.legend("value", label, "slope", "∂/∂" + variable + " " + label, DASHES);
        List<Double> jumps = marks.stream().filter(mark -> mark.kind() != PlotMarks.Kind.KINK).map(PlotMarks.Mark::x).toList();
        List<Double> bends = marks.stream().map(PlotMarks.Mark::x).toList();
        frame.curve("value", isShared ? both : ofValues, xs, found.values(), jumps, frame.palette().value(), null);
        // Where both are the same, as of exp, the dashes show on the line.
        frame.curve("slope", slopeAxis, xs, slopes, bends, frame.palette().gradient(), DASHES);
        for (PlotMarks.Mark mark : marks) {
            if (mark.kind() == PlotMarks.Kind.KINK) {
                frame.ring(mark.x(), mark.value(), language.text("picture." + word(mark)));
            } else {
                frame.vertical(mark.x(), language.text("picture." + word(mark)));
            }
        }
        if (isEmpty) {
            frame.notice(language.text("picture.empty", label));
        }
        return frame.finish();
    }

    /** The height that a curve needs; a level line can be seen at any. */
    private static double height(double[] values, PlotRange range) {
        return Arrays.stream(values).filter(Double::isFinite).distinct().limit(2).count() > 1 ? range.size() : Double.POSITIVE_INFINITY;
    }

    private static String word(PlotMarks.Mark mark) {
        return mark.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String sentences(Stream<String> all) {
        return all.filter(sentence -> !sentence.isEmpty()).collect(Collectors.joining(" "));
    }

    /**
     * A function of two variables: lines of equal value with their numbers, arrows along the gradient, and a path.
     *
     * @param path points from a start on, such as those of a descent; may be empty
     */
    public static String contour(PlotFunction function, String label, List<String> variables, PlotRange x, PlotRange y, List<double[]> path,
            Theme theme, Language language) {
        double[] xs = x.points(FINER * (GRID - 1) + 1);
        double[] ys = y.points(FINER * (GRID - 1) + 1);
        double[] values = grid(function, xs, ys).values();
        // 0 and -0 are the same height.
        Arrays.setAll(values, i -> values[i] + 0.0);
        List<PlotContour> lines = PlotContour.all(xs, ys, values);
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        String notice = finite.length == 0
                ? language.text("picture.empty", label)
                : lines.isEmpty() ? language.text("picture.constant", label, PlotFrame.number(finite[0])) : "";
        PlotFrame frame = new PlotFrame(theme, language, language.text("picture.contour.title", label), sentences(Stream.of(
                language.text("picture.contour", label, variables.getFirst(), x.precise(x.low()), x.precise(x.high()), variables.getLast(),
                        y.precise(y.low()), y.precise(y.high())),
                notice,
                lines.isEmpty()
                        ? ""
                        : language.text("picture.contour.levels",
                                lines.stream().map(line -> PlotFrame.number(line.level())).collect(Collectors.joining(", ")))
                                + " " + language.text("picture.contour.arrows"),
                path.isEmpty()
                        ? ""
                        : language.text("picture.contour.path", x.precise(path.getFirst()[0]), y.precise(path.getFirst()[1]),
                                x.precise(path.getLast()[0]), y.precise(path.getLast()[1]), String.valueOf(path.size() - 1)))),
                x, y, null);
        if (!lines.isEmpty()) {
            cells(frame, xs, ys, values);
        }
        frame.axes(variables.getFirst(), variables.getLast());
        lines.forEach(line -> frame.path("level", line.path(frame), frame.palette().wire(), 1.2, null));
        arrows(frame, function, x, y);
        if (!path.isEmpty()) {
            frame.track(path);
            frame.ring(path.getFirst()[0], path.getFirst()[1], language.text("picture.start"));
            frame.ring(path.getLast()[0], path.getLast()[1], language.text("picture.end"));
        }
        lines.forEach(line -> frame.label(PlotFrame.number(line.level()), line, lines));
        if (!notice.isEmpty()) {
            frame.notice(notice);
        }
        frame.headline(label);
        return frame.finish();
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

    /** The ground, the more opaque the farther the value is from the middle one. */
    private static void cells(PlotFrame frame, double[] xs, double[] ys, double[] values) {
        double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        StringBuilder[] shades = new StringBuilder[2 * SHADES + 1];
        Arrays.setAll(shades, _ -> new StringBuilder());
        for (int row = 0; row + FINER < ys.length; row += FINER) {
            for (int column = 0; column + FINER < xs.length; column += FINER) {
                int corner = row * xs.length + column;
                int below = corner + FINER * xs.length;
                double mean = values[corner] / 4 + values[corner + FINER] / 4 + values[below] / 4 + values[below + FINER] / 4;
                if (Double.isFinite(mean)) {
                    int place = Arrays.binarySearch(sorted, mean);
                    double rank = 2.0 * (place < 0 ? -place - 1 : place) / sorted.length - 1;
                    shades[SHADES + (int) Math.round(rank * SHADES)]
                            .append(frame.cell(xs[column], ys[row], xs[column + FINER], ys[row + FINER]));
                }
            }
        }
        for (int i = 0; i < shades.length; i++) {
            frame.shade(i > SHADES, 0.5 * Math.abs(i - SHADES) / SHADES, shades[i].toString());
        }
    }

    private static void arrows(PlotFrame frame, PlotFunction function, PlotRange x, PlotRange y) {
        double[] xs = new double[ARROWS];
        double[] ys = new double[ARROWS];
        Arrays.setAll(xs, i -> x.at((i + 0.5) / ARROWS));
        Arrays.setAll(ys, i -> y.at((i + 0.5) / ARROWS));
        PlotFunction.Samples found = grid(function, xs, ys);
        double[] lengths = new double[ARROWS * ARROWS];
        Arrays.setAll(lengths, i -> Root.hypot(found.slopes()[0][i], found.slopes()[1][i]));
        double longest = Arrays.stream(lengths).filter(Double::isFinite).max().orElse(0);
        for (int i = 0; i < lengths.length; i++) {
            if (Double.isFinite(lengths[i]) && lengths[i] > 0) {
                double size = 5 + 17 * Math.sqrt(lengths[i] / longest);
                // The picture stretches the axes differently, so the direction is that of the gradient in it.
                double dx = found.slopes()[0][i] / lengths[i] * (frame.left(x.high()) - frame.left(x.low())) / x.size();
                double dy = found.slopes()[1][i] / lengths[i] * (frame.top(y.high()) - frame.top(y.low())) / y.size();
                double norm = Root.hypot(dx, dy);
                frame.arrow(frame.left(xs[i % ARROWS]), frame.top(ys[i / ARROWS]), size * dx / norm, size * dy / norm);
            }
        }
    }
}
