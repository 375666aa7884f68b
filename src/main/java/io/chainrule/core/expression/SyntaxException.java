package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import java.util.OptionalInt;

/** Aborts the parsing or evaluation of one statement; the parser or evaluator continues with the next one. */
final class SyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;
    private final transient OptionalInt resumeAt;

    SyntaxException(Problem problem) {
        this(problem, OptionalInt.empty());
    }

    /** {@code resumeAt} is the token that begins the next statement, if that is known. */
    SyntaxException(Problem problem, OptionalInt resumeAt) {
        super(problem.message(), null, false, false);
        this.problem = problem;
        this.resumeAt = resumeAt;
    }

    SyntaxException hint(String hint) {
        return new SyntaxException(problem.hint(hint), resumeAt);
    }

    SyntaxException expected(String expected, String actual) {
        return new SyntaxException(problem.expected(expected, actual), resumeAt);
    }

    Problem problem() {
        return problem;
    }

    OptionalInt resumeAt() {
        return resumeAt;
    }
}
