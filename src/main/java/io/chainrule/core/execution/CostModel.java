package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import java.util.function.IntToLongFunction;

/** What running a plan costs, known before anything runs. */
public record CostModel(long flops, long bytes) {
    /** A node's entries in the plan's and the run's arrays, and in a block of scalars. */
    private static final long BYTES_A_NODE = 45;
    /** What an instruction for one node takes, with its kernel. */
    private static final long BYTES_A_CALL = 300;

    /** For one run. */
    public static CostModel of(Plan plan) {
        return of(plan, node -> 1);
    }

    /** For a run in which each node runs as often as {@code repetitions} says; saturates at {@link Long#MAX_VALUE}. */
    public static CostModel of(Plan plan, IntToLongFunction repetitions) {
        Graph graph = plan.graph();
        double flops = 0;
        long bytes = graph.size() * BYTES_A_NODE;
        for (int i = plan.needed().nextSetBit(0); i >= 0; i = plan.needed().nextSetBit(i + 1)) {
            if (graph.isLeaf(i)) {
                bytes += graph.isLiteral(i) ? 0 : 8 * graph.shape(i).size();
            } else if (!plan.isFollower(i)) {
                flops += (double) repetitions.applyAsLong(i) * graph.op(i).flops(graph.operandShapes(i), graph.shape(i));
            }
        }
        bytes += plan.calls() * BYTES_A_CALL;
        for (int buffer = 0; buffer < plan.bufferCount(); buffer++) {
            bytes += 16 + 8L * plan.bufferLength(buffer);
        }
        return new CostModel((long) flops, bytes);
    }
}
