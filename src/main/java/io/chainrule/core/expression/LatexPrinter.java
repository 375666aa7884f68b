package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import org.jspecify.annotations.Nullable;

/** Writes a program as mathematics in LaTeX, statement by statement as {@link ExpressionPrinter} does; linear in the graph. */
public final class LatexPrinter {
    private LatexPrinter() {}

    public static String print(NamedGraph program) {
        StringBuilder out = new StringBuilder();
        int lines = statements(program, null, out);
        return lines == 0 ? new LatexNames(program).of(program.output()) : "\\begin{aligned} " + out + " \\end{aligned}";
    }

    /** Prints a program that computes the derivative of the output {@code of} of another program with respect to its input {@code by}. */
    public static String derivative(NamedGraph program, String of, String by) {
        String derivative = "\\frac{\\partial " + LatexNames.of(of) + "}{\\partial " + LatexNames.of(by) + "}";
        StringBuilder out = new StringBuilder();
        int lines = statements(program, derivative, out);
        return switch (lines) {
            case 0 -> derivative + " = " + new LatexNames(program).of(program.output());
            case 1 -> out.toString().replaceFirst(" &= ", " = ");
            default -> "\\begin{aligned} " + out + " \\end{aligned}";
        };
    }

    /** Writes the statements and returns their number. The output is called {@code outputName}, if given. */
    private static int statements(NamedGraph program, @Nullable String outputName, StringBuilder out) {
        Graph graph = program.graph();
        LatexNames names = new LatexNames(program);
        LatexWriter writer = new LatexWriter(program, names, out);
        int lines = 0;
        for (int node = 0; node < graph.size(); node++) {
            if (writer.layout.isStatement(node) && !(graph.op(node) instanceof Leaf.Input)) {
                String name = outputName != null && node == program.output() ? outputName : names.of(node);
                out.append(lines++ == 0 ? "" : " \\\\ ").append(name).append(" &= ");
                writer.write(node);
            }
        }
        return lines;
    }
}
