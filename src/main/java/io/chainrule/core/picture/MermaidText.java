package io.chainrule.core.picture;

import java.util.List;

/** Writes a circuit as a flowchart of Mermaid. Nodes are numbered; names stand in quoted labels alone. */
final class MermaidText {
    private static final String PLAIN = " .,_+-=:/";

    private MermaidText() {}

    static String of(Circuit circuit, Labels labels) {
        Palette palette = labels.options().theme().palette();
        StringBuilder text = new StringBuilder("flowchart LR\n");
        List<Part> parts = circuit.parts();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String label = '"' + label(part, labels) + '"';
            text.append("  n").append(i).append(part.isLeaf() ? "[" + label + "]" : "(" + label + ")").append(":::")
                    .append(part.isLeaf() ? "leaf" : "gate").append('\n');
        }
        circuit.wires().forEach(wire -> text.append("  n").append(wire.from()).append(" --> n").append(wire.to()).append('\n'));
        return text.append("  classDef gate fill:").append(palette.gate()).append(",stroke:").append(palette.ink()).append(",color:")
                .append(palette.ink()).append("\n  classDef leaf fill:").append(palette.ground()).append(",stroke:").append(palette.wire())
                .append(",color:").append(palette.ink()).append('\n').toString();
    }

    private static String label(Part part, Labels labels) {
        String value = labels.inline(labels.value(part));
        String gradient = labels.inline(labels.gradient(part));
        return escaped(part.name()) + (part.isLeaf() ? "" : "<br/>" + escaped(part.symbol()))
                + (part.note().isEmpty() ? "" : "<br/>" + escaped(part.note())) + (value.isEmpty() ? "" : "<br/>" + escaped(value))
                + (gradient.isEmpty() ? "" : "<br/>∂ " + escaped(gradient));
    }

    /** Every sign of ASCII that Mermaid, Markdown or HTML may read is written as its number. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        Printable.line(text).codePoints().forEach(character -> {
            if (character >= 0x80 || Character.isLetterOrDigit(character) || PLAIN.indexOf(character) >= 0) {
                escaped.appendCodePoint(character);
            } else {
                escaped.append('#').append(character).append(';');
            }
        });
        return escaped.toString();
    }
}
