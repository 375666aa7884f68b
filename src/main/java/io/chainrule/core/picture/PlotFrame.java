package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frame of a plot, as SVG: title and description, ground, axes with numbers, and lines within. */
final class PlotFrame {
    static final double WIDTH = 560;
    static final double HEIGHT = 400;
    private static final double LEFT = 64;
    private static final double TOP = 40;
    private static final double RIGHT = 20;
    private static final double BOTTOM = 48;
    private static final double TINY = 11;
    private static final double SMALL = 12;
    private static final double LARGE = 14;
    private static final double LEGEND_LINE = 28;
    private static final double GAP = 8;
    private static final NumberText NUMBERS = new NumberText(6);

    private final Xml xml = new Xml();
    private final Palette palette;
    private final PlotRange x;
    private final PlotRange y;
    private final double frameLeft;
    private final double frameRight;
    private final PlotLabels labels;

    /** {@code second} is what a second vertical axis shows; null where there is none. */
    PlotFrame(Theme theme, Language language, String title, String description, PlotRange x, PlotRange y,
            @Nullable PlotRange second) {
        this.palette = theme.palette();
        this.x = x;
        this.y = y;
        frameLeft = Math.max(LEFT, 2 * GAP + widest(y));
        frameRight = WIDTH
                - Math.max(Math.max(RIGHT, 4 + TextWidth.of(x.text(x.high()), SMALL) / 2), second == null ? 0 : 2 * GAP + widest(second));
        labels = new PlotLabels(xml, palette, new Rectangle2D.Double(frameLeft, TOP, frameRight - frameLeft, HEIGHT - TOP - BOTTOM));
        xml.open("svg").attribute("xmlns", "http://www.w3.org/2000/svg").attribute("class", "plot").attribute("role", "img")
                .attribute("lang", language.tag()).attribute("xml:lang", language.tag())
                .attribute("viewBox", "0 0 " + Xml.number(WIDTH) + " " + Xml.number(HEIGHT)).attribute("width", WIDTH)
                .attribute("height", HEIGHT).attribute("font-family", CircuitSvg.FONT);
        xml.line().open("title").text(title).close();
        xml.line().open("desc").text(description).close();
        if (theme == Theme.AUTO) {
            xml.line().open("style").text(darkStyle()).close();
        }
        xml.line().open("rect").attribute("class", "ground").attribute("width", WIDTH).attribute("height", HEIGHT)
                .attribute("fill", palette.ground()).close();
    }

    private static double widest(PlotRange axis) {
        return axis.ticks().stream().mapToDouble(tick -> TextWidth.of(axis.text(tick), SMALL)).max().orElse(0);
    }

    private static String darkStyle() {
        Palette dark = Palette.DARK;
        return "@media (prefers-color-scheme: dark) {.plot .ground{fill:" + dark.ground() + "}.plot text{fill:" + dark.ink()
                + "}.plot .grid,.plot .frame,.plot .level{stroke:" + dark.wire() + "}.plot .value{stroke:" + dark.value()
                + "}.plot .slope,.plot .arrow{stroke:" + dark.gradient() + "}.plot .mark{stroke:" + dark.ink() + ";fill:" + dark.ground()
                + "}.plot .path{stroke:" + dark.ink() + "}.plot text.value{fill:" + dark.value() + ";stroke:none}.plot text.slope{fill:"
                + dark.gradient() + ";stroke:none}.plot text.label{stroke:" + dark.ground() + "}.plot .high{fill:" + dark.warm()
                + "}.plot .low{fill:" + dark.cold() + "}}";
    }

    double left(double value) {
        return frameLeft + x.part(value) * (frameRight - frameLeft);
    }

    double top(double value) {
        return top(y, value);
    }

    private static double top(PlotRange axis, double value) {
        return HEIGHT - BOTTOM - axis.part(value) * (HEIGHT - TOP - BOTTOM);
    }

    Palette palette() {
        return palette;
    }

    /** The numbers of another vertical axis, at the right. */
    void secondAxis(PlotRange axis, String style, String colour) {
        for (double tick : axis.ticks()) {
            text("tick " + style, axis.text(tick), frameRight + GAP, top(axis, tick) + 4, SMALL, colour, "start");
        }
    }

    /** Numbers, lines and names of the axes; {@code vertical} is null where the legend says what is shown. */
    void axes(String horizontal, @Nullable String vertical) {
        List<Double> ticks = x.ticks();
        double room = ticks.size() < 2 ? WIDTH : left(ticks.get(1)) - left(ticks.getFirst());
        int every = (int) Math.ceil((widest(x) + GAP) / room);
        for (int i = 0; i < ticks.size(); i++) {
            double tick = ticks.get(i);
            line("grid", palette.wire(), left(tick), TOP, left(tick), HEIGHT - BOTTOM, tick == 0 ? 0.9 : 0.3, null);
            if (i % every == 0) {
                text("tick", x.text(tick), left(tick), HEIGHT - BOTTOM + 18, SMALL, palette.ink(), "middle");
            }
        }
        for (double tick : y.ticks()) {
            line("grid", palette.wire(), frameLeft, top(tick), frameRight, top(tick), tick == 0 ? 0.9 : 0.3, null);
            text("tick", y.text(tick), frameLeft - GAP, top(tick) + 4, SMALL, palette.ink(), "end");
        }
        xml.line().open("rect").attribute("class", "frame").attribute("x", frameLeft).attribute("y", TOP)
                .attribute("width", frameRight - frameLeft).attribute("height", HEIGHT - TOP - BOTTOM).attribute("fill", "none")
                .attribute("stroke", palette.wire()).close();
        text("axis", TextWidth.fitting(horizontal, LARGE, frameRight - frameLeft), (frameLeft + frameRight) / 2, HEIGHT - 10, LARGE,
                palette.ink(), "middle");
        if (vertical != null) {
            text("axis", TextWidth.fitting(vertical, LARGE, WIDTH / 4), GAP, TOP - 12, LARGE, palette.ink(), "start");
        }
    }

    /** What is shown, above the frame, for a plot of two inputs. */
    void headline(String label) {
        text("axis", TextWidth.fitting(label, LARGE, WIDTH / 2 - 2 * GAP), WIDTH / 2, TOP - 12, LARGE, palette.ink(), "middle");
    }

    /** The legend of two curves, above the frame. */
    void legend(String first, String firstLabel, String second, String secondLabel, String secondDashes) {
        double next = legend(first, TextWidth.fitting(firstLabel, LARGE, (WIDTH - LEFT - RIGHT) / 2 - LEGEND_LINE - 4 * GAP), LEFT,
                palette.value(), null);
        legend(second, TextWidth.fitting(secondLabel, LARGE, WIDTH - RIGHT - next - LEGEND_LINE - GAP), next, palette.gradient(),
                secondDashes);
    }

    private double legend(String style, String label, double from, String colour, @Nullable String dashes) {
        line(style, colour, from, TOP - 16, from + LEGEND_LINE, TOP - 16, 1, dashes);
        text(style, label, from + LEGEND_LINE + 6, TOP - 12, LARGE, colour, "start");
        return from + LEGEND_LINE + 6 + TextWidth.of(label, LARGE) + 3 * GAP;
    }

    /** A curve through points, broken where it leaves the frame, where there is no value, and at the breaks. */
    void curve(String style, PlotRange axis, double[] xs, double[] ys, List<Double> breaks, String colour, @Nullable String dashes) {
        StringBuilder d = new StringBuilder();
        boolean isOpen = false;
        for (int i = 0; i + 1 < xs.length; i++) {
            double from = xs[i];
            double to = xs[i + 1];
            boolean isBroken = !Double.isFinite(ys[i]) || !Double.isFinite(ys[i + 1])
                    || breaks.stream().anyMatch(at -> at >= from && at <= to) || !axis.contains(ys[i]) && !axis.contains(ys[i + 1]);
            if (isBroken) {
                isOpen = false;
                continue;
            }
            if (!isOpen) {
                d.append('M').append(clipped(axis, xs[i], ys[i], xs[i + 1], ys[i + 1]));
            }
            d.append('L').append(clipped(axis, xs[i + 1], ys[i + 1], xs[i], ys[i]));
            isOpen = axis.contains(ys[i + 1]);
        }
        path(style, d.toString(), colour, 2.2, dashes);
    }

    /** A point, or where the line to it from the other leaves the frame. */
    private String clipped(PlotRange axis, double px, double py, double ox, double oy) {
        double edge = Math.clamp(py, axis.low(), axis.high());
        double part = py == oy ? 1 : (edge - oy) / (py - oy);
        return at(left(ox + part * (px - ox)), top(axis, edge));
    }

    /** The lines between points, as far as they are in the frame. */
    void track(List<double[]> points) {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i + 1 < points.size(); i++) {
            d.append(within(points.get(i), points.get(i + 1)));
        }
        path("path", d.toString(), palette.ink(), 2, null);
    }

    /** The part of a line that is in the frame (Liang and Barsky); empty where none is. */
    private String within(double[] from, double[] to) {
        double first = 0;
        double last = 1;
        for (int k = 0; k < 2; k++) {
            PlotRange axis = k == 0 ? x : y;
            double step = to[k] - from[k];
            double enter = (step < 0 ? axis.high() : axis.low()) - from[k];
            double leave = (step < 0 ? axis.low() : axis.high()) - from[k];
            if (step == 0 && !axis.contains(from[k])) {
                return "";
            } else if (step != 0) {
                first = Math.max(first, enter / step);
                last = Math.min(last, leave / step);
            }
        }
        return first > last ? "" : "M" + between(from, to, first) + "L" + between(from, to, last);
    }

    private String between(double[] from, double[] to, double part) {
        return at(left(from[0] + part * (to[0] - from[0])), top(from[1] + part * (to[1] - from[1])));
    }

    static String at(double left, double top) {
        return Xml.number(left) + " " + Xml.number(top);
    }

    void path(String style, String d, String colour, double width, @Nullable String dashes) {
        if (!d.isEmpty()) {
            xml.line().open("path").attribute("class", style).attribute("d", d).attribute("fill", "none").attribute("stroke", colour)
                    .attribute("stroke-width", width);
            if (dashes != null) {
                xml.attribute("stroke-dasharray", dashes);
            }
            xml.close();
        }
    }

    /** An arrow around a point; no label stands on it. */
    void arrow(double middleX, double middleY, double dx, double dy) {
        double tipX = middleX + dx / 2;
        double tipY = middleY + dy / 2;
        String d = "M" + at(middleX - dx / 2, middleY - dy / 2) + "L" + at(tipX, tipY) + "M"
                + at(tipX - 0.35 * dx - 0.2 * dy, tipY - 0.35 * dy + 0.2 * dx) + "L" + at(tipX, tipY) + "L"
                + at(tipX - 0.35 * dx + 0.2 * dy, tipY - 0.35 * dy - 0.2 * dx);
        path("arrow", d, palette.gradient(), 1.3, null);
        labels.keepFree(middleX - Math.abs(dx) / 2 - 1, middleY - Math.abs(dy) / 2 - 1, Math.abs(dx) + 2, Math.abs(dy) + 2);
    }

    /** The outline of a cell of the ground. */
    String cell(double fromX, double fromY, double toX, double toY) {
        double width = left(toX) - left(fromX);
        return "M" + at(left(fromX), top(toY)) + "h" + Xml.number(width) + "v" + Xml.number(top(fromY) - top(toY)) + "h"
                + Xml.number(-width) + "z";
    }

    /** Cells of the ground whose values are above the middle one, or not. */
    void shade(boolean isHigh, double strength, String cells) {
        if (strength > 0 && !cells.isEmpty()) {
            xml.line().open("path").attribute("class", isHigh ? "high" : "low").attribute("d", cells)
                    .attribute("fill", isHigh ? palette.warm() : palette.cold()).attribute("fill-opacity", strength)
                    .attribute("shape-rendering", "crispEdges").close();
        }
    }

    private void line(String style, String colour, double x1, double y1, double x2, double y2, double opacity, @Nullable String dashes) {
        xml.line().open("line").attribute("class", style).attribute("x1", x1).attribute("y1", y1).attribute("x2", x2).attribute("y2", y2)
                .attribute("stroke", colour).attribute("stroke-opacity", opacity).attribute("stroke-width",
                        style.equals("grid") ? 1 : 2.2);
        if (dashes != null) {
            xml.attribute("stroke-dasharray", dashes);
        }
        xml.close();
    }

    /** A vertical line with a word at its top. */
    void vertical(double value, String word) {
        line("mark", palette.ink(), left(value), TOP, left(value), HEIGHT - BOTTOM, 0.8, "2 4");
        labels.beside(word, left(value), 4, TOP + 14, SMALL);
    }

    /** A ring around a point of the frame, with a word beside it. */
    void ring(double px, double py, String word) {
        if (x.contains(px) && y.contains(py)) {
            xml.line().open("circle").attribute("class", "mark").attribute("cx", left(px)).attribute("cy", top(py))
                    .attribute("r", 5).attribute("fill", palette.ground()).attribute("stroke", palette.ink()).attribute("stroke-width", 2)
                    .close();
            labels.beside(word, left(px), 9, top(py) - 8 < TOP + SMALL ? top(py) + 16 : top(py) - 8, SMALL);
        }
    }

    /** The number of a line, where it has room, and covers no other of the lines if there is such a place. */
    void label(String number, PlotContour line, List<PlotContour> lines) {
        labels.onLine(number, line.places(this), lines.stream().filter(other -> other.level() != line.level())
                .flatMap(other -> other.places(this).stream()).flatMap(List::stream).toList(), TINY);
    }

    /** A sentence in the middle of a frame in which there is little else. */
    void notice(String sentence) {
        labels.write(TextWidth.fitting(sentence, LARGE, frameRight - frameLeft - 2 * GAP), (frameLeft + frameRight) / 2,
                (TOP + HEIGHT - BOTTOM) / 2, LARGE);
    }

    private void text(String style, String content, double px, double py, double size, String colour, String anchor) {
        xml.line().open("text").attribute("class", style).attribute("x", px).attribute("y", py).attribute("font-size", size)
                .attribute("fill", colour).attribute("stroke", "none").attribute("text-anchor", anchor).text(content).close();
    }

    String finish() {
        xml.line().close();
        return xml.toString();
    }

    /** Numbers as a person reads them. */
    static String number(double value) {
        return NUMBERS.rounded(value);
    }
}
