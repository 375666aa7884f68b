package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProgramText;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a program as text from which {@link Parser} makes the same graph. Named nodes become statements;
 * others stand where they are read, unless they are read twice or nest too deep: then they get a statement under their
 * generated id. Linear in the graph, without recursion.
 *
 * <p>What text cannot say is changed: ids that are no names of the language, and {@code inf} and {@code nan}, which
 * numbers need, are replaced by similar ones that are free; declared shapes of inputs are left out. An input called
 * {@code e} or {@code pi} is read back as one only where the parser is told of the input.
 */
public final class ExpressionPrinter {
    private static final String OUTPUT = "output";

    private final NamedGraph program;
    private final Graph graph;
    private final Layout layout;
    private final PrintedNames names;
    private final StringBuilder out = new StringBuilder();
    private final ExpressionWriter expressions;
    private final Set<Integer> aliased;

    private ExpressionPrinter(NamedGraph program, Set<String> given) {
        this.program = program;
        this.graph = program.graph();
        this.names = new PrintedNames(program, given);
        this.expressions = new ExpressionWriter(program, names, out);
        this.layout = expressions.layout;
        this.aliased = new HashSet<>(program.aliases().values());
    }

    public static String print(NamedGraph program) {
        return print(program, Set.of());
    }

    /** For a parser that is told of these inputs, whether the program reads them or not. */
    public static String print(NamedGraph program, Set<String> given) {
        return write(program, given).expression();
    }

    /** As {@link #print(NamedGraph, Set)}, with the inputs' names. */
    public static ProgramText write(NamedGraph program, Set<String> given) {
        ExpressionPrinter printer = new ExpressionPrinter(program, given);
        String expression = printer.text();
        Map<String, String> renamed = new LinkedHashMap<>();
        program.inputs().forEach(input -> {
            String id = program.id(input);
            if (!printer.names.of(id).equals(id)) {
                renamed.put(id, printer.names.of(id));
            }
        });
        return new ProgramText(expression, renamed);
    }

    private String text() {
        int output = program.output();
        int last = lastStatement();
        for (int node = 0; node < last; node++) {
            if (isWritten(node)) {
                statement(node);
            }
        }
        if (last >= 0 && last != output) {
            statement(last);
        }
        aliases(false);
        if (last == output) {
            statement(output);
        }
        boolean isAnswered = aliases(true) || last == output;
        if (!isAnswered || isOutput(program.aliases().get(OUTPUT))) {
            line().append(names.of(output));
        }
        return out.toString();
    }

    private int lastStatement() {
        int last = graph.size() - 1;
        while (last >= 0 && !isWritten(last)) {
            last--;
        }
        return last;
    }

    private boolean isOutput(@Nullable Integer node) {
        return node != null && node == program.output();
    }

    /** Whether the node has a line of its own; an input has one only where no other line reads it. */
    private boolean isWritten(int node) {
        return layout.isStatement(node)
                && !(graph.op(node) instanceof Leaf.Input && (layout.isRead(node) || aliased.contains(node) || isOutput(node)));
    }

    /** The other names of the output, or of the other nodes; answers whether there are any. */
    private boolean aliases(boolean ofOutput) {
        int before = out.length();
        program.aliases().forEach((alias, node) -> {
            if (isOutput(node) == ofOutput && !(ofOutput && alias.equals(OUTPUT))) {
                line().append(names.of(alias)).append(" = ").append(names.of(node));
            }
        });
        return out.length() > before;
    }

    /** An unnamed node that nobody reads needs no name, unless it would be called otherwise then. */
    private void statement(int node) {
        line();
        boolean isNameless = !program.isNamed(node) && !layout.isRead(node) && program.id(node).equals(OUTPUT) == isOutput(node);
        if (graph.op(node) instanceof Leaf.Input) {
            out.append(names.of(node));
        } else {
            out.append(isNameless ? "" : names.of(node) + " = ");
            expressions.write(node);
        }
    }

    private StringBuilder line() {
        return out.append(out.isEmpty() ? "" : "\n");
    }
}
