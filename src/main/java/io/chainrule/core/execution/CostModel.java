package io.chainrule.core.execution;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.kernel.FusedMultiplyAdd;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.function.IntToLongFunction;

/**
 * The estimated cost of running a plan, known before anything runs.
 *
 * @param flops operations
 * @param bytes of the plan, its run and its inputs
 * @param nanos about how many nanoseconds one core takes; machines differ, but by the same factor for most plans
 */
public record CostModel(long flops, long bytes, long nanos) {
    public static final CostModel NONE = new CostModel(0, 0, 0);

    /** Of an array that goes through memory one operation takes about as long. */
    private static final double NANOS_A_FLOP = 0.5;
    /** An operation of a product of matrices, whose blocks stay in caches and registers. */
    private static final double NANOS_OF_PRODUCTS = 0.05;
    /** What each instruction takes beside its operations. */
    private static final double NANOS_AN_INSTRUCTION = 150;

    /** The cost of one run. */
    public static CostModel of(Plan plan) {
        return of(plan, node -> 1);
    }

    /** The cost of a run in which each node runs as often as {@code repetitions} says; saturates at {@link Long#MAX_VALUE}. */
    public static CostModel of(Plan plan, IntToLongFunction repetitions) {
        return of(plan, repetitions, FusedMultiplyAdd.cost());
    }

    /** The operations of a run, where a fused multiply-add counts as one also if it is slow here. Every machine gets the same number. */
    public static long operations(Plan plan, IntToLongFunction repetitions) {
        return of(plan, repetitions, 1).flops;
    }

    /** @param fma how many operations a fused multiply-add counts for */
    static CostModel of(Plan plan, IntToLongFunction repetitions, long fma) {
        Graph graph = plan.graph();
        double flops = 0;
        double nanos = 0;
        long bytes = plan.bytes() + (long) Double.BYTES * graph.size();
        for (int i = plan.needed().nextSetBit(0); i >= 0; i = plan.needed().nextSetBit(i + 1)) {
            if (graph.isLeaf(i)) {
                bytes += graph.isLiteral(i) ? 0 : 8 * graph.shape(i).size();
            } else if (plan.isComputedAlone(i)) {
                long times = repetitions.applyAsLong(i);
                double more = (double) times * flops(plan, i) * (usesFma(graph.op(i)) ? fma : 1);
                flops += more;
                nanos += times * NANOS_AN_INSTRUCTION
                        + more * (graph.op(i).family() == Family.BILINEAR ? NANOS_OF_PRODUCTS : NANOS_A_FLOP);
            }
        }
        for (int buffer = 0; buffer < plan.bufferCount(); buffer++) {
            bytes += 16 + 8L * plan.bufferLength(buffer);
        }
        return new CostModel((long) flops, bytes + plan.heldBytes(), (long) nanos);
    }

    private static long flops(Plan plan, int node) {
        Graph graph = plan.graph();
        Op op = graph.op(node);
        long flops = op.flops(graph.operandShapes(node), graph.shape(node));
        Preparation preparation = op.preparation();
        return preparation == null || !plan.isSpared(node) ? flops : flops - preparation.flops(graph.shape(graph.operand(node, 0)));
    }

    /** The same without memory that is counted elsewhere. */
    public CostModel withoutBytes(long counted) {
        return new CostModel(flops, bytes - counted, nanos);
    }

    /** The cost of two runs that need their memory at the same time; saturates at {@link Long#MAX_VALUE}. */
    public CostModel plus(CostModel other) {
        return new CostModel((long) ((double) flops + other.flops), (long) ((double) bytes + other.bytes),
                (long) ((double) nanos + other.nanos));
    }

    /** Returns the cost of several runs, one after the other. It is {@link Long#MAX_VALUE} at most. */
    public CostModel times(long runs) {
        return new CostModel((long) ((double) runs * flops), bytes, (long) ((double) runs * nanos));
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
