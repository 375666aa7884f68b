package io.chainrule.core.picture;

import java.util.List;

/** Writes a circuit in the language of Graphviz. Nodes are numbered; names stand in quoted labels alone. */
final class DotText {
    private DotText() {}

    static String of(Circuit circuit, Labels labels) {
        Palette palette = labels.options().theme().palette();
        StringBuilder text = new StringBuilder("digraph circuit {\n  rankdir=LR;\n  bgcolor=").append(quoted(palette.ground()))
                .append(";\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontcolor=").append(quoted(palette.ink()))
                .append(", color=").append(quoted(palette.wire())).append(", fillcolor=").append(quoted(palette.gate()))
                .append("];\n  edge [fontname=\"sans-serif\", fontsize=10, color=").append(quoted(palette.wire())).append("];\n");
        List<Part> parts = circuit.parts();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            text.append("  n").append(i).append(" [label=").append(quoted(label(part, labels))).append(", tooltip=")
                    .append(quoted(labels.tooltip(part))).append(part.isLeaf() ? ", shape=plaintext, style=\"\"" : "").append("];\n");
        }
        circuit.wires().forEach(wire -> text.append("  n").append(wire.from()).append(" -> n").append(wire.to()).append(";\n"));
        return text.append("}\n").toString();
    }

    private static String label(Part part, Labels labels) {
        String value = labels.inline(labels.value(part));
        String gradient = labels.inline(labels.gradient(part));
        return (part.isLeaf() ? part.name() : part.name() + "\n" + part.symbol()) + (part.note().isEmpty() ? "" : "\n" + part.note())
                + (value.isEmpty() ? "" : "\n" + value) + (gradient.isEmpty() ? "" : "\n∂ " + gradient);
    }

    /** Graphviz reads backslashes and the entities of HTML in quoted strings. */
    static String quoted(String text) {
        String escaped = Printable.of(text).replace("\\", "\\\\").replace("\"", "\\\"").replace("&", "&amp;").replaceAll("\\R|\t", "\\\\n");
        return '"' + escaped + '"';
    }
}
