package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a program as mathematics in LaTeX, statement by statement as {@link ExpressionPrinter} does; linear in the graph. */
public final class LatexPrinter {
    private LatexPrinter() {}

    public static String print(NamedGraph program) {
        StringBuilder out = new StringBuilder();
        int lines = statements(program, null, out);
        return lines == 0 ? new LatexNames(program).of(program.output()) : "\\begin{aligned} " + out + " \\end{aligned}";
    }

    /** Prints a program that computes the derivative of the output {@code of} of another program by its inputs {@code by}, in order. */
    public static String derivative(NamedGraph program, String of, List<String> by) {
        String derivative = "\\frac{\\partial" + power(by.size()) + " " + LatexNames.of(of) + "}{" + differentials(by) + "}";
        StringBuilder out = new StringBuilder();
        int lines = statements(program, derivative, out);
        return switch (lines) {
            case 0 -> derivative + " = " + new LatexNames(program).of(program.output());
            case 1 -> out.toString().replaceFirst(" &= ", " = ");
            default -> "\\begin{aligned} " + out + " \\end{aligned}";
        };
    }

    /** Names that follow each other are one power. */
    private static String differentials(List<String> by) {
        StringBuilder all = new StringBuilder();
        int from = 0;
        for (int i = 1; i <= by.size(); i++) {
            if (i == by.size() || !by.get(i).equals(by.get(from))) {
                all.append(from == 0 ? "" : " ").append("\\partial ").append(LatexNames.of(by.get(from))).append(power(i - from));
                from = i;
            }
        }
        return all.toString();
    }

    private static String power(int exponent) {
        return exponent == 1 ? "" : "^{" + exponent + "}";
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
