package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Factories for the usual kinds of elementwise ops. */
final class Definitions {
    private Definitions() {}

    /** The derivative of a function of x with value y, as a graph expression. */
    interface Derivative {
        Node of(Node x, Node y);
    }

    /** Scales t by a derivative that is a selection, such as 0 or t, instead of a factor. */
    interface Selection {
        @Nullable
        Node of(Node t, Node x, Node y);
    }

    static OpDefinition unary(String name, DoubleUnaryOperator f, Derivative derivative) {
        return define(name, Elementwise.unary(name, Map.of(), f).partial(0, (x, y) -> derivative.of(x[0], y)));
    }

    static OpDefinition unary(String name, DoubleUnaryOperator f, KernelLoop arrays, Derivative derivative) {
        return define(name, Elementwise.unary(name, Map.of(), f, arrays).partial(0, (x, y) -> derivative.of(x[0], y)));
    }

    static OpDefinition unary(String name, Kernels.Unary kernel, Derivative derivative) {
        return define(name, Elementwise.unary(name, Map.of(), kernel).partial(0, (x, y) -> derivative.of(x[0], y)));
    }

    static Elementwise selecting(String name, Map<String, Object> attributes, DoubleUnaryOperator f, Selection rule) {
        return Elementwise.unary(name, attributes, f).rule(0, (t, x, y) -> rule.of(t, x[0], y));
    }

    static Elementwise selecting(String name, Map<String, Object> attributes, DoubleUnaryOperator f, KernelLoop arrays, Selection rule) {
        return Elementwise.unary(name, attributes, f, arrays).rule(0, (t, x, y) -> rule.of(t, x[0], y));
    }

    /** Piecewise constant: the derivative is zero. */
    static OpDefinition flat(String name, DoubleUnaryOperator f) {
        return define(name, Elementwise.unary(name, Map.of(), f));
    }

    static OpDefinition flat(String name, Kernels.Unary kernel) {
        return define(name, Elementwise.unary(name, Map.of(), kernel));
    }

    static OpDefinition flat(String name, Kernels.@Nullable Binary kernel, DoubleBinaryOperator f) {
        return define(name, Elementwise.binary(name, kernel, f));
    }

    static OpDefinition define(String name, Elementwise op) {
        return (switch (op.arity()) {
            case 1 -> OpDefinition.define(name, Family.ELEMENTWISE, "x");
            case 2 -> OpDefinition.define(name, Family.ELEMENTWISE, "a", "b");
            default -> OpDefinition.define(name, Family.ELEMENTWISE, "a", "b", "c");
        }).as(op);
    }

    static OpDefinition define(Elementwise op, String... operands) {
        return OpDefinition.define(op.name(), Family.ELEMENTWISE, operands).as(op);
    }

    /** What is wrong with a number of operands, in a list that can grow. */
    static List<Problem> arity(OpDefinition definition, int count) {
        List<String> operands = definition.operands();
        CallForm form = definition.callForm();
        int least = operands.size() - (form.isLastOptional() ? 1 : 0);
        if (count >= least && (form.isVariadic() || count <= operands.size())) {
            return new ArrayList<>();
        }
        String wanted = operands.isEmpty()
                ? "no operands"
                : (form.isVariadic() ? "at least " : form.isLastOptional() ? least + " or " : "") + operands.size()
                        + (operands.size() == 1 ? " operand " : " operands ") + operands;
        return new ArrayList<>(List.of(Problem.of(ProblemCode.WRONG_ARITY, definition.name() + " takes " + wanted + ", not " + count)
                .expected(wanted, String.valueOf(count))));
    }

    /** Gives all of these ops a trait. */
    static List<OpDefinition> all(Trait trait, List<OpDefinition> definitions) {
        definitions.forEach(definition -> definition.traits(trait));
        return definitions;
    }
}
