package io.chainrule.core.execution;

import java.util.BitSet;

/** Finds the first of some nodes, in the order of the run, whose value is not finite. */
public final class Watch {
    private final BitSet nodes;
    private int first = -1;

    public Watch(BitSet nodes) {
        this.nodes = nodes;
    }

    void look(int node, Executor executor) {
        if (first < 0 && nodes.get(node) && !executor.isFinite(node)) {
            first = node;
        }
    }

    /** The node, or −1 where all were finite. */
    public int first() {
        return first;
    }
}
