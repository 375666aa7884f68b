package io.chainrule.core.print;

import io.chainrule.core.expression.Evaluator;
import io.chainrule.core.expression.Parser;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.tensor.Checkpoint;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prints a program as text that {@link Parser} and {@link Evaluator} turn into the same graph again. Named nodes become statements.
 * Other nodes are written inline where they are used, unless they are used more than once or nest too deep: those become statements
 * under their generated ids. Time is linear in the graph, and nothing recurses.
 *
 * <p>Some things cannot be expressed in text. Ids that are not legal names, and the ids {@code inf} and {@code nan}, which are needed
 * for numbers, are replaced by similar names that are free. Declared shapes of inputs are left out. An input called {@code e} or
 * {@code pi} is read as an input again only if the evaluator is told of it.
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
    private final Checkpoint checkpoint;

    private ExpressionPrinter(NamedGraph program, Set<String> given, Checkpoint checkpoint) {
        this.program = program;
        this.checkpoint = checkpoint;
        this.graph = program.graph();
        this.names = new PrintedNames(program, given);
        this.expressions = new ExpressionWriter(program, names, out);
        this.layout = expressions.layout;
        this.aliased = new HashSet<>(program.aliases().values());
    }

    public static String print(NamedGraph program) {
        return print(program, Set.of());
    }

    /**
     * Prints text for an evaluator that is told of these inputs, some of which the program may not read. Their names are not used for
     * constants.
     */
    public static String print(NamedGraph program, Set<String> given) {
        return write(program, given).expression();
    }

    /** The same as {@link #print(NamedGraph, Set)}, with the new names of inputs that had to be renamed. */
    public static ProgramText write(NamedGraph program, Set<String> given) {
        return write(program, given, Checkpoint.NONE);
    }

    /** The same; {@code checkpoint} is asked now and then whether to go on. */
    public static ProgramText write(NamedGraph program, Set<String> given, Checkpoint checkpoint) {
        ExpressionPrinter printer = new ExpressionPrinter(program, given, checkpoint);
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

    /** Whether the node gets a line of its own. An input gets one only if no other line mentions it. */
    private boolean isWritten(int node) {
        return layout.isStatement(node)
                && !(graph.op(node) instanceof Leaf.Input && (layout.isRead(node) || aliased.contains(node) || isOutput(node)));
    }

    /** Writes the aliases of the output, or those of the other nodes. Returns whether it wrote any. */
    private boolean aliases(boolean ofOutput) {
        int before = out.length();
        program.aliases().forEach((alias, node) -> {
            if (isOutput(node) == ofOutput && !(ofOutput && alias.equals(OUTPUT))) {
                line().append(names.of(alias)).append(" = ").append(names.of(node));
            }
        });
        return out.length() > before;
    }

    /**
     * Writes a node as a statement. An unnamed node that no other node uses is written without a name, unless parsing would then give
     * it another id: an unnamed last statement gets the id {@code output}.
     */
    private void statement(int node) {
        line();
        boolean isNameless = !program.isNamed(node) && !layout.isRead(node) && program.id(node).equals(OUTPUT) == isOutput(node);
        if (graph.op(node) instanceof Leaf.Input) {
            out.append(names.of(node));
        } else {
            out.append(isNameless ? "" : names.of(node) + " = ");
            expressions.write(node, checkpoint);
        }
    }

    private StringBuilder line() {
        return out.append(out.isEmpty() ? "" : "\n");
    }
}
