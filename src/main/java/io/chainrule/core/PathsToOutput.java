package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The paths from the nodes of a program to its output, and what the graph alone tells of them. Thread-safe. */
public final class PathsToOutput {
    private static final int NONE = -1;

    private final Graph graph;
    private final int output;
    /**
     * For each node, the next node on a shortest path to the output; for the output, the output itself; −1 for nodes that do not reach it.
     */
    private final int[] next;
    /** Made on first use. */
    private volatile @Nullable Users users;
    private volatile int @Nullable [] flat;
    private volatile @Nullable List<Integer> stretched;

    /** The users of node i are {@code all[starts[i]]} up to {@code all[starts[i + 1]]}. */
    private record Users(int[] starts, int[] all) {}

    public PathsToOutput(NamedGraph program) {
        this(program.graph(), program.output());
    }

    PathsToOutput(Graph graph, int output) {
        this.graph = graph;
        this.output = output;
        this.next = new int[graph.size()];
        Arrays.fill(next, NONE);
        int[] lengths = new int[graph.size()];
        next[output] = output;
        for (int i = output; i >= 0; i--) {
            for (int k = 0; next[i] != NONE && k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                if (next[operand] == NONE || lengths[i] + 1 < lengths[operand]) {
                    next[operand] = i;
                    lengths[operand] = lengths[i] + 1;
                }
            }
        }
    }

    public boolean reaches(int node) {
        return next[node] != NONE;
    }

    /** The nodes on a shortest path from the node to the output, both included; the node alone if it does not reach the output. */
    public List<Integer> toOutput(int node) {
        List<Integer> way = new ArrayList<>(List.of(node));
        for (int at = node; next[at] != NONE && at != output; at = next[at]) {
            way.add(next[at]);
        }
        return way;
    }

    /** The nodes that read this node and reach the output. */
    public List<Integer> users(int node) {
        Users known = users;
        if (known == null) {
            known = allUsers();
            users = known;
        }
        List<Integer> distinct = new ArrayList<>();
        for (int i = known.starts[node]; i < known.starts[node + 1]; i++) {
            // A user that reads the node more than once has its entries next to each other.
            if (distinct.isEmpty() || distinct.getLast() != known.all[i]) {
                distinct.add(known.all[i]);
            }
        }
        return distinct;
    }

    /**
     * A node on a path from {@code node} to the output whose derivative by the path's operand is zero everywhere; −1 if there is none.
     */
    public int flatUse(int node) {
        int[] known = flat;
        if (known == null) {
            known = flatUses();
            flat = known;
        }
        return known[node];
    }

    private int[] flatUses() {
        int[] found = new int[graph.size()];
        Arrays.fill(found, NONE);
        for (int i = output; i >= 0; i--) {
            for (int k = 0; reaches(i) && k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                found[operand] = graph.op(i).ignores(k) ? i : found[operand] == NONE ? found[i] : found[operand];
            }
        }
        return found;
    }

    /**
     * The nodes on paths to the output that compare an array of shape (N,) with one of shape (N, 1): broadcasting makes N × N elements of
     * them.
     */
    public List<Integer> stretchedComparisons() {
        List<Integer> known = stretched;
        if (known == null) {
            known = IntStream.rangeClosed(0, output).filter(i -> reaches(i) && graph.operandCount(i) >= 2 && isStretched(i)).boxed()
                    .toList();
            stretched = known;
        }
        return known;
    }

    private boolean isStretched(int node) {
        Shape a = graph.shape(graph.operand(node, 0));
        Shape b = graph.shape(graph.operand(node, 1));
        return (isRow(a, b) || isRow(b, a)) && OpCatalogue.has(graph.op(node), Trait.COMPARES);
    }

    private static boolean isRow(Shape row, Shape column) {
        return row.rank() == 1 && row.dim(0) > 1 && column.rank() == 2 && column.dim(1) == 1 && column.dim(0) == row.dim(0);
    }

    private Users allUsers() {
        int[] ends = new int[graph.size() + 1];
        forEachUse((operand, _) -> ends[operand + 1]++);
        Arrays.parallelPrefix(ends, Integer::sum);
        int[] starts = ends.clone();
        int[] all = new int[ends[graph.size()]];
        forEachUse((operand, user) -> all[ends[operand]++] = user);
        return new Users(starts, all);
    }

    private interface Use {
        void of(int operand, int user);
    }

    private void forEachUse(Use use) {
        for (int i = 0; i <= output; i++) {
            for (int k = 0; reaches(i) && k < graph.operandCount(i); k++) {
                use.of(graph.operand(i, k), i);
            }
        }
    }
}
