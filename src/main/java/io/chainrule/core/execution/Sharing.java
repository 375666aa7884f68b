package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the nodes that need no computation, because another node's array has their elements: nodes that repeat an earlier node, reshapes,
 * slopes (whose value is given as an operand), parts of an array that are what was joined to make it, and transposes and broadcasts whose
 * readers can all read the operand's array instead. Every scalar is computed, which costs less than this search. Each value has the same
 * bits as without sharing, with one exception: equations with Aᵀ are always solved by the factors of A, which round differently from
 * factors of Aᵀ. This does not depend on what else is computed.
 */
final class Sharing {
    private final Graph graph;
    /** The same nodes; each use of an operand names the node whose array is read. */
    private final Graph read;
    /** For each node, the node whose array has its elements; null if every node has an array of its own. */
    private final int @Nullable [] holders;
    private final BitSet executed;
    /** The uses that read an array in which the operand's last two axes are swapped. */
    private final BitSet swapped = new BitSet();

    /** Nodes with equal keys have equal values; see {@link Op#attributes}. */
    private record Computation(Class<?> op, String name, Map<String, Object> attributes, List<Integer> operands) {
        Computation(Op op, int[] operands) {
            this(op.getClass(), op.name(), op.attributes(), Arrays.stream(operands).boxed().toList());
        }
    }

    /**
     * Adds to {@code kept} the nodes whose arrays have the elements of kept nodes, and nodes before {@code repeatFrom} that are read by
     * nodes from there on. Removes from {@code needed} the nodes that no result needs any more.
     */
    Sharing(Graph graph, BitSet needed, BitSet kept, int repeatFrom, Checkpoint checkpoint) {
        this.graph = graph;
        this.executed = (BitSet) needed.clone();
        boolean hasArrays = needed.stream().anyMatch(node -> !graph.isLeaf(node) && !graph.shape(node).isScalar());
        if (!hasArrays) {
            read = graph;
            holders = null;
        } else {
            holders = new int[graph.size()];
            Arrays.setAll(holders, node -> node);
            int[] operands = new int[graph.useCount()];
            share(needed, kept, holders, operands, checkpoint);
            read = graph.withOperands(operands);
        }
        removeUnread(kept, repeatFrom);
        if (holders != null) {
            findHoldersOfUnread(needed, holders);
        }
    }

    /**
     * Gives the operand's array to transposes and broadcasts that nothing reads any more, so that their values can still be checked. Other
     * nodes that nothing reads are not needed.
     */
    private void findHoldersOfUnread(BitSet needed, int[] found) {
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            if (!graph.isLeaf(i) && !executed.get(i)) {
                boolean isMoved = found[i] == i && (swaps(i) || graph.op(i).isStretched());
                found[i] = found[isMoved ? graph.operand(i, 0) : found[i]];
                needed.set(i, graph.isLeaf(found[i]) || executed.get(found[i]));
            }
        }
    }

    private void share(BitSet needed, BitSet kept, int[] found, int[] operands, Checkpoint checkpoint) {
        int[] equal = found.clone();
        Map<Computation, Integer> known = new HashMap<>();
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            checkpoint.check();
            for (int k = 0; k < graph.operandCount(i); k++) {
                operands[graph.use(i, k)] = equal[graph.operand(i, k)];
            }
            if (graph.isLeaf(i) || graph.shape(i).isScalar()) {
                continue;
            }
            int[] own = Arrays.copyOfRange(operands, graph.use(i, 0), graph.use(i, graph.operandCount(i)));
            Op op = graph.op(i);
            Integer earlier = known.putIfAbsent(new Computation(op, own), i);
            if (earlier != null) {
                equal[i] = earlier;
                found[i] = mayShare(found[earlier], kept.get(i)) ? found[earlier] : i;
            } else if (op.isView() && graph.shape(i).size() == graph.shape(own[0]).size() && mayShare(found[own[0]], kept.get(i))) {
                found[i] = found[own[0]];
                equal[i] = graph.shape(i).equals(graph.shape(own[0])) ? own[0] : i;
            } else if (undone(op, own) >= 0 && mayShare(found[operands[graph.use(own[0], undone(op, own))]], kept.get(i))) {
                equal[i] = operands[graph.use(own[0], undone(op, own))];
                found[i] = found[equal[i]];
            } else {
                for (int k = 0; k < own.length; k++) {
                    if (op.readsSwapped(k) && swaps(own[k])) {
                        readSwapped(i, k, own[k], operands);
                    } else if (op instanceof Elementwise && own.length > 1 && canReadBefore(own[k])) {
                        operands[graph.use(i, k)] = operands[graph.use(own[k], 0)];
                    }
                }
            }
        }
        needed.stream().filter(node -> kept.get(node)).forEach(node -> kept.set(found[node]));
    }

    /**
     * Lets a node read what was transposed for its operand, once or several times: what it reads must not depend on which nodes are kept.
     */
    private void readSwapped(int node, int k, int operand, int[] operands) {
        int use = graph.use(node, k);
        for (int read = operand; swaps(read); read = operands[graph.use(read, 0)]) {
            operands[use] = operands[graph.use(read, 0)];
            swapped.flip(use);
        }
    }

    /** Whether a node is a broadcast whose operand an elementwise op can read instead, broadcasting it itself. */
    private boolean canReadBefore(int node) {
        return graph.op(node).isStretched() && !graph.shape(node).isScalar() && graph.shape(node).size() > 0;
    }

    /** The operand of its own operand that a node is equal to, because its op undoes what that operand's op did; −1 if there is none. */
    private int undone(Op op, int[] operands) {
        if (operands.length != 1 || graph.isLeaf(operands[0])) {
            return -1;
        }
        boolean isSwappedBack = op.swapsLastAxes(graph.shape(operands[0])) && swaps(operands[0]);
        return isSwappedBack ? 0 : op.selects(graph.op(operands[0]), graph.operandShapes(operands[0]));
    }

    /** Whether a node is its operand with the last two axes swapped. */
    private boolean swaps(int node) {
        return graph.operandCount(node) == 1 && graph.op(node).swapsLastAxes(graph.shape(graph.operand(node, 0)));
    }

    /**
     * Whether a node may use this array. A scalar has none, and a result must not be an input's or constant's array, to which callers may
     * write.
     */
    private boolean mayShare(int holder, boolean isResult) {
        return !graph.shape(holder).isScalar() && !(isResult && graph.op(holder) instanceof Leaf);
    }

    /** Removes nodes from those that are executed unless their values are kept or read. */
    private void removeUnread(BitSet kept, int repeatFrom) {
        BitSet wanted = new BitSet(graph.size());
        for (int i = executed.length() - 1; i >= 0; i = executed.previousSetBit(i - 1)) {
            if (graph.isLeaf(i) || holder(i) != i || !wanted.get(i) && !kept.get(i)) {
                executed.clear(i);
            } else {
                for (int k = 0; k < graph.operandCount(i); k++) {
                    int holder = holder(read.operand(i, k));
                    wanted.set(holder);
                    if (i >= repeatFrom && holder < repeatFrom) {
                        kept.set(holder);
                    }
                }
            }
        }
    }

    /** The graph in which each operand is the node whose array is read. */
    Graph read() {
        return read;
    }

    /** The nodes that are computed, without leaves. */
    BitSet executed() {
        return executed;
    }

    /** The nodes whose arrays have the elements of {@code nodes}. */
    BitSet holders(BitSet nodes) {
        if (holders == null) {
            return nodes;
        }
        BitSet found = new BitSet();
        nodes.stream().map(this::holder).forEach(found::set);
        return found;
    }

    /** The node whose array has the elements of this node. */
    int holder(int node) {
        return holders == null ? node : holders[node];
    }

    /** The kernel that computes a node from the arrays that are read for its operands. */
    Kernel kernel(int node) {
        Op op = graph.op(node);
        Shape[] shapes = op instanceof Elementwise ? read.operandShapes(node) : graph.operandShapes(node);
        return op.prepareSwapped(shapes, graph.shape(node), swapped(node));
    }

    /** For each operand of a node, whether the array that is read for it has the operand's last two axes swapped. */
    private boolean[] swapped(int node) {
        boolean[] each = new boolean[graph.operandCount(node)];
        for (int k = 0; k < each.length; k++) {
            each[k] = swapped.get(graph.use(node, k));
        }
        return each;
    }
}
