package io.chainrule.core.execution;

import java.util.Arrays;
import java.util.function.Supplier;

/** A plan of which one instruction fails at a time, after it has written half of what it should. Nobody else may run the plan meanwhile. */
public final class FaultyPlan implements AutoCloseable {
    private final Instruction[] part;
    private final int at;
    private final Instruction right;

    /** @param number that of the instruction, the repeated ones after those that run once */
    public FaultyPlan(Plan plan, int number, Supplier<? extends Throwable> fault) {
        part = number < plan.once().length ? plan.once() : plan.repeated();
        at = number < plan.once().length ? number : number - plan.once().length;
        right = part[at];
        part[at] = faulty(plan, right, fault);
    }

    public static int instructions(Plan plan) {
        return plan.once().length + plan.repeated().length;
    }

    private static Instruction faulty(Plan plan, Instruction right, Supplier<? extends Throwable> fault) {
        return switch (right) {
            case Instruction.KernelCall(int node, int[] operands, int prepared, boolean isScalar, _) ->
                new Instruction.KernelCall(node, operands, prepared, isScalar, (_, result, _) -> fail(result, fault));
            case Instruction.PreparationCall(String name, int operand, int slot, _) ->
                new Instruction.PreparationCall(name, operand, slot, (_, result, _) -> fail(result, fault));
            case Instruction.FactoringCall(int operand, int[] nodes, int[] numbers, int count, _) ->
                new Instruction.FactoringCall(operand, nodes, numbers, count, (_, results, _) -> fail(results[numbers[0]], fault));
            case Instruction.BlockCall(BlockRun run) -> failing(stored(plan, run), fault);
            case Instruction.ScalarBlock _ -> failing(plan.computed().nextSetBit(0), fault);
        };
    }

    /** A node of a run of blocks that has an array, if one has. */
    private static int stored(Plan plan, BlockRun run) {
        return Arrays.stream(run.nodes()).filter(node -> plan.slot(node) != Buffers.NONE).findFirst().orElse(run.nodes()[0]);
    }

    private static Instruction failing(int node, Supplier<? extends Throwable> fault) {
        return new Instruction.KernelCall(node, new int[0], Buffers.NONE, false, (_, result, _) -> fail(result, fault));
    }

    private static void fail(double[] result, Supplier<? extends Throwable> fault) {
        Arrays.fill(result, 0, (result.length + 1) / 2, Double.NaN);
        FaultyPlan.<RuntimeException>raise(fault.get());
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable fault) throws E {
        throw (E) fault;
    }

    @Override
    public void close() {
        part[at] = right;
    }

    @Override
    public String toString() {
        return "instruction " + at + ": " + right;
    }
}
