package io.chainrule.core.print;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import java.util.List;

/** How one op pulls a gradient back to one of its operands, as an equation. */
interface BackwardFormula {
    /** What is left of the equals sign: the derivative of the output by the operand, with indices if the right side has such. */
    Formula left();

    Formula right();

    /** What letters mean that are no names of nodes. */
    List<BackwardPrinter.Letter> letters();

    /** The shapes of the factors and of the result. */
    String shapes();

    BackwardPrinter.Kind kind();

    /** Whether each element gets an equal share of one element of the upstream gradient. */
    boolean isEqualShare();

    /** Whether this is but the product with the Jacobian. */
    boolean isGeneral();

    /** The derivative of the output by a node. */
    static Formula derivative(NamedGraph program, int node) {
        return fraction(guarded(program, program.outputId()), name(program, node));
    }

    static Formula fraction(Formula over, Formula under) {
        Formula d = new Formula.Symbol("\\partial ");
        return new Formula.Fraction(FormulaWriter.row(d, over), FormulaWriter.row(d, under));
    }

    static Formula name(NamedGraph program, int node) {
        return program.graph().op(node) instanceof Leaf.Literal(double value)
                ? FormulaValues.number(value)
                : guarded(program, program.id(node));
    }

    /** A name in parentheses if it could be read as a fraction, as those of the gates of a circuit. */
    private static Formula guarded(NamedGraph program, String id) {
        Formula name = FormulaNames.in(program, id);
        return id.contains("/") ? new Formula.Fenced("(", name, ")") : name;
    }
}
