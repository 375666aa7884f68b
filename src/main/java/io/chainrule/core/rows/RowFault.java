package io.chainrule.core.rows;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.util.Comparator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a row.
 *
 * @param part the part of the data set that the row is of, as the name of a file; empty where rows are counted through
 * @param row the number of the row in its part, from 1
 * @param name the column; or the node that refused the row, or whose value or gradient was the first that is not finite; null if only
 *        second derivatives are not
 * @param text the cell, or what the program says of the row; empty for a cell that is missing or no text, and for a value that is not
 *        finite
 * @param expected what a cell was to be
 */
public record RowFault(String part, long row, Kind kind, @Nullable String name, String text, @Nullable String expected)
        implements
            Comparable<RowFault> {
    private static final int LONGEST_TEXT = 200;
    private static final Comparator<RowFault> ORDER = Comparator.comparing(RowFault::part).thenComparingLong(RowFault::row)
            .thenComparing(RowFault::kind).thenComparing(RowFault::name, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(RowFault::text);

    /** What is wrong. */
    public enum Kind {
        MISSING_CELL,
        MALFORMED_CELL,
        /** An op of the program cannot use the row's values. */
        REFUSED_ROW,
        /** A value is infinite or NaN. */
        NOT_FINITE_VALUE,
        /** All values are finite, and a derivative is not. */
        NOT_FINITE_DERIVATIVE
    }

    public RowFault {
        text = text.length() > LONGEST_TEXT ? shortened(text) : text;
    }

    private static String shortened(String text) {
        int end = LONGEST_TEXT - 1;
        // Half of a pair is no text that JSON may have.
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /** By the part, the number of the row, and what is wrong. */
    @Override
    public int compareTo(RowFault other) {
        return ORDER.compare(this, other);
    }

    /** The same fault, where the row is numbered within the whole data set; {@code before} tells how many rows precede a part. */
    RowFault countedThrough(ToLongFunction<String> before) {
        return new RowFault("", before.applyAsLong(part) + row, kind, name, text, expected);
    }

    /** The row, and what is wrong with it, in words. */
    public String message() {
        String place = "row " + row + (part.isEmpty() ? "" : " of '" + part + "'");
        return place + switch (kind) {
            case MISSING_CELL -> ", column '" + name + "': the cell is missing";
            case MALFORMED_CELL -> ", column '" + name + "': "
                    + (text.isEmpty() ? "the cell is neither a number nor an array of numbers" : "'" + text + "' is not " + expected);
            case REFUSED_ROW -> ": " + text;
            case NOT_FINITE_VALUE -> ": '" + name + "' is the first value that is not finite";
            case NOT_FINITE_DERIVATIVE -> name == null
                    ? ": a second derivative is not finite"
                    : ": the gradient of '" + name + "' is the first that is not finite";
        };
    }

    /** The problem with which work ends that such rows end. */
    public ProblemException exception() {
        boolean isCell = kind == Kind.MISSING_CELL || kind == Kind.MALFORMED_CELL;
        Problem problem = Problem.of(ProblemCode.INVALID_VALUE, message()).node(isCell ? null : name)
                .hint(isCell
                        ? "mend the cell; or \"on_cell\": \"skip\" leaves such rows out, and \"nan\" has such cells be NaN"
                        : "mend the row or the program; or \"on_result\": \"skip\" leaves such rows out");
        return new ProblemException(isCell
                ? problem.expected(expected, kind == Kind.MISSING_CELL ? "nothing" : text.isEmpty() ? "neither numbers nor text" : text)
                : problem);
    }
}
