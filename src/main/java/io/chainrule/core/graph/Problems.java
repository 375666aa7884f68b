package io.chainrule.core.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The problems found so far. The first hundred are kept; further ones are only counted. */
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

    /** Adds a problem that is costly to describe; it is only created if it is kept. */
    public void add(Supplier<Problem> problem) {
        total++;
        if (!isFull()) {
            found.add(problem.get());
        }
    }

    /** The number of problems, including those that were not kept. */
    public int total() {
        return total;
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Removes and returns the problems behind the first {@code count}, of which none may be left out. */
    public List<Problem> takeBack(int count) {
        if (total > found.size()) {
            return List.of();
        }
        List<Problem> last = found.subList(count, total);
        List<Problem> taken = List.copyOf(last);
        last.clear();
        total = count;
        return taken;
    }

    /** Whether further problems would only be counted. */
    public boolean isFull() {
        return found.size() >= MAX;
    }

    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ProblemException(found, total);
        }
    }
}
