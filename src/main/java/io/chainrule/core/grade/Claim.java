package io.chainrule.core.grade;

import io.chainrule.core.expression.Misfit;
import org.jspecify.annotations.Nullable;

/**
 * A line that claims to be a derivative.
 *
 * @param of the node that is differentiated
 * @param by the node that it is differentiated by
 * @param isLocal whether {@code of} is another node than the output
 * @param standIn a constant that later lines read in place of the line, because it has not the shape of the derivative; −1 for none
 * @param misfit why the line cannot be computed; null if it can
 */
record Claim(Line line, int of, int by, boolean isLocal, int standIn, @Nullable Misfit misfit) {
    private static final int NONE = -1;

    Claim(Line line, int of, int by, boolean isLocal) {
        this(line, of, by, isLocal, NONE, null);
    }

    /** The same claim of another node, which can be computed. */
    Claim at(int node) {
        return new Claim(new Line(line.id(), line.name(), node, line.isLast(), line.place()), of, by, isLocal);
    }

    int node() {
        return line.node();
    }

    /** The node that later lines read for the true derivative; −1 if they read the line itself. */
    int assumed() {
        return misfit != null ? node() : standIn;
    }
}
