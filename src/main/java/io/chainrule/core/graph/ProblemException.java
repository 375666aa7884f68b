package io.chainrule.core.graph;

import java.util.List;
import java.util.function.UnaryOperator;

/** All problems that were found with a program or its values. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    private final int total;

    private final int graphNode;

    public ProblemException(List<Problem> problems) {
        this(problems, problems.size());
    }

    /** {@code total} is the number of problems found; {@code problems} may hold only the first of them. */
    public ProblemException(List<Problem> problems, int total) {
        this(problems, total, -1);
    }

    private ProblemException(List<Problem> problems, int total, int graphNode) {
        super(null, null, false, false);
        this.problems = List.copyOf(problems);
        this.total = total;
        this.graphNode = graphNode;
    }

    public ProblemException(Problem problem) {
        this(List.of(problem));
    }

    /** The same problems with the node of a graph that was being computed when they were found. */
    public ProblemException at(int node) {
        return new ProblemException(problems, total, node);
    }

    /** The same exception with other problems in place of these. */
    public ProblemException with(UnaryOperator<Problem> change) {
        return new ProblemException(problems.stream().map(change).toList(), total, graphNode);
    }

    /** The node of a graph that was being computed when the problems were found, or −1. */
    public int graphNode() {
        return graphNode;
    }

    /** Describes the first problem, with its place in a text and its hint, and says how many more there are. */
    @Override
    public String getMessage() {
        if (problems.isEmpty()) {
            return "";
        }
        Problem first = problems.getFirst();
        return (first.line() == null ? "" : "line " + first.line() + ", column " + first.column() + ": ") + first.message()
                + (first.hint() == null ? "" : "; " + first.hint()) + (total > 1 ? " (and " + (total - 1) + " more)" : "");
    }

    public int total() {
        return total;
    }

    public List<Problem> problems() {
        return problems;
    }
}
