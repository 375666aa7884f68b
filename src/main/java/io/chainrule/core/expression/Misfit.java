package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a line that claims to be a derivative cannot be computed.
 *
 * @param helper the line that it reads and that cannot be computed itself; null if the problem is its own
 * @param full the line with constants in place of claims that have only a part of the shape of their derivative, as a number has;
 *        {@value #NONE} if it cannot be computed so either
 * @param repairs other forms of the operation that does not fit, with which the line can be computed and has the right shape
 */
public record Misfit(Problem problem, @Nullable String helper, int full, List<Repair> repairs) {
    /** No node. */
    public static final int NONE = -1;

    /** How an operation is changed. */
    public enum Change {
        TRANSPOSED,
        SWAPPED,
        /** Another op takes the place of this one. */
        REPLACED
    }

    /**
     * The line with one operation changed.
     *
     * @param op the op that does not fit
     * @param node the value of the line
     */
    public record Repair(Change change, String op, int node) {}
}
