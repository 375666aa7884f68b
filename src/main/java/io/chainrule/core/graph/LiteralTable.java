package io.chainrule.core.graph;

import java.util.Arrays;

/**
 * Maps numbers, by their bits, to the nodes that stand for them: a hash table with open addressing, which needs no object for each number.
 */
final class LiteralTable {
    static final int NONE = -1;

    private long[] bits = new long[16];
    private int[] nodes = new int[16];
    private int size;

    LiteralTable() {
        Arrays.fill(nodes, NONE);
    }

    int size() {
        return size;
    }

    /** The node that stands for a number; {@link #NONE} if there is none. */
    int find(double value) {
        return nodes[place(Double.doubleToRawLongBits(value))];
    }

    /** Adds the node that stands for a number, which must have none yet. */
    void add(double value, int node) {
        if (2 * size >= nodes.length) {
            grow();
        }
        long key = Double.doubleToRawLongBits(value);
        int at = place(key);
        bits[at] = key;
        nodes[at] = node;
        size++;
    }

    /** The slot of a number, or the empty slot where it would go. */
    private int place(long key) {
        int at = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & nodes.length - 1;
        while (nodes[at] != NONE && bits[at] != key) {
            at = at + 1 & nodes.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldBits = bits;
        int[] oldNodes = nodes;
        bits = new long[2 * oldBits.length];
        nodes = new int[bits.length];
        Arrays.fill(nodes, NONE);
        for (int i = 0; i < oldNodes.length; i++) {
            if (oldNodes[i] != NONE) {
                int at = place(oldBits[i]);
                bits[at] = oldBits[i];
                nodes[at] = oldNodes[i];
            }
        }
    }
}
