package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.tensor.Checkpoint;

/** A step of a plan, in terms of the graph's nodes. Immutable, and free of values. */
sealed interface Instruction {

    /** A kernel's call: computes an array, or a scalar that is not elementwise, from the node's operands. */
    record KernelCall(int node, int[] operands, boolean isScalar, Kernel kernel) implements Instruction {}

    /**
     * One factoring of an operand, for all results of it that are needed.
     *
     * @param nodes the results, in the order of the graph
     * @param numbers which result of the factoring each of them is; two nodes may be the same result
     * @param count how many results the factoring has
     */
    record FactoringCall(int operand, int[] nodes, int[] numbers, int count, Factoring.Run factoring) implements Instruction {}

    /** Elementwise work on scalars: the entries of the code from {@code from} up to {@code to}. */
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
