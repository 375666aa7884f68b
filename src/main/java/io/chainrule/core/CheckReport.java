package io.chainrule.core;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of comparing derivatives with differences.
 *
 * @param passed whether every relative error is within the tolerance
 * @param direction the derivative along one random direction through all inputs, where not every entry was checked; else null
 */
public record CheckReport(boolean passed, List<InputCheck> checks, @Nullable DirectionCheck direction) {
    /**
     * The comparison for one input; at order 2, for the derivative by {@code wrt} of the gradient by {@code by}.
     *
     * @param worst the entry with the largest error among those that count; null where there is none
     * @param checked how many entries, out of {@code of}
     */
    public record InputCheck(String wrt, @Nullable String by, double maxRelativeError, String verdict, @Nullable Worst worst, long checked,
            long of, List<Note> notes) {}

    public record Worst(int[] index, double analytic, double numeric) {
        @Override
        public String toString() {
            return "at " + Arrays.toString(index) + " " + analytic + " and " + numeric;
        }
    }

    /** Entries where differences cannot confirm the derivative, of the kind "kink", "jump", "noise" or "undefined". */
    public record Note(String kind, long count, int[] index, String message) {
        @Override
        public String toString() {
            return kind + " " + count + " times, first at " + Arrays.toString(index) + ": " + message;
        }
    }

    /** The derivative along one random direction through all inputs. */
    public record DirectionCheck(double analytic, double numeric, double relativeError, String verdict) {}
}
