package io.chainrule.core.picture;

import java.util.ArrayList;
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
    private static final double SMALL = 12;
    private static final double LARGE = 14;
    private static final NumberText NUMBERS = new NumberText(6);

    private final Xml xml = new Xml();
    private final Palette palette;
    private final PlotRange x;
    private final PlotRange y;

    PlotFrame(Theme theme, String title, String description, PlotRange x, PlotRange y) {
        this.palette = theme.palette();
        this.x = x;
        this.y = y;
        xml.open("svg").attribute("xmlns", "http://www.w3.org/2000/svg").attribute("class", "plot").attribute("role", "img")
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

    private static String darkStyle() {
        Palette dark = Palette.DARK;
        return "@media (prefers-color-scheme: dark) {.plot .ground{fill:" + dark.ground() + "}.plot text{fill:" + dark.ink()
                + "}.plot .grid,.plot .frame,.plot .level{stroke:" + dark.wire() + "}.plot .value{stroke:" + dark.value()
                + "}.plot .slope,.plot .arrow{stroke:" + dark.gradient() + "}.plot .mark{stroke:" + dark.ink() + ";fill:" + dark.ground()
                + "}.plot .path{stroke:" + dark.ink() + "}.plot text.value{fill:" + dark.value() + ";stroke:none}.plot text.slope{fill:"
                + dark.gradient() + ";stroke:none}.plot .high{fill:" + dark.warm() + "}.plot .low{fill:" + dark.cold() + "}}";
    }

    double left(double value) {
        return LEFT + x.part(value) * (WIDTH - LEFT - RIGHT);
    }

    double top(double value) {
        return HEIGHT - BOTTOM - y.part(value) * (HEIGHT - TOP - BOTTOM);
    }

    Palette palette() {
        return palette;
    }

    /** Numbers, lines and names of the axes; {@code vertical} is null where the legend says what is shown. */
    void axes(String horizontal, @Nullable String vertical) {
        for (double tick : x.ticks()) {
            line("grid", palette.wire(), left(tick), TOP, left(tick), HEIGHT - BOTTOM, tick == 0 ? 0.9 : 0.3, null);
            text("tick", NUMBERS.rounded(tick), left(tick), HEIGHT - BOTTOM + 18, SMALL, palette.ink(), "middle");
        }
        for (double tick : y.ticks()) {
            line("grid", palette.wire(), LEFT, top(tick), WIDTH - RIGHT, top(tick), tick == 0 ? 0.9 : 0.3, null);
            text("tick", NUMBERS.rounded(tick), LEFT - 8, top(tick) + 4, SMALL, palette.ink(), "end");
        }
        xml.line().open("rect").attribute("class", "frame").attribute("x", LEFT).attribute("y", TOP)
                .attribute("width", WIDTH - LEFT - RIGHT).attribute("height", HEIGHT - TOP - BOTTOM).attribute("fill", "none")
                .attribute("stroke", palette.wire()).close();
        text("axis", horizontal, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, LARGE, palette.ink(), "middle");
        if (vertical != null) {
            text("axis", vertical, LEFT, TOP - 12, LARGE, palette.ink(), "middle");
        }
    }

    /** A line of the legend, above the frame. */
    double legend(String style, String label, double from, String colour, @Nullable String dashes) {
        line(style, colour, from, TOP - 16, from + 28, TOP - 16, 1, dashes);
        text(style, label, from + 34, TOP - 12, LARGE, colour, "start");
        return from + 34 + TextWidth.of(label, LARGE) + 24;
    }

    /** A curve through points, broken where it leaves the frame, where there is no value, and at the breaks. */
    void curve(String style, double[] xs, double[] ys, List<Double> breaks, String colour, @Nullable String dashes) {
        StringBuilder d = new StringBuilder();
        boolean isOpen = false;
        for (int i = 0; i + 1 < xs.length; i++) {
            double from = xs[i];
            double to = xs[i + 1];
            boolean isBroken = !Double.isFinite(ys[i]) || !Double.isFinite(ys[i + 1])
                    || breaks.stream().anyMatch(at -> at >= from && at <= to) || !y.contains(ys[i]) && !y.contains(ys[i + 1]);
            if (isBroken) {
                isOpen = false;
                continue;
            }
            if (!isOpen) {
                d.append('M').append(clipped(xs[i], ys[i], xs[i + 1], ys[i + 1]));
            }
            d.append('L').append(clipped(xs[i + 1], ys[i + 1], xs[i], ys[i]));
            isOpen = y.contains(ys[i + 1]);
        }
        path(style, d.toString(), colour, 2.2, dashes);
    }

    /** A point, or where the line to it from the other leaves the frame. */
    private String clipped(double px, double py, double ox, double oy) {
        double edge = Math.clamp(py, y.low(), y.high());
        double part = py == oy ? 1 : (edge - oy) / (py - oy);
        return at(left(ox + part * (px - ox)), top(edge));
    }

    /** A point, or the nearest one of the frame. */
    String inside(double[] point) {
        return at(left(Math.clamp(point[0], x.low(), x.high())), top(Math.clamp(point[1], y.low(), y.high())));
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

    /** A cell of a contour plot, the more opaque the farther its value is from the middle. */
    void cell(boolean isHigh, double strength, double fromX, double fromY, double toX, double toY) {
        xml.line().open("rect").attribute("class", isHigh ? "high" : "low").attribute("x", left(fromX)).attribute("y", top(toY))
                .attribute("width", left(toX) - left(fromX)).attribute("height", top(fromY) - top(toY))
                .attribute("fill", isHigh ? palette.warm() : palette.cold()).attribute("fill-opacity", strength).close();
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
        text("mark", word, left(value) + 4, TOP + 14, SMALL, palette.ink(), "start");
    }

    /** A ring around a point, with a word beside it. */
    void ring(double px, double py, String word) {
        xml.line().open("circle").attribute("class", "mark").attribute("cx", left(Math.clamp(px, x.low(), x.high())))
                .attribute("cy", top(Math.clamp(py, y.low(), y.high())))
                .attribute("r", 5).attribute("fill", palette.ground()).attribute("stroke", palette.ink()).attribute("stroke-width", 2)
                .close();
        text("label", word, left(px) + 9, top(Math.clamp(py, y.low(), y.high())) - 8, SMALL, palette.ink(), "start");
    }

    void text(String style, String content, double px, double py, double size, String colour, String anchor) {
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

    static List<String> numbers(List<Double> values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(number(value)));
        return texts;
    }
}
