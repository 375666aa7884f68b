package io.chainrule.core.picture;

import io.chainrule.core.picture.Placement.Point;
import io.chainrule.core.print.FormulaPrinter;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a circuit as a {@code tikzpicture}, which needs the package {@code tikz}. Arrays are written by their shapes. Names that are not
 * ASCII need a font that has them.
 */
final class TikzText {
    /** A pixel in the points of TeX. */
    private static final double SCALE = 0.75;

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
        for (int i = 0; i < drawing.circuit().wires().size(); i++) {
            Wire wire = drawing.circuit().wires().get(i);
            List<Point> way = drawing.placement().ways().get(i);
            Point gate = new Point(drawing.placement().corners().get(wire.to()).x() + drawing.boxes().get(wire.to()).gateLeft(),
                    way.getLast().y());
            text.append("\\draw[chainrulewire, rounded corners=3pt] ").append(way.stream().map(TikzText::at)
                    .collect(Collectors.joining(" -- "))).append(" -- ").append(at(gate)).append(";\n");
        }
        for (int i = 0; i < drawing.circuit().parts().size(); i++) {
            part(drawing.circuit().parts().get(i), drawing.boxes().get(i), drawing.placement().corners().get(i));
        }
        return text.append("\\end{tikzpicture}\n").toString();
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
        }
        text.append("\\draw[chainrulewire] ").append(at(new Point(corner.x() + box.wireLeft(), axis))).append(" -- ")
                .append(at(new Point(corner.x() + box.width(), axis))).append(";\n");
        double beside = corner.x() + box.middle();
        number("anchor=south, text=chainrulevalue", beside, axis - Box.GAP, labels.value(part));
        number("anchor=north, text=chainrulegradient", beside, axis + Box.GAP, labels.gradient(part));
    }

    private void number(String style, double x, double y, @Nullable Tensor value) {
        if (value != null) {
            node("font=\\footnotesize, " + style, x, y, labels.text(value));
        }
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
