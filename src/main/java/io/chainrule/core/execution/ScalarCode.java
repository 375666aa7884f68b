package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.Elementwise;

/**
 * Elementwise computations on the scalars of a graph, one entry for each node. Entries are numbers in arrays, and what the graph knows is
 * read from it, so that an entry takes five bytes.
 */
final class ScalarCode {
    private static final int CALL = 0;
    private static final int ADD = 1;
    private static final int SUB = 2;
    private static final int MUL = 3;
    private static final int DIV = 4;
    private static final int STRONG = 5;
    private static final int NEG = 6;
    private static final int SQUARE = 7;

    private final Graph graph;
    /** The operation of each entry: one of the codes above, or a call of its op's function. */
    private final byte[] codes;
    private final int[] nodes;
    private int size;

    /** Makes room for {@code capacity} entries. */
    ScalarCode(Graph graph, int capacity) {
        this.graph = graph;
        codes = new byte[capacity];
        nodes = new int[capacity];
    }

    int size() {
        return size;
    }

    /** The node that an entry computes. */
    int node(int entry) {
        return nodes[entry];
    }

    /** Adds the entry of a scalar node. Its operands are scalars too, since broadcasting never lowers a rank. */
    void add(Elementwise op, int node) {
        codes[size] = code(op);
        nodes[size++] = node;
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

    /** Computes the entries from {@code from} up to {@code to}; the value of a node stands at its number. */
    void run(double[] scalars, int from, int to) {
        for (int i = from; i < to; i++) {
            int node = nodes[i];
            double a = scalars[graph.operand(node, 0)];
            scalars[node] = switch (codes[i]) {
                case ADD -> a + scalars[graph.operand(node, 1)];
                case SUB -> a - scalars[graph.operand(node, 1)];
                case MUL -> a * scalars[graph.operand(node, 1)];
                case DIV -> a / scalars[graph.operand(node, 1)];
                case STRONG -> a == 0 ? 0 : a * scalars[graph.operand(node, 1)];
                case NEG -> -a;
                case SQUARE -> a * a;
                default -> call(node, a, scalars);
            };
        }
    }

    private double call(int node, double a, double[] scalars) {
        int arity = graph.operandCount(node);
        double b = arity > 1 ? scalars[graph.operand(node, 1)] : 0;
        double c = arity > 2 ? scalars[graph.operand(node, 2)] : 0;
        return ((Elementwise) graph.op(node)).apply(a, b, c);
    }
}
