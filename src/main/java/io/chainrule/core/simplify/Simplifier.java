package io.chainrule.core.simplify;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.rewrite.Gates;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a graph as a person would: without dead nodes, equal nodes once, numbers gathered, sums and products in order.
 *
 * <p>The value, and so every derivative, is that of the original up to rounding wherever all nodes of the original are
 * finite. Elsewhere: what a selection cuts off stays exactly 0 ({@code where(x > 0, sqrt(x), 0)} has the derivative 0
 * at 0); a zero that meets an infinite factor at a single point may become NaN, as in a textbook's formula
 * ({@code x * sqrt(x)} at 0); a derivative that is NaN outside of its function's domain may be a number there
 * ({@code 1 / x} for that of the logarithm). The sign of a zero may change. Nothing is cancelled that is NaN for
 * some finite or infinite operand: {@code x - x}, {@code x / x} and {@code 0 * x} stay. A mean is an exception: it is assumed to be
 * finite, so that deviations from it add up to 0 and do not change when a constant is added.
 */
public final class Simplifier {
    /** The result of one pass may allow further rules in the next; in practice a few passes are enough. */
    private static final int MOST_PASSES = 6;

    private Simplifier() {}

    /**
     * Simplifies the graph that computes one node of a graph with shapes.
     *
     * @param written the number of nodes at the front that are the program. Sums after them add up contributions to cotangents in the order
     *        of the reverse sweep, last use first; they are written in the opposite order
     * @return a graph whose last node is the result
     */
    public static Graph simplify(Graph graph, int node, int written, Allowance allowance) {
        Graph simple = passes(graph, node, written, allowance);
        return RepeatedTerms.unshared(new RewritePass(simple, simple.size() - 1, allowance, null).presented(), allowance);
    }

    /** Simplifies as {@link #simplify} does, but leaves a term that is read several times one node. */
    public static Graph shared(Graph graph, int node, int written, Allowance allowance) {
        Graph simple = passes(graph, node, written, allowance);
        return new RewritePass(simple, simple.size() - 1, allowance, null).presented();
    }

    /** Simplifies further, at the price of digits and on a domain; parameters as those of {@link #simplify}. */
    public static Textbook textbook(Graph graph, int node, int written, Allowance allowance) {
        return textbook(graph, node, written, written, allowance);
    }

    /** Does the same where only the first {@code program} of the {@code written} nodes are the program, whose ops a reader has seen. */
    public static Textbook textbook(Graph graph, int node, int written, int program, Allowance allowance) {
        Set<String> ops = new HashSet<>();
        for (int i = 0; i < program; i++) {
            ops.add(graph.op(i).name());
        }
        Graph simple = passes(graph, node, written, allowance);
        RewritePass.Form form = new RewritePass.Form(ops, Map.of(), false);
        for (int pass = 0; pass < 2 * MOST_PASSES; pass++) {
            RewritePass rewrite = new RewritePass(simple, simple.size() - 1, allowance, form);
            Graph next = rewrite.simplified(Integer.MAX_VALUE);
            boolean isDone = isSame(simple, next);
            boolean wasLast = isDone && (form.joinsFractions() || !hasSums(next));
            form = new RewritePass.Form(ops, rewrite.conditions(), form.joinsFractions() || isDone || pass >= MOST_PASSES);
            simple = next;
            if (wasLast) {
                break;
            }
        }
        Graph presented = new RewritePass(simple, simple.size() - 1, allowance, form).presented();
        return new Textbook(RepeatedTerms.unshared(presented, allowance), List.copyOf(form.conditions().values()));
    }

    private static Graph passes(Graph graph, int node, int written, Allowance allowance) {
        Gates.Expansion opened = Gates.expand(graph, OpCatalogue::isSlope, allowance);
        int last = written == 0 || written > graph.size() ? written : opened.image()[written - 1] + 1;
        Graph simple = new RewritePass(opened.graph(), opened.image()[node], allowance, null).simplified(last);
        for (int pass = 1; pass < MOST_PASSES; pass++) {
            Graph next = new RewritePass(simple, simple.size() - 1, allowance, null).simplified(Integer.MAX_VALUE);
            boolean isDone = isSame(simple, next);
            simple = next;
            if (isDone) {
                break;
            }
        }
        return simple;
    }

    private static boolean hasSums(Graph graph) {
        return IntStream.range(0, graph.size()).anyMatch(i -> graph.op(i).name().equals("add") || graph.op(i).name().equals("sub"));
    }

    private static boolean isSame(Graph a, Graph b) {
        boolean isSame = a.size() == b.size();
        for (int i = 0; isSame && i < a.size(); i++) {
            isSame = a.op(i).name().equals(b.op(i).name()) && a.operandCount(i) == b.operandCount(i)
                    && a.op(i).attributes().equals(b.op(i).attributes());
            for (int k = 0; isSame && k < a.operandCount(i); k++) {
                isSame = a.operand(i, k) == b.operand(i, k);
            }
        }
        return isSame;
    }
}
