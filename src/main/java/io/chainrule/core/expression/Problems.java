package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What was found wrong so far, up to a number that somebody may want to read. */
final class Problems {
    private static final int MAX = 100;

    private final List<Problem> found = new ArrayList<>();

    void add(Problem problem) {
        if (!isFull()) {
            found.add(problem);
        }
    }

    /** For problems whose hints take a search. */
    void add(Supplier<Problem> problem) {
        if (!isFull()) {
            found.add(problem.get());
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Whether looking for more is in vain. */
    boolean isFull() {
        return found.size() >= MAX;
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ProblemException(found);
        }
    }
}
