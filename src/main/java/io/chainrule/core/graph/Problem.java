package io.chainrule.core.graph;

import org.jspecify.annotations.Nullable;

/**
 * One problem and where it was found: the node's id, the operand's position or the attribute, the line and column of an expression (both
 * from 1), and the place in the source. Parts that do not apply are null.
 *
 * @param model the name that a program calls if only a stored model could have that name; null otherwise
 */
public record Problem(ProblemCode code, String message, @Nullable String node, @Nullable Integer operand, @Nullable String attribute,
        @Nullable Integer line, @Nullable Integer column, @Nullable Place place, @Nullable String expected,
        @Nullable String actual,
        @Nullable String hint, @Nullable String model) {

    public static Problem of(ProblemCode code, String message) {
        return new Problem(code, message, null, null, null, null, null, null, null, null, null, null);
    }

    public Problem message(String text) {
        return new Problem(code, text, node, operand, attribute, line, column, place, expected, actual, hint, model);
    }

    public Problem node(@Nullable String id) {
        return new Problem(code, message, id, operand, attribute, line, column, place, expected, actual, hint, model);
    }

    public Problem operand(@Nullable Integer position) {
        return new Problem(code, message, node, position, attribute, line, column, place, expected, actual, hint, model);
    }

    public Problem attribute(String name) {
        return new Problem(code, message, node, operand, name, line, column, place, expected, actual, hint, model);
    }

    public Problem position(@Nullable Position position) {
        if (position == null) {
            return this;
        }
        String placed = position.within() == null ? message : message + " (" + position.within() + ")";
        return new Problem(code, placed, node, operand, attribute, position.line(), position.column(), place, expected, actual,
                hint, model);
    }

    /** The same problem for a caller, who does not see the model's text: the message names the line, and nothing else does. */
    public Problem ofModel() {
        return line == null
                ? this
                : new Problem(code, message + " (line " + line + " of the model)", node, operand, attribute, null, null, place, expected,
                        actual, hint, model);
    }

    public Problem at(@Nullable Place where) {
        return new Problem(code, message, node, operand, attribute, line, column, where, expected, actual, hint, model);
    }

    public Problem expected(@Nullable String wanted, @Nullable String found) {
        return new Problem(code, message, node, operand, attribute, line, column, place, wanted, found, hint, model);
    }

    public Problem hint(@Nullable String advice) {
        return new Problem(code, message, node, operand, attribute, line, column, place, expected, actual, advice, model);
    }

    public Problem model(@Nullable String name) {
        return new Problem(code, message, node, operand, attribute, line, column, place, expected, actual, hint, name);
    }

    /**
     * A position in a text, counted from 1 in code points. {@code within} names the function call or loop iteration in which the text was
     * read, or is null.
     */
    public record Position(int line, int column, @Nullable String within) {
        public Position(int line, int column) {
            this(line, column, null);
        }

        public Position within(@Nullable String site) {
            return new Position(line, column, site);
        }
    }
}
