package io.chainrule.core.picture;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.language.Language;
import io.chainrule.core.picture.Placement.Point;
import io.chainrule.core.tensor.Tensor;
import java.awt.Font;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a circuit as SVG. Colours are presentation attributes, which the CSS of a page that holds the picture overrides by the classes;
 * only a picture that follows the reader's preference has a style sheet of its own.
 */
final class CircuitSvg {
    private static final double MARGIN = 12;
    private static final double BEND = 5;
    private static final double PLAIN_WIDTH = 1.4;
    private static final double LEAST_WIDTH = 0.6;
    private static final double MOST_WIDTH = 6;
    /** How opaque a cell may be for the number in it to be read. */
    static final double UNDER_NUMBERS = 0.2;
    static final String FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif";
    /** A description longer than this helps nobody who listens to it. */
    private static final int MOST_DESCRIBED = 60;

    private final Circuit circuit;
    private final List<Box> boxes;
    private final Placement placement;
    private final Labels labels;
    private final PictureOptions options;
    private final Palette palette;
    private final Language language;
    private final String font;
    /** The largest length of what goes along a wire. */
    private final double largest;
    private final Xml xml = new Xml();

    private CircuitSvg(Drawing drawing, Labels labels, String font) {
        circuit = drawing.circuit();
        boxes = drawing.boxes();
        placement = drawing.placement();
        this.labels = labels;
        this.font = font;
        options = labels.options();
        language = options.language();
        largest = options.wires() == WireWidth.PLAIN
                ? 0
                : DoubleStream.concat(circuit.wires().stream().mapToDouble(Wire::contribution),
                        circuit.parts().stream().map(Part::gradient).filter(Objects::nonNull).mapToDouble(CircuitSvg::length))
                        .filter(Double::isFinite).max().orElse(0);
        palette = options.theme().palette();
    }

    static String of(Drawing drawing, Labels labels) {
        return new CircuitSvg(drawing, labels, FONT).write();
    }

    /** For a program that draws with the fonts of this machine, and knows them by Java's names. */
    static String forRaster(Drawing drawing, Labels labels) {
        return new CircuitSvg(drawing, labels, Font.SANS_SERIF).write();
    }

    static double width(Drawing drawing) {
        return drawing.placement().width() + 2 * MARGIN;
    }

    static double height(Drawing drawing) {
        return drawing.placement().height() + 2 * MARGIN;
    }

    private String write() {
        double width = placement.width() + 2 * MARGIN;
        double height = placement.height() + 2 * MARGIN;
        xml.open("svg").attribute("xmlns", "http://www.w3.org/2000/svg").attribute("class", "circuit").attribute("role", "img")
                .attribute("lang", options.language().tag()).attribute("xml:lang", options.language().tag())
                .attribute("viewBox", "0 0 " + Xml.number(width) + " " + Xml.number(height)).attribute("width", width)
                .attribute("height", height).attribute("font-family", font).attribute("data-steps", String.valueOf(circuit.steps()));
        xml.line().open("title").text(title()).close();
        xml.line().open("desc").text(description()).close();
        if (options.theme() == Theme.AUTO && font.equals(FONT)) {
            xml.line().open("style").text(darkStyle()).close();
        }
        xml.line().open("rect").attribute("class", "ground").attribute("width", width).attribute("height", height)
                .attribute("fill", palette.ground()).close();
        for (int i = 0; i < circuit.wires().size(); i++) {
            wire(circuit.wires().get(i), placement.ways().get(i));
        }
        for (Point fork : placement.forks()) {
            xml.line().open("circle").attribute("class", "fork").attribute("cx", fork.x() + MARGIN).attribute("cy", fork.y() + MARGIN)
                    .attribute("r", 2.4).attribute("fill", palette.wire()).close();
        }
        for (int i = 0; i < circuit.parts().size(); i++) {
            part(circuit.parts().get(i), boxes.get(i), placement.corners().get(i));
        }
        xml.line().close();
        return xml.toString();
    }

    private String title() {
        return language.text("picture.circuit.title", circuit.output());
    }

    private String description() {
        String shown = language.text(options.gradients() ? "picture.circuit.values.gradients" : "picture.circuit.values");
        List<Part> described = circuit.parts().stream().filter(part -> part.kind() != Part.Kind.LITERAL).toList();
        String parts = described.stream().limit(MOST_DESCRIBED).map(this::sentence).collect(Collectors.joining(" "));
        return shown + " " + parts + (described.size() > MOST_DESCRIBED
                ? " " + language.text("picture.circuit.more", String.valueOf(described.size() - MOST_DESCRIBED))
                : "");
    }

    private String sentence(Part part) {
        StringBuilder text = new StringBuilder(part.id()).append(", ").append(part.op());
        Tensor value = labels.value(part);
        Tensor gradient = labels.gradient(part);
        text.append(part.shape().isScalar() ? "" : " " + part.shape());
        text.append(value == null ? "" : ": " + language.text("picture.part.value", described(value)));
        text.append(gradient == null ? "" : ", " + language.text("picture.part.gradient", described(gradient)));
        return text.append('.').toString();
    }

    private String described(Tensor value) {
        return value.length() == 1 ? labels.numbers().rounded(value.item()) : language.text("picture.array");
    }

    private static String darkStyle() {
        Palette dark = Palette.DARK;
        return "@media (prefers-color-scheme: dark) {.circuit .ground{fill:" + dark.ground() + "}.circuit text{fill:" + dark.ink()
                + "}.circuit .auto,.circuit .note{fill:" + dark.faint() + "}.circuit .value{fill:" + dark.value()
                + "}.circuit .gradient{fill:" + dark.gradient() + "}.circuit rect.gate{fill:" + dark.gate() + ";stroke:" + dark.ink()
                + "}.circuit .wire{stroke:" + dark.wire() + "}.circuit .undefined{stroke:" + dark.ink() + "}.circuit .fork{fill:"
                + dark.wire() + "}.circuit .warm{fill:" + dark.warm()
                + "}.circuit .cold{fill:"
                + dark.cold() + "}}";
    }

    private void wire(Wire wire, List<Point> way) {
        Part from = circuit.parts().get(wire.from());
        Part to = circuit.parts().get(wire.to());
        Point corner = placement.corners().get(wire.to());
        double gate = corner.x() + boxes.get(wire.to()).gateLeft() + MARGIN;
        xml.line().open("g").attribute("class", "edge").attribute("data-from", from.id()).attribute("data-to", to.id())
                .attribute("data-operand", String.valueOf(wire.operand()));
        boolean isKnown = !Double.isNaN(wire.contribution()) && labels.gradient(from) != null;
        if (isKnown) {
            xml.open("title").text(language.text("picture.contribution", labels.numbers().rounded(wire.contribution()))).close();
        }
        path(rounded(way, gate), isKnown ? width(wire.contribution()) : PLAIN_WIDTH);
        xml.close();
    }

    /** The widest wire is that of the largest gradient. */
    private double width(double contribution) {
        double part = Double.isFinite(contribution) && largest > 0 ? contribution / largest : contribution > 0 ? 1 : 0;
        return LEAST_WIDTH + Math.sqrt(part) * (MOST_WIDTH - LEAST_WIDTH);
    }

    private static double length(Tensor gradient) {
        return Arrays.stream(gradient.data()).reduce(0, Root::hypot);
    }

    private void path(String d, double width) {
        xml.open("path").attribute("class", "wire").attribute("d", d).attribute("fill", "none").attribute("stroke", palette.wire())
                .attribute("stroke-width", width).close();
    }

    /** A way along right angles with rounded corners, lengthened up to the gate. */
    private static String rounded(List<Point> way, double gate) {
        StringBuilder d = new StringBuilder("M").append(at(way.getFirst().x() + MARGIN, way.getFirst().y() + MARGIN));
        for (int i = 1; i < way.size() - 1; i++) {
            Point corner = way.get(i);
            Point before = towards(corner, way.get(i - 1));
            Point behind = towards(corner, way.get(i + 1));
            d.append('L').append(at(before.x() + MARGIN, before.y() + MARGIN)).append('Q').append(at(corner.x() + MARGIN,
                    corner.y() + MARGIN)).append(' ').append(at(behind.x() + MARGIN, behind.y() + MARGIN));
        }
        return d.append('L').append(at(gate, way.getLast().y() + MARGIN)).toString();
    }

    private static Point towards(Point corner, Point other) {
        double distance = Root.hypot(other.x() - corner.x(), other.y() - corner.y());
        double part = distance == 0 ? 0 : Math.min(BEND, distance / 2) / distance;
        return new Point(corner.x() + part * (other.x() - corner.x()), corner.y() + part * (other.y() - corner.y()));
    }

    private static String at(double x, double y) {
        return Xml.number(x) + " " + Xml.number(y);
    }

    private void part(Part part, Box box, Point corner) {
        double left = corner.x() + MARGIN;
        double axis = corner.y() + MARGIN + box.axis();
        xml.line().open("g").attribute("class", "node " + part.kind().name().toLowerCase(Locale.ROOT)).attribute("data-node", part.id())
                .attribute("data-op", part.op());
        if (part.kind() != Part.Kind.LITERAL) {
            xml.attribute("data-value-step", String.valueOf(part.valueStep()));
            xml.attribute("data-gradient-step", String.valueOf(part.gradientStep()));
        }
        xml.open("title").text(labels.tooltip(part)).close();
        double gateMiddle = left + box.gateLeft() + box.gateWidth() / 2;
        if (!part.isLeaf()) {
            xml.open("rect").attribute("class", "gate").attribute("x", left + box.gateLeft()).attribute("y", axis - box.gateHalf())
                    .attribute("width", box.gateWidth()).attribute("height", 2 * box.gateHalf()).attribute("rx", 16)
                    .attribute("fill", palette.gate()).attribute("stroke", palette.ink()).attribute("stroke-width", "1.2").close();
        }
        text("op", part.symbol(), gateMiddle, axis + Box.SYMBOL_FONT * 0.35, Box.SYMBOL_FONT, palette.ink(), "middle");
        name(part, box, gateMiddle, axis);
        Tensor gradient = options.wires() == WireWidth.CONTRIBUTION ? labels.gradient(part) : null;
        path("M" + at(left + box.wireLeft(), axis) + "L" + at(left + box.width(), axis),
                gradient == null ? PLAIN_WIDTH : width(length(gradient)));
        double middle = left + box.middle();
        number("value", labels.value(part), box.value(), middle, axis, true);
        number("gradient", labels.gradient(part), box.gradient(), middle, axis, false);
        xml.close();
    }

    private void name(Part part, Box box, double middle, double axis) {
        String style = part.isNamed() ? "name" : "name auto";
        String colour = part.isNamed() ? palette.ink() : palette.faint();
        if (part.isLeaf()) {
            text(style, part.name(), middle, axis + Box.LEAF_FONT * 0.35, Box.LEAF_FONT, colour, "middle");
        } else {
            text(style, part.name(), middle, axis - box.gateHalf() - Box.GAP, Box.NAME_FONT, colour, "middle");
        }
        if (!part.note().isEmpty()) {
            text("note", part.note(), middle, axis + box.gateHalf() + Box.GAP + Box.NOTE_FONT * 0.8, Box.NOTE_FONT, palette.faint(),
                    "middle");
        }
    }

    private void number(String style, @Nullable Tensor value, @Nullable Cells cells, double middle, double axis,
            boolean isAbove) {
        String colour = isAbove ? palette.value() : palette.gradient();
        double size = Box.NUMBER_FONT;
        text(style, labels.text(value), middle, isAbove ? axis - Box.GAP : axis + Box.GAP + size * 0.8, size, colour, "middle");
        if (value != null && cells != null) {
            double top = isAbove ? axis - Box.GAP - size - cells.height() : axis + Box.GAP + size + 1;
            cells(style, cells, middle - cells.width() / 2, top, colour);
        }
    }

    private void cells(String style, Cells cells, double left, double top, String colour) {
        xml.open("g").attribute("class", "cells").attribute("stroke", cells.isNumbered() ? palette.wire() : "none")
                .attribute("stroke-width", "0.5");
        for (Cells.Shade shade : cells.shades()) {
            xml.open("path").attribute("class", shade.isNegative() ? "cold" : "warm").attribute("d", shade.path(cells, left, top))
                    .attribute("fill", shade.isNegative() ? palette.cold() : palette.warm())
                    .attribute("fill-opacity", shade.strength() * (cells.isNumbered() ? UNDER_NUMBERS : 1)).close();
        }
        if (!cells.undefined().isEmpty()) {
            String crosses = cells.undefined().stream().map(cell -> cross(left + cells.left(cell), top + cells.top(cell), cells))
                    .collect(Collectors.joining());
            xml.open("path").attribute("class", "undefined").attribute("d", crosses).attribute("fill", "none")
                    .attribute("stroke", palette.ink()).attribute("stroke-width", "0.8").close();
        }
        if (!cells.isNumbered()) {
            xml.open("rect").attribute("class", "wire").attribute("x", left).attribute("y", top).attribute("width", cells.width())
                    .attribute("height", cells.height()).attribute("fill", "none").attribute("stroke", palette.wire()).close();
        } else {
            for (int i = 0; i < cells.values().length; i++) {
                double x = left + cells.left(i) + cells.cellWidth() / 2;
                double y = top + cells.top(i) + cells.cellHeight() / 2 + Cells.FONT * 0.35;
                text(style + " cell", labels.numbers().rounded(cells.values()[i]), x, y, Cells.FONT, colour, "middle");
            }
        }
        xml.close();
    }

    private static String cross(double left, double top, Cells cells) {
        String width = Xml.number(cells.cellWidth());
        return "M" + at(left, top) + "l" + width + " " + Xml.number(cells.cellHeight()) + "m-" + width + " 0l" + width + " "
                + Xml.number(-cells.cellHeight());
    }

    private void text(String style, String content, double x, double y, double size, String colour, String anchor) {
        xml.open("text").attribute("class", style).attribute("x", x).attribute("y", y).attribute("font-size", size)
                .attribute("fill", colour).attribute("stroke", "none").attribute("text-anchor", anchor).text(content).close();
    }
}
