package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a run does: a list of instructions, the array that holds each value, and what is checked. Scalars share one array, which has an
 * entry for each node; {@link Buffers} assigns arrays to larger values. A plan is immutable and holds no input values, so any number of
 * threads may run it at the same time.
 */
public final class Plan {
    /** A node's slot. */
    private static final long BYTES_A_NODE = 4;
    /** A scalar constant's node and value. */
    private static final long BYTES_A_CONSTANT = 12;
    /** One entry of a {@link ScalarCode}. */
    private static final long BYTES_A_SCALAR = 5;
    /** An instruction with its kernel, which holds a few small arrays. */
    private static final long BYTES_A_CALL = 300;

    private final Graph graph;
    private final BitSet needed;
    private final BitSet computed;
    private final BitSet kept;
    private final BitSet followers;
    private final BitSet spared;
    private final Sharing sharing;
    private final Checks checks;
    private final BitSet watched;
    private final BitSet watchedForZeros;
    private final int[] watchedLeaves;
    private final BitSet checkedScalars;
    private final Instruction[] once;
    private final Instruction[] repeated;
    /** The slot of each node's array; empty if there are no arrays. */
    private final int[] slots;
    private final int leaves;
    private final int[] bufferLengths;
    /** The nodes of literals and scalar constants, and their values. */
    private final int[] constantScalars;
    private final double[] constantValues;
    private final double[][] arrays;

    private Plan(Graph graph, BitSet needed, BitSet kept, int repeatFrom, Checks checks, Checkpoint checkpoint) {
        this.graph = graph;
        this.needed = needed;
        this.kept = kept;
        this.sharing = new Sharing(graph, needed, kept, repeatFrom, checkpoint);
        this.computed = (BitSet) needed.clone();
        InstructionList list = new InstructionList(graph, needed, kept, sharing, repeatFrom, checkpoint);
        this.followers = list.followers();
        this.spared = list.spared();
        this.leaves = list.buffers().leaves();
        int[] leafNodes = needed.stream().filter(graph::isLeaf).toArray();
        for (int leaf : leafNodes) {
            computed.clear(leaf);
        }
        this.constantScalars = IntStream.of(leafNodes).filter(leaf -> isConstant(leaf) && graph.shape(leaf).isScalar()).toArray();
        this.constantValues = IntStream.of(constantScalars).mapToDouble(leaf -> constant(leaf)[0]).toArray();
        this.once = list.once();
        this.repeated = list.repeated();
        list.buffers().finish(needed);
        this.bufferLengths = list.buffers().lengths();
        this.arrays = new double[leaves + bufferLengths.length][];
        this.slots = arrays.length == 0 ? new int[0] : list.buffers().slots();
        IntStream.of(leafNodes).filter(leaf -> isConstant(leaf) && !graph.shape(leaf).isScalar())
                .forEach(leaf -> arrays[slots[leaf]] = constant(leaf));
        this.checks = checks.within(computed);
        this.watched = holders(this.checks.finite());
        this.watchedForZeros = holders(this.checks.zeros());
        this.watchedLeaves = watched.stream().filter(node -> graph.isLeaf(node) && slot(node) != Buffers.NONE).toArray();
        this.checkedScalars = scalarsAmong(watched);
    }

    private BitSet scalarsAmong(BitSet nodes) {
        if (slots.length == 0) {
            return nodes;
        }
        BitSet found = new BitSet();
        nodes.stream().filter(node -> slots[node] == Buffers.NONE).forEach(found::set);
        return found;
    }

    private boolean isConstant(int leaf) {
        return graph.op(leaf) instanceof Leaf.Literal || graph.op(leaf) instanceof Leaf.Constant;
    }

    private double[] constant(int leaf) {
        return graph.op(leaf) instanceof Leaf.Constant(Tensor value) ? value.data() : new double[]{((Leaf.Literal) graph.op(leaf)).value()};
    }

    /** A plan that computes {@code results}, whose values can be read after the run. */
    public static Plan of(Graph graph, BitSet results) {
        return of(graph, results, Checks.NONE, Checkpoint.NONE);
    }

    /** A plan that also checks computed values. Checks of leaves, or of nodes that no result needs, are left out. */
    public static Plan of(Graph graph, BitSet results, Checks checks, Checkpoint checkpoint) {
        return repeating(graph, results, graph.size(), checks, checkpoint);
    }

    /** A plan whose nodes from {@code repeatFrom} on can be run repeatedly on the same values of the nodes before them. */
    public static Plan repeating(Graph graph, BitSet results, int repeatFrom, Checks checks, Checkpoint checkpoint) {
        BitSet needed = new BitSet(graph.size());
        needed.or(results);
        BitSet kept = (BitSet) results.clone();
        for (int i = needed.length() - 1; i >= 0; i = needed.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                needed.set(graph.operand(i, k));
            }
        }
        return new Plan(graph, needed, kept, repeatFrom, checks, checkpoint);
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

    /** Whether a node reads the result of a preparation that an earlier node had computed. */
    boolean isSpared(int node) {
        return spared.get(node);
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

    /** The scalars that are checked for being finite. */
    BitSet checkedScalars() {
        return checkedScalars;
    }

    /** The slot of the array that holds a node's value; {@link Buffers#NONE} for scalars and for nodes that are not needed. */
    int slot(int node) {
        return slots.length == 0 ? Buffers.NONE : slots[node];
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
        long bytes = slots.length * BYTES_A_NODE + constantScalars.length * BYTES_A_CONSTANT;
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

    /** The most memory that an instruction takes beside the buffers, on one thread. */
    long heldBytes() {
        return Stream.of(once, repeated).flatMap(Arrays::stream).mapToLong(instruction -> switch (instruction) {
            case Instruction.BlockCall(BlockRun run) -> run.bytes();
            case Instruction.KernelCall call -> call.kernel().bytes();
            default -> 0;
        }).max().orElse(0);
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
                case Instruction.PreparationCall call -> counts.merge(call.name(), 1, Integer::sum);
                case Instruction.FactoringCall call -> counts.merge(graph.op(call.nodes()[0]).name(), 1, Integer::sum);
            }
        });
        return once.length + repeated.length + " instructions " + counts;
    }

    double[] initialScalars() {
        double[] scalars = new double[graph.size()];
        for (int i = 0; i < constantScalars.length; i++) {
            scalars[constantScalars[i]] = constantValues[i];
        }
        return scalars;
    }

    double[][] initialArrays() {
        return hasArrays() ? arrays.clone() : arrays;
    }

    /** Whether any value is an array. */
    boolean hasArrays() {
        return arrays.length > 0;
    }
}
