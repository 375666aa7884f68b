package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a Jacobian can be other than zero, found from the graph alone: sets of input elements are carried
 * along it (Griewank and Walther 2008, §7.1).
 */
final class Sparsity {
    private static final int[] EMPTY = {};

    private final Graph graph;
    private static final int CHECKS = 1 << 16;
    /** How many times the entries of one node may be held at once. */
    private static final int HELD = 8;

    private final int[] @Nullable [][] sets;
    /** By node how many entries its sets have, until nothing reads them any more. */
    private final long[] held;
    private final long maxEntries;
    private final Checkpoint checkpoint;
    private long entries;
    private long total;
    private int told;

    private Sparsity(Graph graph, long maxEntries, Checkpoint checkpoint) {
        this.graph = graph;
        this.maxEntries = maxEntries;
        this.checkpoint = checkpoint;
        this.sets = new int[graph.size()][][];
        this.held = new long[graph.size()];
    }

    /**
     * Per element of {@code of} the elements of {@code wrt} that it can depend on, sorted; every one of them where those
     * of a node on the way would have more than {@code maxEntries} together.
     */
    static int[][] of(Graph graph, int of, int wrt, long maxEntries, Checkpoint checkpoint) {
        BitSet sources = new BitSet();
        sources.set(wrt);
        BitSet results = new BitSet();
        results.set(of);
        BitSet between = Activity.dependents(graph, graph.size(), sources);
        between.and(Activity.ancestors(graph, results));
        try {
            return new Sparsity(graph, maxEntries, checkpoint).carry(of, wrt, between);
        } catch (TooManyException _) {
            return full(graph.shape(of).length(), graph.shape(wrt).length());
        }
    }

    /** Rows that share one set of all columns. */
    private static int[][] full(int rows, int columns) {
        int[] all = new int[columns];
        Arrays.setAll(all, i -> i);
        int[][] dense = new int[rows][];
        Arrays.fill(dense, all);
        return dense;
    }

    private int[][] carry(int of, int wrt, BitSet between) {
        int[] lastUses = lastUses(between);
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            checkpoint.check();
            int[][] found = i == wrt ? identity(graph.shape(i).length()) : union(i, between);
            entries = 0;
            for (int[] set : found) {
                count(set.length);
            }
            sets[i] = found;
            held[i] = entries;
            total += entries;
            if (total > HELD * maxEntries) {
                throw new TooManyException();
            }
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                if (between.get(operand) && lastUses[operand] == i && operand != of && sets[operand] != null) {
                    sets[operand] = null;
                    total -= held[operand];
                }
            }
        }
        int[][] result = sets[of];
        return result != null ? result : none(graph.shape(of).length());
    }

    private void count(int more) {
        entries += more;
        if (entries > maxEntries) {
            throw new TooManyException();
        }
    }

    private int[] lastUses(BitSet between) {
        int[] lastUses = new int[graph.size()];
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                lastUses[graph.operand(i, k)] = i;
            }
        }
        return lastUses;
    }

    /** Tells that sets have become too large to be worth carrying. */
    private static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException() {
            super(null, null, false, false);
        }
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
        SetBuilder[] result = new SetBuilder[graph.shape(node).length()];
        Arrays.setAll(result, i -> new SetBuilder());
        entries = 0;
        boolean isTold = graph.op(node).dependences(graph.operandShapes(node), graph.shape(node), (operand, from, to) -> {
            int[][] set = of(graph.operand(node, operand), between);
            if (set != null) {
                int before = result[to].size;
                result[to].add(set[from]);
                count(result[to].size - before);
            }
            if (++told % CHECKS == 0) {
                checkpoint.check();
            }
        });
        return isTold ? Arrays.stream(result).map(SetBuilder::set).toArray(int[][]::new) : all(node, between);
    }

    private int[][] all(int node, BitSet between) {
        SetBuilder all = new SetBuilder();
        for (int k = 0; k < graph.operandCount(node); k++) {
            int[][] operand = of(graph.operand(node, k), between);
            for (int[] set : operand == null ? none(0) : operand) {
                all.add(set);
            }
        }
        int[][] result = none(graph.shape(node).length());
        Arrays.fill(result, all.set());
        return result;
    }

    private int @Nullable [][] of(int node, BitSet between) {
        return between.get(node) ? sets[node] : null;
    }

    /** A sorted set that grows; it shares the array of the only set that was added. */
    private static final class SetBuilder {
        private int[] elements = EMPTY;
        private int size;
        private boolean shared = true;

        void add(int[] set) {
            if (set.length == 0) {
                return;
            }
            if (size == 0) {
                elements = set;
                size = set.length;
                shared = true;
            } else if (set[0] > elements[size - 1]) {
                append(set);
            } else if (!contains(set)) {
                merge(set);
            }
        }

        private void append(int[] set) {
            if (shared || size + set.length > elements.length) {
                elements = Arrays.copyOf(elements, size + Math.max(set.length, size));
                shared = false;
            }
            System.arraycopy(set, 0, elements, size, set.length);
            size += set.length;
        }

        private boolean contains(int[] set) {
            for (int element : set) {
                if (Arrays.binarySearch(elements, 0, size, element) < 0) {
                    return false;
                }
            }
            return true;
        }

        private void merge(int[] set) {
            int[] merged = new int[size + set.length];
            int n = 0;
            for (int i = 0, j = 0; i < size || j < set.length;) {
                int next = j == set.length || i < size && elements[i] <= set[j] ? elements[i] : set[j];
                i += i < size && elements[i] == next ? 1 : 0;
                j += j < set.length && set[j] == next ? 1 : 0;
                merged[n++] = next;
            }
            elements = merged;
            size = n;
            shared = false;
        }

        int[] set() {
            return size == elements.length ? elements : Arrays.copyOf(elements, size);
        }
    }
}
