package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;

/**
 * A topological order of nodes, by depth-first search without recursion. Nodes are placed in the written order, each after those of its
 * operands that are not placed yet, so that the written order is kept as far as possible. Edges that close a cycle are ignored, and the
 * first few cycles are recorded.
 */
final class NodeOrder {
    private static final byte ON_PATH = 1;
    private static final byte PLACED = 2;
    private static final int MAX_CYCLES = 10;

    private final int[] starts;
    private final int[] reads;
    private final byte[] states;
    private final int[] nextEdge;
    private final IntList path = new IntList();
    private final IntList placed = new IntList();
    private final List<Cycle> cycles = new ArrayList<>();

    /** A cycle of nodes. Each node reads the next one, and the last node reads the first one as its operand {@code edge}. */
    record Cycle(int[] nodes, int edge) {}

    /** Node i reads {@code reads[starts[i]]} to {@code reads[starts[i + 1] - 1]}; a negative entry is an operand that is not a node. */
    NodeOrder(int[] starts, int[] reads) {
        this.starts = starts;
        this.reads = reads;
        int size = starts.length - 1;
        states = new byte[size];
        nextEdge = new int[size];
        for (int node = 0; node < size; node++) {
            visit(node);
        }
    }

    int[] nodes() {
        return placed.toArray();
    }

    List<Cycle> cycles() {
        return cycles;
    }

    private void visit(int root) {
        enter(root);
        while (!path.isEmpty()) {
            int node = path.peek();
            int edge = starts[node] + nextEdge[node]++;
            if (edge == starts[node + 1]) {
                states[path.pop()] = PLACED;
                placed.push(node);
            } else if (reads[edge] >= 0) {
                enter(reads[edge]);
            }
        }
    }

    private void enter(int node) {
        if (states[node] == ON_PATH && cycles.size() < MAX_CYCLES) {
            int last = path.peek();
            int start = path.size() - 1;
            while (path.get(start) != node) {
                start--;
            }
            cycles.add(new Cycle(path.from(start), nextEdge[last] - 1));
        } else if (states[node] == 0) {
            states[node] = ON_PATH;
            path.push(node);
        }
    }
}
