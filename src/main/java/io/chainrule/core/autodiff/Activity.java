package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import java.util.BitSet;

/** Which nodes a derivative has to visit. */
public final class Activity {
    private Activity() {}

    /** The nodes among the first {@code size} that depend on one of {@code sources}, including the sources. */
    public static BitSet dependents(Graph graph, int size, BitSet sources) {
        BitSet active = (BitSet) sources.clone();
        for (int i = 0; i < size; i++) {
            for (int k = 0; !active.get(i) && k < graph.operandCount(i); k++) {
                if (active.get(graph.operand(i, k))) {
                    active.set(i);
                }
            }
        }
        return active;
    }

    /** The nodes that one of {@code results} depends on, including the results. */
    public static BitSet ancestors(Graph graph, BitSet results) {
        return ancestors(graph, results, false);
    }

    /** The same without those by which the derivative is zero everywhere, as behind a comparison. */
    public static BitSet differentiableAncestors(Graph graph, BitSet results) {
        return ancestors(graph, results, true);
    }

    private static BitSet ancestors(Graph graph, BitSet results, boolean isDifferentiable) {
        BitSet needed = (BitSet) results.clone();
        for (int i = needed.length() - 1; i >= 0; i = needed.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                if (!isDifferentiable || !graph.op(i).ignores(k)) {
                    needed.set(graph.operand(i, k));
                }
            }
        }
        return needed;
    }
}
