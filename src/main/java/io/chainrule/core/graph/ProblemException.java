package io.chainrule.core.graph;

import java.util.List;

/** What is wrong with a program or its values: all problems that were found. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    private final int total;

    private final int graphNode;

    public ProblemException(List<Problem> problems) {
        this(problems, problems.size());
    }

    /** {@code total} is the number of problems found, of which the list may hold fewer. */
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

    /** The same problems, found while this node of a graph was computed. */
    public ProblemException at(int node) {
        return new ProblemException(problems, total, node);
    }

    /** The node of a graph whose computation found the problem, or −1. */
    public int graphNode() {
        return graphNode;
    }

    /** The first problem, with its place in a text and its hint, and how many there are besides. */
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
