package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The least and the largest magnitude of a node's elements in a run; NaN if the values can no longer be read.
 *
 * @param nonzero the least one except 0; NaN if there is none
 */
record Magnitudes(double min, double nonzero, double max) {
    private static final Magnitudes UNKNOWN = new Magnitudes(Double.NaN, Double.NaN, Double.NaN);

    static Magnitudes of(Graph graph, PlannedGraph.Run run, int node) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return of(value);
        }
        Tensor known = run.known(node);
        return known != null ? of(known.data()) : isCopy(graph, node) ? of(graph, run, graph.operand(node, 0)) : UNKNOWN;
    }

    /** Whether it is known that no element is zero. */
    boolean areNonzero() {
        return min > 0;
    }

    private static Magnitudes of(double... values) {
        double[] all = Arrays.stream(values).map(Math::abs).toArray();
        return new Magnitudes(Arrays.stream(all).min().orElse(Double.NaN),
                Arrays.stream(all).filter(x -> x != 0).min().orElse(Double.NaN), Arrays.stream(all).max().orElse(Double.NaN));
    }

    /** The node of which a node only copies elements; itself if it does more. */
    static int copied(Graph graph, int node) {
        int copied = node;
        while (isCopy(graph, copied)) {
            copied = graph.operand(copied, 0);
        }
        return copied;
    }

    /** Whether a node only copies elements of its first operand, and sets no element to zero. */
    static boolean isCopy(Graph graph, int node) {
        return graph.op(node) instanceof Elementwise function && function.isGiven()
                || graph.op(node).family() == Family.MOVEMENT && graph.operandCount(node) == 1
                        && OpCatalogue.has(graph.op(node), Trait.ISOLATED_ZEROS);
    }
}
