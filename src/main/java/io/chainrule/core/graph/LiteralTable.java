package io.chainrule.core.graph;

import java.util.Arrays;

/** Which node stands for a number, by its bits: a hash table with open addressing, which makes no object a number. */
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

    /** The node of a number; {@link #NONE} where it has none. */
    int find(double value) {
        return nodes[place(Double.doubleToRawLongBits(value))];
    }

    /** Lets a node stand for a number that has none yet. */
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

    /** Where a number stands, or would. */
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
