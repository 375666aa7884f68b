package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import java.util.Set;

/** {@link Parser} and {@link Evaluator} in one. */
public final class ExpressionParser {
    private ExpressionParser() {}

    /** How many nodes a program may have, literals not counted, and how deep brackets, signs and powers may be nested. */
    public record Limits(int nodes, int nesting) {}

    public static NamedGraph parse(String text, Set<String> inputs, Limits limits) {
        return Evaluator.evaluate(Parser.parse(text, limits.nesting()), Given.named(inputs), Allowance.nodes(limits.nodes()))
                .program();
    }
}
