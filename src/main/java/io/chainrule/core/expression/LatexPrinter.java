package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Program;

/** Writes a program as mathematics in LaTeX, statement by statement as {@link ExpressionPrinter} does; linear in the graph. */
public final class LatexPrinter {
    private LatexPrinter() {}

    public static String print(Program program) {
        Graph graph = program.graph();
        Notation notation = new Notation(graph);
        Layout layout = new Layout(program, notation);
        LatexNames names = new LatexNames(program);
        StringBuilder out = new StringBuilder();
        LatexWriter writer = new LatexWriter(graph, notation, layout, names, out);
        int lines = 0;
        for (int node = 0; node < graph.size(); node++) {
            if (layout.isStatement(node) && !(graph.op(node) instanceof Leaf.Input)) {
                out.append(lines++ == 0 ? "" : " \\\\ ").append(names.of(node)).append(" &= ");
                writer.write(node);
            }
        }
        if (lines == 0) {
            return names.of(program.output());
        }
        return "\\begin{aligned} " + out + " \\end{aligned}";
    }
}
