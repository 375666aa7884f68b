package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Checkpoint;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds which entries of a Jacobian can be nonzero, from the graph alone, by propagating sets of input elements through it (Griewank and
 * Walther 2008, §7.1).
 */
final class Sparsity {
    private static final int CHECKS = 1 << 16;
    /** All sets that are held at once may have this many times the entries that one node may have. */
    private static final int HELD = 8;

    private final Graph graph;
    private final BitSet between;
    private final int width;
    private final long maxEntries;
    private final Checkpoint checkpoint;
    private final @Nullable ElementSets[] sets;
    private long held;
    private int told;

    private Sparsity(Graph graph, BitSet between, int width, long maxEntries, Checkpoint checkpoint) {
        this.graph = graph;
        this.between = between;
        this.width = width;
        this.maxEntries = maxEntries;
        this.checkpoint = checkpoint;
        this.sets = new ElementSets[graph.size()];
    }

    /**
     * Returns, for each element of {@code of}, the elements of {@code wrt} that it can depend on; null if the sets of a node in between
     * would have more than {@code maxEntries} entries together. The sets of {@code of} may have more, so that a refusal can say how many
     * entries there are.
     */
    static @Nullable ElementSets of(Graph graph, int of, int wrt, long maxEntries, Checkpoint checkpoint) {
        BitSet sources = new BitSet();
        sources.set(wrt);
        BitSet results = new BitSet();
        results.set(of);
        BitSet between = Activity.dependents(graph, graph.size(), sources);
        between.and(Activity.ancestors(graph, results));
        try {
            return new Sparsity(graph, between, graph.shape(wrt).length(), maxEntries, checkpoint).carry(of, wrt);
        } catch (TooManyException _) {
            return null;
        }
    }

    private ElementSets carry(int of, int wrt) {
        int[] lastUses = lastUses();
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            checkpoint.check();
            long most = i == of ? HELD * maxEntries : maxEntries;
            ElementSets found = i == wrt ? ElementSets.identity(width) : union(i, most);
            check(found.entries(), most);
            sets[i] = found;
            held += found.entries();
            check(held, HELD * maxEntries);
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                ElementSets read = of(operand);
                if (read != null && lastUses[operand] == i && operand != of) {
                    sets[operand] = null;
                    held -= read.entries();
                }
            }
        }
        ElementSets result = sets[of];
        return result != null ? result : new ElementSets(graph.shape(of).length(), width);
    }

    private static void check(long entries, long most) {
        if (entries > most) {
            throw new TooManyException();
        }
    }

    private int[] lastUses() {
        int[] lastUses = new int[graph.size()];
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                lastUses[graph.operand(i, k)] = i;
            }
        }
        return lastUses;
    }

    /** Thrown when sets become too large to be worth propagating. */
    private static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException() {
            super(null, null, false, false);
        }
    }

    private ElementSets union(int node, long most) {
        Union union = new Union(node, most);
        boolean isTold = graph.op(node).dependences(graph.operandShapes(node), graph.shape(node), union);
        return isTold ? union.result : all(node);
    }

    /** Makes the sets of a node from those of its operands. */
    private final class Union implements Op.Dependence {
        private final int node;
        private final long most;
        private final ElementSets result;

        Union(int node, long most) {
            this.node = node;
            this.most = most;
            this.result = new ElementSets(graph.shape(node).length(), width);
        }

        @Override
        public void between(int operand, int from, int to) {
            ElementSets read = of(graph.operand(node, operand));
            if (read != null) {
                add(to, read, from);
            }
        }

        @Override
        public void all(int operand, Op.Line from, Op.Line to) {
            ElementSets read = of(graph.operand(node, operand));
            if (read == null) {
                return;
            }
            ElementSets together = new ElementSets(1, width);
            for (int i = 0; i < from.count(); i++) {
                together.add(0, read, from.element(i));
                tell();
            }
            for (int i = 0; i < to.count(); i++) {
                add(to.element(i), together, 0);
            }
        }

        private void add(int element, ElementSets source, int from) {
            result.add(element, source, from);
            check(result.entries(), most);
            tell();
        }

        private void tell() {
            if (++told % CHECKS == 0) {
                checkpoint.check();
            }
        }
    }

    /** The sets of an op whose every result element may depend on every operand element. */
    private ElementSets all(int node) {
        ElementSets all = new ElementSets(1, width);
        for (int k = 0; k < graph.operandCount(node); k++) {
            ElementSets operand = of(graph.operand(node, k));
            for (int i = 0; operand != null && i < operand.elements(); i++) {
                all.add(0, operand, i);
            }
        }
        ElementSets result = new ElementSets(graph.shape(node).length(), width);
        for (int i = 0; i < result.elements(); i++) {
            result.add(i, all, 0);
        }
        return result;
    }

    private @Nullable ElementSets of(int node) {
        return sets[node];
    }
}
