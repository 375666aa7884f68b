package io.chainrule.core.print;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A part of a typeset formula, in which the places of operands are open. Definitions of ops write it in LaTeX ({@link FormulaParser}). */
sealed interface Formula {

    /** The formula in which the replacement stands for each part that has one; parts are asked for before those inside them. */
    default Formula replaced(Function<Formula, @Nullable Formula> replacement) {
        Formula found = replacement.apply(this);
        return found != null ? found : switch (this) {
            case Row(var items) -> new Row(items.stream().map(item -> item.replaced(replacement)).toList());
            case Group(var of) -> new Group(of.replaced(replacement));
            case Fraction(var over, var under) -> new Fraction(over.replaced(replacement), under.replaced(replacement));
            case Root(var of) -> new Root(of.replaced(replacement));
            case Script(var base, var script, boolean isAbove) ->
                new Script(base.replaced(replacement).asBase(), script.replaced(replacement), isAbove);
            case Fenced(String open, var inside, String close) -> new Fenced(open, inside.replaced(replacement), close);
            case Table(String environment, var rows) -> new Table(environment,
                    rows.stream().map(cells -> cells.stream().map(cell -> cell.replaced(replacement)).toList()).toList());
            case Symbol _,Digits _,Word _,Inline _,Place _ -> this;
        };
    }

    /** The formula as what a script belongs to. */
    default Formula asBase() {
        return this instanceof Fraction ? new Fenced("(", this, ")") : this;
    }

    /** This formula and all that is inside it. */
    default Stream<Formula> parts() {
        Stream<Formula> inside = switch (this) {
            case Row(var items) -> items.stream();
            case Group(var of) -> Stream.of(of);
            case Fraction(var over, var under) -> Stream.of(over, under);
            case Root(var of) -> Stream.of(of);
            case Script(var base, var script, var _) -> Stream.of(base, script);
            case Fenced(var _, var inner, var _) -> Stream.of(inner);
            case Table(var _, var rows) -> rows.stream().flatMap(List::stream);
            case Symbol _,Digits _,Word _,Inline _,Place _ -> Stream.empty();
        };
        return Stream.concat(Stream.of(this), inside.flatMap(Formula::parts));
    }

    /** The parts of the line from left to right. Rows and groups are replaced by their items, at any depth. */
    default List<Formula> line() {
        return switch (this) {
            case Row(var items) -> items.stream().flatMap(item -> item.line().stream()).toList();
            case Group(var of) -> of.line();
            default -> List.of(this);
        };
    }

    /**
     * Whether the line has a plus or minus sign between two terms, outside parentheses. A sign in front of a factor has no space behind it.
     */
    default boolean isSum() {
        List<Formula> line = line();
        int depth = 0;
        for (int i = 0; i < line.size() - 1; i++) {
            String sign = line.get(i) instanceof Symbol(String latex) ? latex : "";
            boolean isTerm = (sign.equals("+") || sign.equals("-")) && i > 0 && line.get(i - 1).isSpace() && line.get(i + 1).isSpace();
            if (isTerm && depth == 0) {
                return true;
            }
            depth += sign.equals("(") ? 1 : sign.equals(")") ? -1 : 0;
        }
        return false;
    }

    /** Whether the line begins with a minus sign. */
    default boolean isNegative() {
        return line().stream().filter(item -> !item.isSpace()).findFirst().orElse(this) instanceof Symbol(String latex)
                && latex.equals("-");
    }

    private boolean isSpace() {
        return this instanceof Symbol(String latex) && latex.isBlank();
    }

    /** How many conditions choices have, besides those for all other cases. */
    default int choices() {
        return parts()
                .mapToInt(part -> part instanceof Table(String environment, var rows) && environment.equals("cases") ? rows.size() - 1 : 0)
                .sum();
    }

    record Row(List<Formula> items) implements Formula {}

    /** A part in braces, which is one whole. */
    record Group(Formula of) implements Formula {}

    /** A letter, sign, space or command that stands for itself. */
    record Symbol(String latex) implements Formula {}

    record Digits(String text) implements Formula {}

    /** Text in a typeface: {@code command} is that of LaTeX. */
    record Word(String command, String text) implements Formula {}

    record Fraction(Formula over, Formula under) implements Formula {}

    record Root(Formula of) implements Formula {}

    /** A superscript or subscript. */
    record Script(Formula base, Formula script, boolean isAbove) implements Formula {}

    /** Between delimiters that grow with what they enclose. */
    record Fenced(String open, Formula inside, String close) implements Formula {}

    /** Rows of cells; the environment is that of LaTeX. */
    record Table(String environment, List<List<Formula>> rows) implements Formula {}

    /** A node that is written here. */
    record Inline(int node) implements Formula {}

    /**
     * In a template, the place of an operand, or of all of them with commas between.
     *
     * @param isGuarded whether the operand gets parentheses unless it is a whole
     */
    record Place(int operand, boolean isGuarded) implements Formula {
        static final int ALL = -1;
    }
}
