package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a run does: a list of instructions, the array that holds each value, and what is checked. Scalars share one array, which has an
 * entry for each node; {@link Buffers} assigns arrays to larger values. A plan is immutable and holds no input values, so any number of
 * threads may run it at the same time.
 */
public final class Plan {
    /** Each node has a double, its initial scalar, and an int, its slot. */
    private static final long BYTES_A_NODE = 12;
    /** An entry of a {@link ScalarCode} has a reference of 4 bytes, a code of 1 byte and four ints. */
    private static final long BYTES_A_SCALAR = 21;
    /** An estimate for an instruction with its kernel, which holds a few small arrays. */
    private static final long BYTES_A_CALL = 300;

    private final Graph graph;
    private final BitSet needed;
    private final BitSet computed;
    private final BitSet kept;
    private final BitSet followers;
    private final Sharing sharing;
    private final Checks checks;
    private final BitSet watched;
    private final BitSet watchedForZeros;
    private final int[] watchedLeaves;
    private final int[] checkedScalars;
    private final Instruction[] once;
    private final Instruction[] repeated;
    private final int[] slots;
    private final int leaves;
    private final int[] bufferLengths;
    /** The scalars at the start of a run, in which literals and constants are set. */
    private final double[] scalars;
    private final double[][] arrays;

    private Plan(Graph graph, BitSet needed, BitSet kept, int repeatFrom, Checks checks) {
        this.graph = graph;
        this.needed = needed;
        this.kept = kept;
        this.sharing = new Sharing(graph, needed, kept, repeatFrom);
        this.computed = (BitSet) needed.clone();
        InstructionList list = new InstructionList(graph, needed, kept, sharing, repeatFrom);
        this.followers = list.followers();
        this.slots = list.buffers().slots();
        this.leaves = list.buffers().leaves();
        this.scalars = new double[graph.size()];
        double[][] constants = new double[leaves][];
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            if (graph.isLeaf(i)) {
                computed.clear(i);
                placeConstant(i, constants);
            }
        }
        this.once = list.once();
        this.repeated = list.repeated();
        list.buffers().finish(needed);
        this.bufferLengths = list.buffers().lengths();
        this.arrays = Arrays.copyOf(constants, leaves + bufferLengths.length);
        this.checks = checks.within(computed);
        this.watched = holders(this.checks.finite());
        this.watchedForZeros = holders(this.checks.zeros());
        this.watchedLeaves = watched.stream().filter(node -> graph.isLeaf(node) && slots[node] != Buffers.NONE).toArray();
        this.checkedScalars = scalarsAmong(watched);
    }

    private int[] scalarsAmong(BitSet nodes) {
        int[] found = new int[nodes.cardinality()];
        int count = 0;
        for (int i = nodes.nextSetBit(0); i >= 0; i = nodes.nextSetBit(i + 1)) {
            if (slots[i] == Buffers.NONE) {
                found[count++] = i;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private void placeConstant(int leaf, double[][] constants) {
        if (graph.op(leaf) instanceof Leaf.Literal literal) {
            scalars[leaf] = literal.value();
        } else if (graph.op(leaf) instanceof Leaf.Constant(Tensor value)) {
            if (value.shape().isScalar()) {
                scalars[leaf] = value.item();
            } else {
                constants[slots[leaf]] = value.data();
            }
        }
    }

    /** A plan that computes {@code results}, whose values can be read after the run. */
    public static Plan of(Graph graph, BitSet results) {
        return of(graph, results, Checks.NONE);
    }

    /** A plan that also checks computed values. Checks of leaves, or of nodes that no result needs, are left out. */
    public static Plan of(Graph graph, BitSet results, Checks checks) {
        return repeating(graph, results, graph.size(), checks);
    }

    /** A plan whose nodes from {@code repeatFrom} on can be run repeatedly on the same values of the nodes before them. */
    public static Plan repeating(Graph graph, BitSet results, int repeatFrom, Checks checks) {
        BitSet needed = new BitSet(graph.size());
        needed.or(results);
        BitSet kept = (BitSet) results.clone();
        for (int i = needed.length() - 1; i >= 0; i = needed.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                needed.set(graph.operand(i, k));
            }
        }
        return new Plan(graph, needed, kept, repeatFrom, checks);
    }

    public Graph graph() {
        return graph;
    }

    /** The nodes that are computed or supplied. */
    public BitSet needed() {
        return needed;
    }

    /** The needed nodes that are not leaves. */
    BitSet computed() {
        return computed;
    }

    public boolean isKept(int node) {
        return kept.get(node);
    }

    /** Whether a node has a computation of its own: it shares no earlier node's array, and is not computed together with one. */
    boolean isComputedAlone(int node) {
        return sharing.executed().get(node) && !followers.get(node);
    }

    /** The node whose array has the elements of this node, which may be the node itself. */
    int holder(int node) {
        return sharing.holder(node);
    }

    /** The nodes whose arrays have the elements of {@code nodes}. */
    BitSet holders(BitSet nodes) {
        return sharing.holders(nodes);
    }

    /** The instructions that run once, in this order. */
    Instruction[] once() {
        return once;
    }

    /** The instructions that run after {@link #once}, as often as needed. */
    Instruction[] repeated() {
        return repeated;
    }

    public Checks checks() {
        return checks;
    }

    /** The nodes whose arrays are checked for being finite. */
    BitSet watched() {
        return watched;
    }

    /** The {@link #watched} nodes that are leaves, whose arrays no instruction checks. */
    int[] watchedLeaves() {
        return watchedLeaves;
    }

    /** The nodes whose arrays are checked for being zero. */
    BitSet watchedForZeros() {
        return watchedForZeros;
    }

    /** The scalars that are checked for being finite, in order. */
    int[] checkedScalars() {
        return checkedScalars;
    }

    /** The slot of the array that holds a node's value; {@link Buffers#NONE} for scalars and for nodes that are not needed. */
    int slot(int node) {
        return slots[node];
    }

    /** The number of buffers; their slots follow those of leaves. */
    int bufferCount() {
        return bufferLengths.length;
    }

    int bufferLength(int buffer) {
        return bufferLengths[buffer];
    }

    /** The number of the buffer in a slot; negative for a leaf's array. */
    int buffer(int slot) {
        return slot - leaves;
    }

    /** An estimate of the memory of the plan, without its graph. */
    public long bytes() {
        long bytes = graph.size() * BYTES_A_NODE;
        for (Instruction[] part : new Instruction[][]{once, repeated}) {
            for (Instruction instruction : part) {
                bytes += switch (instruction) {
                    case Instruction.ScalarBlock block -> (long) block.size() * BYTES_A_SCALAR;
                    case Instruction.BlockCall(BlockRun run) -> BYTES_A_CALL * run.nodes().length;
                    default -> BYTES_A_CALL;
                };
            }
        }
        return bytes;
    }

    /** The memory that the largest block run takes beside the buffers. */
    long registerBytes() {
        return Stream.of(once, repeated).flatMap(Arrays::stream)
                .mapToLong(instruction -> instruction instanceof Instruction.BlockCall(BlockRun run) ? run.bytes() : 0).max().orElse(0);
    }

    /** The number of instructions, and what they run. */
    @Override
    public String toString() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        Stream.of(once, repeated).flatMap(Arrays::stream).forEach(instruction -> {
            switch (instruction) {
                case Instruction.ScalarBlock block -> counts.merge("scalar", block.size(), Integer::sum);
                case Instruction.BlockCall(BlockRun run) -> counts.merge("blocks", run.nodes().length, Integer::sum);
                case Instruction.KernelCall call -> counts.merge(graph.op(call.node()).name(), 1, Integer::sum);
                case Instruction.FactoringCall call -> counts.merge(graph.op(call.nodes()[0]).name(), 1, Integer::sum);
            }
        });
        return once.length + repeated.length + " instructions " + counts;
    }

    double[] initialScalars() {
        return scalars.clone();
    }

    double[][] initialArrays() {
        return hasArrays() ? arrays.clone() : arrays;
    }

    /** Whether any value is an array. */
    boolean hasArrays() {
        return arrays.length > 0;
    }
}
