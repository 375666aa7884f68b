package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.tensor.Checkpoint;

/** A step of a plan, in terms of the graph's nodes. It is immutable and holds no input values. */
sealed interface Instruction {

    /**
     * A call of a kernel, which computes an array, or a scalar that is not elementwise, from the node's operands.
     *
     * @param prepared the slot of the result of a preparation that the kernel reads too, or {@link Buffers#NONE}
     */
    record KernelCall(int node, int[] operands, int prepared, boolean isScalar, Kernel kernel) implements Instruction {}

    /** A preparation of an operand, whose result goes into a slot. */
    record PreparationCall(String name, int operand, int slot, Kernel kernel) implements Instruction {}

    /** Elementwise nodes that are computed block by block. */
    record BlockCall(BlockRun run) implements Instruction {}

    /**
     * One factoring of an operand, which computes all of its results that are needed.
     *
     * @param nodes the nodes of the results, in the order of the graph
     * @param numbers the number of the result that each node holds; two nodes may hold the same result
     * @param count the number of results of the factoring
     */
    record FactoringCall(int operand, int[] nodes, int[] numbers, int count, Factoring.Run factoring) implements Instruction {}

    /** Elementwise computations on scalars: the entries of the code from {@code from} (inclusive) to {@code to} (exclusive). */
    record ScalarBlock(ScalarCode code, int from, int to) implements Instruction {
        private static final int ENTRIES_BETWEEN_CHECKS = 1024;

        int size() {
            return to - from;
        }

        void run(double[] scalars, Checkpoint checkpoint) {
            for (int part = from; part < to; part += ENTRIES_BETWEEN_CHECKS) {
                if (part > from) {
                    checkpoint.check();
                }
                code.run(scalars, part, Math.min(to, part + ENTRIES_BETWEEN_CHECKS));
            }
        }
    }
}
