package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Checkpoint;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds which entries of a Jacobian can be nonzero, from the graph alone, by propagating sets of input elements through it (Griewank and
 * Walther 2008, §7.1).
 */
final class Sparsity {
    private static final int CHECKS = 1 << 16;

    private final Graph graph;
    private final List<Integer> of;
    private final BitSet results = new BitSet();
    private final List<Integer> wrt;
    private final BitSet between;
    private final int width;
    private final EntryLimits limits;
    private final Checkpoint checkpoint;
    private final @Nullable ElementSets[] sets;
    private long held;
    private int told;

    private Sparsity(Graph graph, List<Integer> of, List<Integer> wrt, EntryLimits limits, Checkpoint checkpoint) {
        this.graph = graph;
        this.of = of;
        this.wrt = wrt;
        this.width = wrt.stream().mapToInt(node -> graph.shape(node).length()).sum();
        this.limits = limits;
        this.checkpoint = checkpoint;
        this.sets = new ElementSets[graph.size()];
        BitSet sources = new BitSet();
        wrt.forEach(sources::set);
        of.forEach(results::set);
        between = Activity.dependents(graph, graph.size(), sources);
        between.and(Activity.ancestors(graph, results));
    }

    /**
     * Returns, for each element of each of the nodes {@code of}, the elements of the nodes {@code wrt} that it can depend on, numbered
     * consecutively; null if sets would have more entries than {@code limits} allow. Those of {@code of} may have more than those of other
     * nodes, so that a refusal can say how many entries there are.
     */
    static @Nullable List<ElementSets> of(Graph graph, List<Integer> of, List<Integer> wrt, EntryLimits limits, Checkpoint checkpoint) {
        try {
            return new Sparsity(graph, of, wrt, limits, checkpoint).carry();
        } catch (TooManyException _) {
            return null;
        }
    }

    private List<ElementSets> carry() {
        int[] lastUses = lastUses();
        Map<Integer, ElementSets> own = own();
        for (int i = between.nextSetBit(0); i >= 0; i = between.nextSetBit(i + 1)) {
            checkpoint.check();
            long most = results.get(i) ? limits.held() : limits.ofNode();
            ElementSets found = union(i, own.get(i), most);
            check(found.entries(), most);
            sets[i] = found;
            held += found.entries();
            check(held, limits.held());
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                ElementSets read = of(operand);
                if (read != null && lastUses[operand] == i && !results.get(operand)) {
                    sets[operand] = null;
                    held -= read.entries();
                }
            }
        }
        return of.stream().map(node -> {
            ElementSets found = sets[node];
            return found != null ? found : new ElementSets(graph.shape(node).length(), width);
        }).toList();
    }

    /** The sets of the nodes {@code wrt} before those of their operands are added. */
    private Map<Integer, ElementSets> own() {
        Map<Integer, ElementSets> own = new HashMap<>();
        int offset = 0;
        for (int node : wrt) {
            ElementSets identity = ElementSets.identity(graph.shape(node).length(), offset, width);
            own.merge(node, identity, (all, again) -> {
                for (int i = 0; i < all.elements(); i++) {
                    all.add(i, again, i);
                }
                return all;
            });
            offset += identity.elements();
        }
        return own;
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

    /** The sets of a node's operands, and those that it has of its own. */
    private ElementSets union(int node, @Nullable ElementSets own, long most) {
        Union union = new Union(node, most);
        boolean isTold = graph.op(node).dependences(graph.operandShapes(node), graph.shape(node), union);
        ElementSets result = isTold ? union.result : all(node);
        for (int i = 0; own != null && i < own.elements(); i++) {
            result.add(i, own, i);
        }
        return result;
    }

    /** Unites the sets of a node's operands into the sets of the node. */
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
