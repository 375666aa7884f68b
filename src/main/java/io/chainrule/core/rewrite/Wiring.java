package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph in which the op and the operands of a node can be replaced by others that give the same value. */
final class Wiring {
    private final Graph graph;
    private final BitSet named;
    private final Op[] ops;
    private final int[][] operands;
    private final int[] classes;

    private record Structure(String op, Map<String, Object> attributes, List<Integer> operands) {}

    Wiring(Graph graph, BitSet named) {
        this.graph = graph;
        this.named = named;
        ops = new Op[graph.size()];
        operands = new int[graph.size()][];
        for (int i = 0; i < ops.length; i++) {
            ops[i] = graph.op(i);
            operands[i] = new int[graph.operandCount(i)];
            for (int k = 0; k < operands[i].length; k++) {
                operands[i][k] = graph.operand(i, k);
            }
        }
        classes = classes();
    }

    /** For each node, the first node of the same structure. */
    private int[] classes() {
        int[] found = new int[ops.length];
        Map<Structure, Integer> firsts = new HashMap<>();
        for (int i = 0; i < found.length; i++) {
            found[i] = i;
            if (!(ops[i] instanceof Leaf)) {
                List<Integer> read = Arrays.stream(operands[i]).mapToObj(operand -> found[operand]).toList();
                Integer first = firsts.putIfAbsent(new Structure(ops[i].name(), ops[i].attributes(), read), i);
                found[i] = first == null ? i : first;
            }
        }
        return found;
    }

    Op op(int node) {
        return ops[node];
    }

    int[] operands(int node) {
        return operands[node];
    }

    Shape shape(int node) {
        return graph.shape(node);
    }

    /**
     * Whether {@code node} can be read in place of {@code other}, because {@code other} has the same structure and no name. A named node is
     * not replaced, since the client may ask for its own gradient.
     */
    boolean standsFor(int node, int other) {
        return node == other || !named.get(other) && classes[node] == classes[other];
    }

    void replace(int node, Op op, int[] operandsOfOp) {
        ops[node] = op;
        operands[node] = operandsOfOp;
    }
}
