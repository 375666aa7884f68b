package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rewrite.Gates;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Translates problems that were met in a run into problems of the program's nodes. {@code expansion} is the program with its gates opened.
 */
record ProblemLocator(NamedGraph program, Gates.Expansion expansion) {
    private static final int NONE = -1;

    /**
     * Adds to problems that were met in a run of a graph that extends the expansion's the name and place of the program's node. Messages
     * then name that node's op, not the one of its circuit.
     */
    ProblemException named(ProblemException e, Graph derived) {
        int met = e.graphNode() < 0 ? NONE : locate(e.graphNode(), derived);
        if (met == NONE) {
            return e;
        }
        int node = expansion.origin()[met];
        if (met != e.graphNode()) {
            return named(e, program, node, _ -> null);
        }
        String inner = derived.op(met).name() + ": ";
        String written = program.graph().op(node).name() + ": ";
        List<Problem> problems = e.problems().stream().map(problem -> problem.message().startsWith(inner)
                ? problem.message(written + problem.message().substring(inner.length()))
                : problem).toList();
        return named(new ProblemException(problems), program, node, operand -> operandOf(node, expansion.graph().operand(met, operand)));
    }

    /**
     * Adds to problems the name and place of a node of the program. {@code operandOf} maps an operand of the failed op to an operand of
     * that node.
     */
    static ProblemException named(ProblemException e, NamedGraph program, int node, IntFunction<@Nullable Integer> operandOf) {
        return new ProblemException(e.problems().stream().map(problem -> problem.node(program.id(node)).position(program.position(node))
                .operand(problem.operand() == null ? null : operandOf.apply(problem.operand()))).toList());
    }

    /** Finds which operand of a gate an operand within its circuit was made from, through ops of one operand; null if there is none. */
    private @Nullable Integer operandOf(int node, int inner) {
        int at = inner;
        while (expansion.origin()[at] == node && expansion.graph().operandCount(at) == 1) {
            at = expansion.graph().operand(at, 0);
        }
        int found = at;
        return IntStream.range(0, program.graph().operandCount(node))
                .filter(k -> expansion.image()[program.graph().operand(node, k)] == found).boxed()
                .findFirst().orElse(null);
    }

    /**
     * Returns the node of the expansion to blame. For a node of the derivative, that is the node that applies the same op to the same
     * matrix, or else the matrix itself.
     */
    private int locate(int node, Graph derived) {
        int end = expansion.graph().size();
        int matrix = node;
        while (matrix >= end && derived.operandCount(matrix) > 0) {
            matrix = derived.operand(matrix, 0);
        }
        if (matrix == node || matrix >= end) {
            return matrix < end ? node : NONE;
        }
        for (int i = matrix + 1; i < end; i++) {
            if (derived.op(i).name().equals(derived.op(node).name()) && derived.operand(i, 0) == matrix) {
                return i;
            }
        }
        return matrix;
    }
}
