package io.chainrule.core.graph;

import java.util.List;

/** Everything that is wrong with a program, as far as it could be found out. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    private final int total;

    public ProblemException(List<Problem> problems) {
        this(problems, problems.size());
    }

    /** {@code total} counts those too that are not in the list. */
    public ProblemException(List<Problem> problems, int total) {
        super(problems.isEmpty() ? "" : problems.getFirst().message(), null, false, false);
        this.problems = List.copyOf(problems);
        this.total = total;
    }

    public ProblemException(Problem problem) {
        this(List.of(problem));
    }

    public int total() {
        return total;
    }

    public List<Problem> problems() {
        return problems;
    }
}
