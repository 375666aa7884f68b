package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import java.util.Arrays;
import java.util.List;

/**
 * The elements of several nodes, numbered consecutively, one node after the other.
 *
 * @param offsets the first element's number for each node, followed by the total number of elements
 */
record Elements(int[] offsets) {

    static Elements of(Graph graph, List<Integer> nodes) {
        int[] offsets = new int[nodes.size() + 1];
        for (int i = 0; i < nodes.size(); i++) {
            offsets[i + 1] = offsets[i] + graph.shape(nodes.get(i)).length();
        }
        return new Elements(offsets);
    }

    int nodes() {
        return offsets.length - 1;
    }

    /** The number of a node's first element; for the node after the last, the number of all elements. */
    int offset(int node) {
        return offsets[node];
    }

    int length(int node) {
        return offsets[node + 1] - offsets[node];
    }

    /** Returns which of the nodes an element belongs to, as a position in their list. Nodes without elements are skipped. */
    int node(int element) {
        int at = Arrays.binarySearch(offsets, element + 1);
        int node = (at >= 0 ? at : -at - 1) - 1;
        while (offsets[node] > element || offsets[node + 1] <= element) {
            node += offsets[node] > element ? -1 : 1;
        }
        return node;
    }
}
