package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the known circuits of one graph by gates. Nodes are visited in topological order, so that circuits nested in a circuit have
 * become gates before it is compared. The last node of a circuit becomes the gate, and nodes that only the circuit read are removed. The
 * time is linear in the size of the graph.
 */
final class Closing {
    private final Graph graph;
    private final BitSet kept;
    private final Wiring wiring;
    private final int[] uses;
    private final BitSet gone = new BitSet();

    /**
     * @param kept nodes that must not disappear inside a gate; they may be the last node of a circuit
     * @param named nodes that have a name; they are never merged with another node of the same structure
     */
    Closing(Graph graph, Map<String, List<Pattern>> patterns, BitSet kept, BitSet named) {
        this.graph = graph;
        this.kept = kept;
        wiring = new Wiring(graph, named);
        uses = new int[graph.size()];
        for (int i = 0; i < uses.length; i++) {
            read(i, 1);
        }
        for (int i = 0; i < uses.length; i++) {
            while (closeAny(i, patterns)) {
                // A gate may end a larger circuit: softmax(x - max(x)) is softmax(x).
            }
        }
    }

    private boolean closeAny(int node, Map<String, List<Pattern>> patterns) {
        return patterns.getOrDefault(wiring.op(node).name(), List.of()).stream().anyMatch(pattern -> close(node, pattern));
    }

    private void read(int node, int times) {
        for (int operand : wiring.operands(node)) {
            uses[operand] += times;
        }
    }

    private boolean close(int node, Pattern pattern) {
        Match match = new Matcher(wiring, pattern).at(node);
        Op gate = match == null || !isPrivate(node, match.inside()) ? null : gate(node, pattern, match);
        if (match == null || gate == null) {
            return false;
        }
        int[] before = wiring.operands(node);
        wiring.replace(node, gate, match.operands());
        read(node, 1);
        release(before);
        return true;
    }

    /** Whether only nodes of the circuit read the nodes inside it. */
    private boolean isPrivate(int root, int[] members) {
        int[] reads = new int[members.length];
        countReads(root, members, reads);
        for (int reader : members) {
            countReads(reader, members, reads);
        }
        for (int i = 0; i < members.length; i++) {
            if (kept.get(members[i]) || reads[i] != uses[members[i]]) {
                return false;
            }
        }
        return true;
    }

    private void countReads(int reader, int[] members, int[] reads) {
        for (int operand : wiring.operands(reader)) {
            int position = Arrays.binarySearch(members, operand);
            if (position >= 0) {
                reads[position]++;
            }
        }
    }

    /** The gate whose result has the circuit's shape, or null. */
    private @Nullable Op gate(int node, Pattern pattern, Match match) {
        Shape[] shapes = Arrays.stream(match.operands()).mapToObj(graph::shape).toArray(Shape[]::new);
        for (Op gate : pattern.candidates(match.axes(), shapes[0].rank())) {
            if (gate.shape(shapes).equals(graph.shape(node))) {
                return gate;
            }
        }
        return null;
    }

    /** Decrements the number of readers of these nodes, and removes nodes without readers unless they are kept or inputs. */
    private void release(int[] read) {
        Deque<int[]> pending = new ArrayDeque<>();
        pending.push(read);
        while (!pending.isEmpty()) {
            for (int node : pending.pop()) {
                if (--uses[node] == 0 && !kept.get(node) && !(wiring.op(node) instanceof Leaf.Input)) {
                    gone.set(node);
                    pending.push(wiring.operands(node));
                }
            }
        }
    }

    Gates.Expansion result() {
        int[] image = new int[uses.length];
        int[] origin = new int[uses.length];
        GraphBuilder builder = GraphBuilder.withShapes();
        for (int i = 0; i < image.length; i++) {
            if (gone.get(i)) {
                image[i] = -1;
                continue;
            }
            int[] operands = Arrays.stream(wiring.operands(i)).map(operand -> image[operand]).toArray();
            image[i] = builder.add(wiring.op(i), graph.shape(i), operands);
            origin[image[i]] = i;
        }
        return new Gates.Expansion(builder.build(), image, Arrays.copyOf(origin, builder.size()));
    }
}
