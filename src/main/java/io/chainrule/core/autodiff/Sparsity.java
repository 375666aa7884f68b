package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a Jacobian can be other than zero, found from the graph alone: sets of input elements are carried
 * along it (Griewank and Walther 2008, §7.1).
 */
final class Sparsity {
    private static final int[] EMPTY = {};

    private final Graph graph;
    private final int[] @Nullable [][] sets;
    private final long maxEntries;
    private final Checkpoint checkpoint;
    private long entries;

    private Sparsity(Graph graph, long maxEntries, Checkpoint checkpoint) {
        this.graph = graph;
        this.maxEntries = maxEntries;
        this.checkpoint = checkpoint;
        this.sets = new int[graph.size()][][];
    }

    /**
     * Per element of {@code of} the elements of {@code wrt} that it can depend on, sorted; empty where there are so many
     * that looking for them costs more than it saves.
     */
    static Optional<int[][]> of(Graph graph, int of, int wrt, long maxEntries, Checkpoint checkpoint) {
        BitSet sources = new BitSet();
        sources.set(wrt);
        BitSet results = new BitSet();
        results.set(of);
        BitSet between = Activity.dependents(graph, graph.size(), sources);
        between.and(Activity.ancestors(graph, results));
        return new Sparsity(graph, maxEntries, checkpoint).carry(of, wrt, between);
    }

    private Optional<int[][]> carry(int of, int wrt, BitSet between) {
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            checkpoint.check();
            int[][] found = i == wrt ? identity(graph.shape(i).length()) : union(i, between);
            for (int[] set : found) {
                entries += set.length;
            }
            if (entries > maxEntries) {
                return Optional.empty();
            }
            sets[i] = found;
        }
        int[][] result = sets[of];
        return Optional.of(result != null ? result : none(graph.shape(of).length()));
    }

    private static int[][] identity(int n) {
        int[][] identity = new int[n][];
        for (int i = 0; i < n; i++) {
            identity[i] = new int[]{i};
        }
        return identity;
    }

    private static int[][] none(int n) {
        int[][] none = new int[n][];
        Arrays.fill(none, EMPTY);
        return none;
    }

    private int[][] union(int node, BitSet between) {
        int[][] result = none(graph.shape(node).length());
        boolean told = graph.op(node).dependences(graph.operandShapes(node), graph.shape(node), (operand, from, to) -> {
            int[][] set = between.get(graph.operand(node, operand)) ? sets[graph.operand(node, operand)] : null;
            if (set != null) {
                result[to] = merge(result[to], set[from]);
            }
        });
        if (!told) {
            int[] all = EMPTY;
            for (int k = 0; k < graph.operandCount(node); k++) {
                int[][] operand = between.get(graph.operand(node, k)) ? sets[graph.operand(node, k)] : null;
                for (int[] set : operand == null ? none(0) : operand) {
                    all = merge(all, set);
                }
            }
            Arrays.fill(result, all);
        }
        return result;
    }

    private static int[] merge(int[] a, int[] b) {
        if (a.length == 0 || b.length == 0 || Arrays.equals(a, b)) {
            return a.length == 0 ? b : a;
        }
        int[] merged = new int[a.length + b.length];
        int n = 0;
        for (int i = 0, j = 0; i < a.length || j < b.length;) {
            int next = j == b.length || i < a.length && a[i] <= b[j] ? a[i] : b[j];
            i += i < a.length && a[i] == next ? 1 : 0;
            j += j < b.length && b[j] == next ? 1 : 0;
            merged[n++] = next;
        }
        return n == a.length ? a : Arrays.copyOf(merged, n);
    }
}
