package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.kernel.FusedMultiplyAdd;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.function.IntToLongFunction;

/** The estimated cost of running a plan, known before anything runs: operations, and the bytes of the plan, its run and its inputs. */
public record CostModel(long flops, long bytes) {

    /** The cost of one run. */
    public static CostModel of(Plan plan) {
        return of(plan, node -> 1);
    }

    /** The cost of a run in which each node runs as often as {@code repetitions} says; saturates at {@link Long#MAX_VALUE}. */
    public static CostModel of(Plan plan, IntToLongFunction repetitions) {
        return of(plan, repetitions, FusedMultiplyAdd.cost());
    }

    /** @param fma how many operations a fused multiply-add counts for */
    static CostModel of(Plan plan, IntToLongFunction repetitions, long fma) {
        Graph graph = plan.graph();
        double flops = 0;
        long bytes = plan.bytes() + (long) Double.BYTES * graph.size();
        for (int i = plan.needed().nextSetBit(0); i >= 0; i = plan.needed().nextSetBit(i + 1)) {
            if (graph.isLeaf(i)) {
                bytes += graph.isLiteral(i) ? 0 : 8 * graph.shape(i).size();
            } else if (plan.isComputedAlone(i)) {
                flops += (double) repetitions.applyAsLong(i) * flops(plan, i) * (usesFma(graph.op(i)) ? fma : 1);
            }
        }
        for (int buffer = 0; buffer < plan.bufferCount(); buffer++) {
            bytes += 16 + 8L * plan.bufferLength(buffer);
        }
        return new CostModel((long) flops, bytes + plan.heldBytes());
    }

    private static long flops(Plan plan, int node) {
        Graph graph = plan.graph();
        Op op = graph.op(node);
        long flops = op.flops(graph.operandShapes(node), graph.shape(node));
        Preparation preparation = op.preparation();
        return preparation == null || !plan.isSpared(node) ? flops : flops - preparation.flops(graph.shape(graph.operand(node, 0)));
    }

    /** The cost of two runs that need their memory at the same time; saturates at {@link Long#MAX_VALUE}. */
    public CostModel plus(CostModel other) {
        return new CostModel((long) ((double) flops + other.flops), (long) ((double) bytes + other.bytes));
    }

    /** Whether an op uses fused multiply-adds, as sums of products and elementary functions do. */
    private static boolean usesFma(Op op) {
        return switch (op.family()) {
            case BILINEAR, CUSTOM -> true;
            case ELEMENTWISE -> OpCatalogue.has(op, Trait.ROUNDED) || OpCatalogue.has(op, Trait.ACTIVATION) || OpCatalogue.isSlope(op);
            default -> false;
        };
    }

    @Override
    public String toString() {
        return flops + " flops, " + bytes + " bytes";
    }
}
