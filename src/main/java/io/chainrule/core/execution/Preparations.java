package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Preparation;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds which nodes read the result of the same preparation. The first of them has it computed; it lives until the last has read it. */
final class Preparations {
    private final Map<Integer, List<Integer>> readers = new HashMap<>();

    /** Nodes with equal keys read the same result. */
    private record Key(Preparation preparation, int holder, int lastAxis) {}

    Preparations(Sharing sharing) {
        Graph graph = sharing.read();
        BitSet executed = sharing.executed();
        Map<Key, List<Integer>> known = new HashMap<>();
        for (int i = executed.nextSetBit(0); i >= 0; i = executed.nextSetBit(i + 1)) {
            Preparation preparation = graph.op(i).preparation();
            if (preparation != null && graph.shape(i).size() > 0) {
                int operand = graph.operand(i, 0);
                Key key = new Key(preparation, sharing.holder(operand), graph.shape(operand).last());
                List<Integer> together = known.computeIfAbsent(key, _ -> new ArrayList<>());
                together.add(i);
                readers.put(i, together);
            }
        }
    }

    boolean has(int node) {
        return readers.containsKey(node);
    }

    /** The first node that reads what this one reads. */
    int first(int node) {
        return all(node).getFirst();
    }

    int last(int node) {
        return all(node).getLast();
    }

    private List<Integer> all(int node) {
        return Objects.requireNonNull(readers.get(node));
    }

    /** The nodes that read what an earlier node had computed. */
    BitSet spared() {
        BitSet spared = new BitSet();
        readers.keySet().stream().filter(node -> first(node) != node).forEach(spared::set);
        return spared;
    }
}
