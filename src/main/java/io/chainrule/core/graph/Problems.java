package io.chainrule.core.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What was found wrong so far, up to a number that somebody may want to read. */
public final class Problems {
    private static final int MAX = 100;

    private final List<Problem> found = new ArrayList<>();
    private int total;

    public void add(Problem problem) {
        total++;
        if (!isFull()) {
            found.add(problem);
        }
    }

    /** For problems whose hints take a search. */
    public void add(Supplier<Problem> problem) {
        total++;
        if (!isFull()) {
            found.add(problem.get());
        }
    }

    /** How many there are, more than are kept perhaps. */
    public int total() {
        return total;
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Whether looking for more is in vain. */
    public boolean isFull() {
        return found.size() >= MAX;
    }

    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ProblemException(found, total);
        }
    }
}
