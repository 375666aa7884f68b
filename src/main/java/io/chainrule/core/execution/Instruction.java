package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;

/** A step of a plan, in terms of the graph's nodes. Immutable, and free of values. */
sealed interface Instruction {

    /** A kernel's call: computes an array, or a scalar that is not elementwise, from the node's operands. */
    record KernelCall(int node, Kernel kernel) implements Instruction {}

    /**
     * One factoring of an operand, for all results of it that are needed.
     *
     * @param nodes the results, in the order of the graph
     * @param numbers which result of the factoring each of them is; two nodes may be the same result
     * @param count how many results the factoring has
     */
    record FactoringCall(int operand, int[] nodes, int[] numbers, int count, Factoring.Run factoring) implements Instruction {}

    /**
     * Elementwise work on scalars, node after node.
     *
     * @param codes what each node does: an operation of the table below, or a call of its op
     * @param ops the nodes' ops
     * @param places four a node, positions in the array of scalars: its operands, as many as it has, and last its own
     */
    record ScalarBlock(byte[] codes, Elementwise[] ops, int[] places) implements Instruction {
        private static final int NODES_BETWEEN_CHECKS = 1024;
        private static final int WIDTH = 4;
        private static final int CALL = 0;
        private static final int ADD = 1;
        private static final int SUB = 2;
        private static final int MUL = 3;
        private static final int DIV = 4;
        private static final int STRONG = 5;
        private static final int NEG = 6;
        private static final int SQUARE = 7;

        int size() {
            return ops.length;
        }

        /** The node that is computed at a position of the block. */
        int node(int position) {
            return places[WIDTH * position + WIDTH - 1];
        }

        /** What costs more to call than to compute has a code; the lambda of its op computes the same bits. */
        static byte code(Elementwise op) {
            if (op.binary() != null) {
                return (byte) switch (op.binary()) {
                    case ADD -> ADD;
                    case SUB -> SUB;
                    case MUL -> MUL;
                    case DIV -> DIV;
                    case STRONG -> STRONG;
                    default -> CALL;
                };
            }
            if (op.unary() != null) {
                return (byte) switch (op.unary()) {
                    case NEG -> NEG;
                    case SQUARE -> SQUARE;
                    default -> CALL;
                };
            }
            return CALL;
        }

        void run(double[] scalars, Checkpoint checkpoint) {
            for (int from = 0; from < ops.length; from += NODES_BETWEEN_CHECKS) {
                if (from > 0) {
                    checkpoint.check();
                }
                run(scalars, from, Math.min(ops.length, from + NODES_BETWEEN_CHECKS));
            }
        }

        private void run(double[] scalars, int from, int to) {
            for (int i = from; i < to; i++) {
                int at = WIDTH * i;
                double a = scalars[places[at]];
                double b = scalars[places[at + 1]];
                scalars[places[at + 3]] = switch (codes[i]) {
                    case ADD -> a + b;
                    case SUB -> a - b;
                    case MUL -> a * b;
                    case DIV -> a / b;
                    case STRONG -> a == 0 ? 0 : a * b;
                    case NEG -> -a;
                    case SQUARE -> a * a;
                    default -> ops[i].apply(a, b, scalars[places[at + 2]]);
                };
            }
        }
    }
}
