package io.chainrule.core.picture;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.picture.Placement.Point;
import io.chainrule.core.print.FormulaPrinter;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a circuit as a {@code tikzpicture}, which needs the package {@code tikz}. Names that are not ASCII need a font that has them.
 */
final class TikzText {
    /** A pixel in the points of TeX. */
    private static final double SCALE = 0.75;
    private static final double MARGIN = 12;
    private static final double BEND = 3;

    private final Drawing drawing;
    private final Labels labels;
    private final StringBuilder text = new StringBuilder();

    private TikzText(Drawing drawing, Labels labels) {
        this.drawing = drawing;
        this.labels = labels;
    }

    static String of(Drawing drawing, Labels labels) {
        return new TikzText(drawing, labels).write();
    }

    private String write() {
        Palette palette = labels.options().theme().palette();
        text.append("\\begin{tikzpicture}[x=").append(Xml.number(SCALE)).append("pt, y=-").append(Xml.number(SCALE))
                .append("pt, inner sep=0pt]\n");
        define("chainruleink", palette.ink());
        define("chainrulegate", palette.gate());
        define("chainrulewire", palette.wire());
        define("chainrulevalue", palette.value());
        define("chainrulegradient", palette.gradient());
        define("chainrulewarm", palette.warm());
        define("chainrulecold", palette.cold());
        if (labels.options().theme() == Theme.DARK) {
            define("chainruleground", palette.ground());
            text.append("\\fill[chainruleground] ").append(at(new Point(-MARGIN, -MARGIN))).append(" rectangle ")
                    .append(at(new Point(drawing.placement().width() + MARGIN, drawing.placement().height() + MARGIN))).append(";\n");
        }
        for (int i = 0; i < drawing.circuit().wires().size(); i++) {
            Wire wire = drawing.circuit().wires().get(i);
            // The last point is where the box begins; the wire goes on to the gate in it.
            List<Point> way = new ArrayList<>(drawing.placement().ways().get(i));
            Point end = way.removeLast();
            way.add(new Point(drawing.placement().corners().get(wire.to()).x() + drawing.boxes().get(wire.to()).gateLeft(), end.y()));
            text.append("\\draw[chainrulewire, rounded corners=").append(Xml.number(bend(way))).append("pt] ")
                    .append(way.stream().map(TikzText::at).collect(Collectors.joining(" -- "))).append(";\n");
        }
        for (Point fork : drawing.placement().forks()) {
            text.append("\\fill[chainrulewire] ").append(at(fork)).append(" circle[radius=1.5pt];\n");
        }
        for (int i = 0; i < drawing.circuit().parts().size(); i++) {
            part(drawing.circuit().parts().get(i), drawing.boxes().get(i), drawing.placement().corners().get(i));
        }
        return text.append("\\end{tikzpicture}\n").toString();
    }

    /** A corner takes at most half of the shortest line at it, or TeX draws a hook. */
    private static double bend(List<Point> way) {
        double shortest = 2 * BEND;
        for (int i = 1; i < way.size(); i++) {
            shortest = Math.min(shortest, SCALE * Root.hypot(way.get(i).x() - way.get(i - 1).x(), way.get(i).y() - way.get(i - 1).y()));
        }
        return shortest / 2;
    }

    private void define(String name, String colour) {
        text.append("\\definecolor{").append(name).append("}{HTML}{").append(colour.substring(1).toUpperCase(Locale.ROOT))
                .append("}\n");
    }

    private void part(Part part, Box box, Point corner) {
        double axis = corner.y() + box.axis();
        double left = corner.x() + box.gateLeft();
        double middle = left + box.gateWidth() / 2;
        if (part.isLeaf()) {
            node("text=chainruleink", middle, axis, part.name());
        } else {
            text.append("\\draw[chainruleink, fill=chainrulegate, rounded corners=12pt] ")
                    .append(at(new Point(left, axis - box.gateHalf())))
                    .append(" rectangle ").append(at(new Point(left + box.gateWidth(), axis + box.gateHalf()))).append(";\n");
            node("text=chainruleink", middle, axis, part.symbol());
            node("anchor=south, font=\\footnotesize, text=chainruleink", middle, axis - box.gateHalf() - 2, part.name());
            if (!part.note().isEmpty()) {
                node("anchor=north, font=\\scriptsize, text=chainruleink", middle, axis + box.gateHalf() + Box.GAP, part.note());
            }
        }
        text.append("\\draw[chainrulewire] ").append(at(new Point(corner.x() + box.wireLeft(), axis))).append(" -- ")
                .append(at(new Point(corner.x() + box.width(), axis))).append(";\n");
        double beside = corner.x() + box.middle();
        number("anchor=south, text=chainrulevalue", beside, axis - Box.GAP, labels.value(part));
        number("anchor=north, text=chainrulegradient", beside, axis + Box.GAP, labels.gradient(part));
        Cells values = box.value();
        if (values != null && labels.value(part) != null) {
            cells("chainrulevalue", values, beside - values.width() / 2, axis - Box.GAP - Box.NUMBER_FONT - values.height());
        }
        Cells gradients = box.gradient();
        if (gradients != null && labels.gradient(part) != null) {
            cells("chainrulegradient", gradients, beside - gradients.width() / 2, axis + Box.GAP + Box.NUMBER_FONT + 1);
        }
    }

    private void number(String style, double x, double y, @Nullable Tensor value) {
        if (value != null) {
            node("font=\\footnotesize, " + style, x, y, labels.text(value));
        }
    }

    private void cells(String colour, Cells cells, double left, double top) {
        for (Cells.Shade shade : cells.shades()) {
            double opacity = shade.strength() * (cells.isNumbered() ? CircuitSvg.UNDER_NUMBERS : 1);
            text.append(cells.isNumbered() ? "\\filldraw[draw=chainrulewire, line width=0.3pt, " : "\\fill[").append("fill=chainrule")
                    .append(shade.isNegative() ? "cold" : "warm").append(", fill opacity=").append(Xml.number(opacity)).append(']');
            shade.cells().forEach(cell -> rectangle(left + cells.left(cell), top + cells.top(cell), cells.cellWidth(), cells.cellHeight()));
            text.append(";\n");
        }
        if (!cells.isNumbered()) {
            text.append("\\draw[chainrulewire]");
            rectangle(left, top, cells.width(), cells.height());
            text.append(";\n");
        }
        for (int cell : cells.undefined()) {
            Point corner = new Point(left + cells.left(cell), top + cells.top(cell));
            Point other = new Point(corner.x() + cells.cellWidth(), corner.y() + cells.cellHeight());
            text.append("\\draw[chainruleink] ").append(at(corner)).append(" -- ").append(at(other)).append(' ')
                    .append(at(new Point(corner.x(), other.y()))).append(" -- ").append(at(new Point(other.x(), corner.y()))).append(";\n");
        }
        for (int cell = 0; cell < cells.values().length && cells.isNumbered(); cell++) {
            node("font=\\scriptsize, text=" + colour, left + cells.left(cell) + cells.cellWidth() / 2,
                    top + cells.top(cell) + cells.cellHeight() / 2, labels.numbers().rounded(cells.values()[cell]));
        }
    }

    private void rectangle(double left, double top, double width, double height) {
        text.append(' ').append(at(new Point(left, top))).append(" rectangle ").append(at(new Point(left + width, top + height)));
    }

    private void node(String style, double x, double y, String content) {
        text.append("\\node[").append(style).append("] at ").append(at(new Point(x, y))).append(" {").append(escaped(content))
                .append("};\n");
    }

    private static String at(Point point) {
        return "(" + Xml.number(point.x()) + ", " + Xml.number(point.y()) + ")";
    }

    /** Every sign of ASCII that TeX reads is written by a command that prints it. */
    static String escaped(String content) {
        StringBuilder escaped = new StringBuilder();
        Printable.line(content).codePoints().forEach(character -> {
            switch (character) {
                case '#', '$', '%', '&', '_', '{', '}' -> escaped.append('\\').append((char) character);
                case '\\' -> escaped.append("\\textbackslash{}");
                case '^' -> escaped.append("\\textasciicircum{}");
                case '~' -> escaped.append("\\textasciitilde{}");
                case '<' -> escaped.append("\\textless{}");
                case '>' -> escaped.append("\\textgreater{}");
                case '|' -> escaped.append("\\textbar{}");
                case '*' -> escaped.append("\\textasteriskcentered{}");
                case '∞' -> escaped.append("$\\infty$");
                case '∂' -> escaped.append("$\\partial$");
                case '‖' -> escaped.append("$\\Vert$");
                case '′' -> escaped.append("$'$");
                case 0xFFFD -> escaped.append('?');
                case '"', '`', '\'' -> escaped.append("\\symbol{").append(character).append('}');
                case '-' -> escaped.append("{-}");
                default -> escaped.append(letter(character));
            }
        });
        return escaped.toString();
    }

    /** Greek letters and small digits by the commands that every TeX has; others as they are. */
    private static String letter(int character) {
        String greek = FormulaPrinter.greek(character);
        if (greek != null) {
            return "$" + greek + "$";
        } else if (character >= '₀' && character <= '₉') {
            return "$_" + (character - '₀') + "$";
        }
        return Character.toString(character);
    }
}
