package io.chainrule.core.print;

import java.util.List;

/** A part of a typeset formula, in which the places of operands are open. Definitions of ops write it in LaTeX ({@link FormulaParser}). */
sealed interface Formula {

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
