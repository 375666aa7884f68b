package io.chainrule.core.print;

import java.util.List;
import java.util.function.Function;
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
