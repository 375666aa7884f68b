package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The output of a program, which is the value of its last statement, and the gradient that this statement asks for. */
final class Output {
    private static final String OUTPUT = "output";

    private final NodeWriter writer;
    private final Scope scope;
    private final Problems problems;
    private int node = NodeWriter.BROKEN;
    private @Nullable String name;
    /** The nodes by which the text asks for the gradient of its last statement; null if it does not. */
    private int @Nullable [] wrt;

    Output(NodeWriter writer, Scope scope, Problems problems) {
        this.writer = writer;
        this.scope = scope;
        this.problems = problems;
    }

    /**
     * Makes the value of a statement the output.
     *
     * @param by the nodes by which the statement asks for the gradient; null if it does not
     */
    void set(int value, @Nullable String valueName, int token, int @Nullable [] by) {
        node = value;
        name = valueName;
        ask(token, by);
    }

    /** Makes the value that is named at a token the output if the text goes on with {@code .backward()}. */
    void setIfBackward(Tokens tokens, int token) {
        String value = tokens.text(token);
        boolean isBackward = tokens.kind(token + 1) == TokenKind.DOT && tokens.is(token + 2, "backward");
        if (isBackward && !scope.isInFunction() && !writer.isPaused() && scope.isValue(value)) {
            set(writer.statement(scope.read(value, token), token), value, token, null);
        }
    }

    boolean hasGradient() {
        return wrt != null;
    }

    private void ask(int token, int @Nullable [] by) {
        wrt = null;
        if (by == null || Arrays.stream(by).anyMatch(one -> one == NodeWriter.BROKEN)) {
            return;
        }
        wrt = by;
        writer.remark(token, "the gradient that is asked for here is in the answer of /v1/gradient, where the output is the value itself");
    }

    /** Returns the program of a tree. Throws a ProblemException if it has no statement that computes something. */
    Evaluated evaluated(SyntaxTree tree, Misfits misfits) {
        if (node == NodeWriter.BROKEN) {
            problems.add(
                    () -> Problem.of(ProblemCode.MISSING_OUTPUT, "the expression has no statement").position(new Problem.Position(1, 1))
                            .hint(PythonStatements.instead(tree)));
            problems.throwIfAny();
        }
        Graph graph = writer.graph();
        Variables.Ids ids = scope.ids(graph.size());
        NamedGraph named = named(graph, ids);
        if (named.inputs().isEmpty()) {
            writer.remark(0, "the program has no input, so it has no gradient; a name that nothing is bound to, as x in x^2, is an input");
        }
        return new Evaluated(named, wrt == null ? null : Arrays.stream(wrt).mapToObj(named::id).toList(), writer.remarks(),
                ids.statements(), misfits);
    }

    private NamedGraph named(Graph graph, Variables.Ids ids) {
        String asked = name != null ? name : OUTPUT;
        boolean isAlias = ids.names()[node] != null && !asked.equals(ids.names()[node]);
        if (isAlias && name == null && !scope.isValue(OUTPUT)) {
            ids.aliases().put(OUTPUT, node);
        }
        String outputName = isAlias && ids.aliases().containsKey(asked) ? asked : null;
        return new NamedGraph(graph, node, outputName, ids.names(), ids.aliases(), writer.positions());
    }
}
