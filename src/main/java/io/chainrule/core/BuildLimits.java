package io.chainrule.core;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * How far programs and the functions compiled from them may grow. What is beyond is refused with {@link LimitException}, whose limit
 * is called as in parentheses.
 *
 * @param nodes nodes of a program as it was written, gates opened on demand included ("nodes")
 * @param nesting depth of brackets in a text ("nesting")
 * @param derivedNodes nodes of the graph that is run ("derived-nodes")
 * @param tensorElements elements of any one value ("tensor-elements")
 * @param jacobianEntries entries of all Jacobians ("jacobian-entries")
 * @param growth told of estimated bytes as they are taken; may throw to stop the work
 * @param checkpoint asked now and then whether to go on
 */
public record BuildLimits(int nodes, int nesting, int derivedNodes, long tensorElements, long jacobianEntries, LongConsumer growth,
        Checkpoint checkpoint) {
    /** What a written node takes, with its entry in an answer. */
    private static final long BYTES_A_WRITTEN_NODE = 300;

    /** For programs that one trusts. */
    public static final BuildLimits GENEROUS = new BuildLimits(10_000_000, 10_000, 100_000_000, Integer.MAX_VALUE, Integer.MAX_VALUE,
            bytes -> {}, Checkpoint.NONE);

    /** The same, of which somebody else is told how they grow. */
    public BuildLimits withGrowth(LongConsumer other) {
        return new BuildLimits(nodes, nesting, derivedNodes, tensorElements, jacobianEntries, other, checkpoint);
    }

    Allowance derived() {
        return new Allowance(derivedNodes, growth);
    }

    void growByWritten(Graph graph) {
        growth.accept(graph.size() * BYTES_A_WRITTEN_NODE);
    }

    /** Builds a derived graph: its limit on nodes is another than that of written ones. */
    static <T> T derive(Supplier<T> build) {
        try {
            return build.get();
        } catch (LimitException e) {
            throw e.limit().equals("nodes") ? new LimitException("derived-nodes", e.asked(), e.allowed()) : e;
        }
    }

    static void check(String limit, long asked, long allowed) {
        if (asked > allowed) {
            throw new LimitException(limit, asked, allowed);
        }
    }

    void checkSizes(Graph graph) {
        for (int i = 0; i < graph.size(); i++) {
            check("tensor-elements", graph.shape(i).size(), tensorElements);
        }
    }
}
