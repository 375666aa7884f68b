package io.chainrule.core.expression;

import io.chainrule.core.graph.NamedGraph;
import java.util.Set;

/**
 * Programs written as text, in the notation of NumPy: one statement a line, the last one is the output. Time and memory
 * grow with the text as it is when functions and loops are written out, which is limited; nothing recurses over it.
 *
 * <p>A statement that only names a node, {@code f = x}, makes none: {@code f} is an alias of {@code x}, which keeps its
 * id, as in JAX, where both are one value. So is {@code output} where the last statement is a bare name.
 *
 * <p>A function {@code f(a, b) = a * b} is written out at each call. As in Python its parameters hide other names, other
 * names in its body mean what they mean where it is called, the latest definition counts, and it hides an op of its
 * name. A loop {@code for i in 0:10} is written out pass by pass; its variable is a number, which it keeps after the loop.
 */
public final class ExpressionParser {
    private ExpressionParser() {}

    /** How many nodes a program may have, literals not counted, and how deep brackets, signs and powers may be nested. */
    public record Limits(int nodes, int nesting) {}

    /**
     * {@link Parser#parse} and {@link Evaluator#evaluate} in one.
     *
     * @throws io.chainrule.core.graph.ProblemException with all that is wrong, a hundred problems at most
     * @throws io.chainrule.core.graph.LimitException for limit "nodes" or "nesting"
     */
    public static NamedGraph parse(String text, Set<String> inputs, Limits limits) {
        return Evaluator.evaluate(Parser.parse(text, limits.nesting()), inputs, limits.nodes());
    }
}
