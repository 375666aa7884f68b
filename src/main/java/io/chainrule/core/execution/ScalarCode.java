package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.Elementwise;

/** Elementwise computations on the scalars of a graph, one entry for each node, stored in arrays to avoid an object for each node. */
final class ScalarCode {
    private static final int WIDTH = 4;
    private static final int CALL = 0;
    private static final int ADD = 1;
    private static final int SUB = 2;
    private static final int MUL = 3;
    private static final int DIV = 4;
    private static final int STRONG = 5;
    private static final int NEG = 6;
    private static final int SQUARE = 7;

    private final Elementwise[] ops;
    /** The operation of each entry: one of the codes above, or a call of its op's function. */
    private final byte[] codes;
    /** Four positions in the array of scalars for each entry: three for its operands and the last one for its node. */
    private final int[] places;
    private int size;

    /** Makes room for {@code capacity} entries. */
    ScalarCode(int capacity) {
        ops = new Elementwise[capacity];
        codes = new byte[capacity];
        places = new int[WIDTH * capacity];
    }

    int size() {
        return size;
    }

    /** The node that an entry computes. */
    int node(int entry) {
        return places[WIDTH * entry + WIDTH - 1];
    }

    /** Adds the entry of a scalar node. Its operands are scalars too, since broadcasting never lowers a rank. */
    void add(Elementwise op, Graph graph, int node) {
        ops[size] = op;
        codes[size] = code(op);
        int at = WIDTH * size++;
        for (int k = 0; k < op.arity(); k++) {
            places[at + k] = graph.operand(node, k);
        }
        places[at + WIDTH - 1] = node;
    }

    /**
     * The code of an op. Operations that are cheaper than a call have a code of their own; the function of such an op computes the same
     * bits.
     */
    private static byte code(Elementwise op) {
        if (op.binary() != null) {
            return switch (op.binary()) {
                case ADD -> ADD;
                case SUB -> SUB;
                case MUL -> MUL;
                case DIV -> DIV;
                case STRONG -> STRONG;
                default -> CALL;
            };
        }
        if (op.unary() != null) {
            return switch (op.unary()) {
                case NEG -> NEG;
                case SQUARE -> SQUARE;
                default -> CALL;
            };
        }
        return CALL;
    }

    /** Computes the entries from {@code from} up to {@code to}. */
    void run(double[] scalars, int from, int to) {
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
