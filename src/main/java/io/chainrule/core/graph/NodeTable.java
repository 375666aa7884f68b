package io.chainrule.core.graph;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Nodes by their ids: a hash table of numbers of nodes with linear probing, which takes six bytes a node; a map with its entries takes more
 * than fifty.
 */
final class NodeTable {
    /** 2³² divided by the golden ratio: ids that differ in their last digit are spread over the table (Knuth, volume 3, §6.4). */
    private static final int SPREAD = 0x9E3779B9;

    private final IntFunction<String> ids;
    /** The node of each place, plus 1; 0 where there is none. */
    private final int[] nodes;

    /** An empty table for so many nodes, whose ids are {@code ids}. */
    NodeTable(int capacity, IntFunction<String> ids) {
        this.ids = ids;
        this.nodes = new int[capacity + capacity / 2 + 1];
    }

    /** Adds a node, in the place of one with the same id. */
    void put(int node) {
        nodes[place(ids.apply(node))] = node + 1;
    }

    @Nullable
    Integer find(String id) {
        int node = nodes[place(id)];
        return node == 0 ? null : Integer.valueOf(node - 1);
    }

    /** The place of the node with this id, or an empty one. */
    private int place(String id) {
        int place = (int) (Integer.toUnsignedLong(id.hashCode() * SPREAD) * nodes.length >>> Integer.SIZE);
        while (nodes[place] != 0 && !ids.apply(nodes[place] - 1).equals(id)) {
            place = place + 1 == nodes.length ? 0 : place + 1;
        }
        return place;
    }
}
