package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Compiles the nodes of a graph, in their order, into instructions, and assigns buffers to their values. */
final class InstructionList {
    private final Graph graph;
    private final BitSet kept;
    private final Sharing sharing;
    private final Schedule schedule;
    private final Buffers buffers;
    private final List<Instruction> instructions = new ArrayList<>();
    /** The nodes of each factoring's results, by the first of them. */
    private final Map<Integer, List<Integer>> factorings = new HashMap<>();
    private final BitSet followers = new BitSet();
    private final Preparations preparations;
    /** The slots of the results of preparations, by the first node that reads them. */
    private final Map<Integer, Integer> prepared = new HashMap<>();
    private final int repeatFrom;
    private final Checkpoint checkpoint;
    private final ScalarCode scalars;
    /** The first entry of the scalar block that is being written. */
    private int blockFrom;

    /** Results with equal keys are computed by the same factoring. */
    private record Factored(Factoring whole, int operand) {}

    /**
     * Adds to {@code kept} the results at or after {@code repeatFrom} that a factoring before it computes, so that repetitions can read
     * them.
     */
    InstructionList(Graph graph, BitSet needed, BitSet kept, Sharing sharing, int repeatFrom, Checkpoint checkpoint) {
        this.graph = graph;
        this.kept = kept;
        this.sharing = sharing;
        this.preparations = new Preparations(sharing);
        this.repeatFrom = repeatFrom;
        this.checkpoint = checkpoint;
        BitSet executed = sharing.executed();
        Map<Factored, Integer> leaders = new HashMap<>();
        int count = 0;
        for (int i = executed.nextSetBit(0); i >= 0; i = executed.nextSetBit(i + 1)) {
            Op op = graph.op(i);
            boolean isScalar = graph.shape(i).isScalar();
            if (op instanceof Elementwise) {
                count += isScalar ? 1 : 0;
            } else if (op.part() != null) {
                addFactor(op.part(), i, leaders, kept, repeatFrom);
            }
        }
        scalars = new ScalarCode(graph, count);
        schedule = Schedule.of(sharing, repeatFrom, checkpoint);
        boolean hasArrays = needed.stream().anyMatch(node -> !graph.shape(node).isScalar());
        buffers = new Buffers(sharing, hasArrays ? needed : new BitSet(), kept, schedule);
    }

    /** The instructions of the part that runs once. Must be called before those of the repeated part are made. */
    Instruction[] once() {
        return instructions(0, schedule.repeatedFrom());
    }

    Instruction[] repeated() {
        return instructions(schedule.repeatedFrom(), schedule.size());
    }

    private Instruction[] instructions(int from, int to) {
        for (int group = from; group < to; group = schedule.end(group)) {
            checkpoint.check();
            int node = schedule.node(group);
            BlockGroup blocks = schedule.blocks(group);
            if (blocks != null && (blocks.steps().size() > 1
                    || graph.op(node) instanceof Elementwise && BlockRun.isWorthBlocks(sharing.read(), node))) {
                addBlocks(group, blocks);
            } else {
                add(group, node);
            }
        }
        endBlock();
        Instruction[] made = instructions.toArray(Instruction[]::new);
        instructions.clear();
        return made;
    }

    private void addFactor(Factoring.Part part, int node, Map<Factored, Integer> leaders, BitSet kept, int repeatFrom) {
        Integer known = leaders.putIfAbsent(new Factored(part.whole(), sharing.read().operand(node, 0)), node);
        int leader = known == null ? node : known;
        factorings.computeIfAbsent(leader, _ -> new ArrayList<>()).add(node);
        followers.set(node, leader != node);
        if (leader < repeatFrom && node >= repeatFrom) {
            kept.set(node);
        }
    }

    Buffers buffers() {
        return buffers;
    }

    /** The nodes whose values are computed together with an earlier node's. */
    BitSet followers() {
        return followers;
    }

    /** The nodes that read a preparation which was computed for an earlier node. */
    BitSet spared() {
        return preparations.spared();
    }

    private void addBlocks(int group, BlockGroup blocks) {
        BitSet stored = new BitSet();
        blocks.steps().stream().mapToInt(BlockStep::node).filter(node -> kept.get(node) || buffers.isReadBehind(group, node))
                .forEach(stored::set);
        BlockRun run = new BlockRun(sharing, blocks, stored);
        buffers.assign(group, run, stored);
        endBlock();
        instructions.add(new Instruction.BlockCall(run));
    }

    private void add(int group, int node) {
        Op op = graph.op(node);
        List<Integer> together = op instanceof Elementwise ? null : factorings.get(node);
        if (op instanceof Elementwise elementwise && graph.shape(node).isScalar()) {
            scalars.add(elementwise, node);
        } else if (followers.get(node)) {
            buffers.release(group, node);
        } else if (together != null) {
            endBlock();
            instructions.add(factoring(group, op, node, together));
        } else if (graph.shape(node).size() == 0) {
            buffers.assign(group, node, node);
        } else {
            endBlock();
            instructions.add(call(group, op, node));
        }
    }

    private Instruction call(int group, Op op, int node) {
        int slot = preparations.has(node) ? prepare(op, node) : Buffers.NONE;
        buffers.assign(group, node, node);
        if (slot != Buffers.NONE && preparations.last(node) == node && !isRepeated(node)) {
            buffers.giveBack(slot);
        }
        int[] operands = IntStream.range(0, graph.operandCount(node)).map(k -> sharing.read().operand(node, k)).toArray();
        return new Instruction.KernelCall(node, operands, slot, graph.shape(node).isScalar(), schedule.kernel(node));
    }

    /** Returns the slot of the preparation that a node reads. Before the first node that reads it, adds the call that computes it. */
    private int prepare(Op op, int node) {
        int first = preparations.first(node);
        if (first == node) {
            int operand = sharing.read().operand(node, 0);
            Shape shape = graph.shape(operand);
            Preparation preparation = Objects.requireNonNull(op.preparation());
            int slot = buffers.take(preparation.shape(shape).length());
            prepared.put(node, slot);
            instructions.add(new Instruction.PreparationCall(preparation.name(), operand, slot, preparation.prepare(shape)));
        }
        return prepared.getOrDefault(first, Buffers.NONE);
    }

    /** Whether repetitions read what was prepared for a node before them. */
    private boolean isRepeated(int node) {
        return preparations.first(node) < repeatFrom && node >= repeatFrom;
    }

    private Instruction factoring(int group, Op op, int node, List<Integer> together) {
        int[] nodes = together.stream().mapToInt(Integer::intValue).toArray();
        buffers.assign(group, node, nodes);
        int[] numbers = Arrays.stream(nodes).map(one -> part(graph.op(one)).number()).toArray();
        Factoring whole = part(op).whole();
        int operand = sharing.read().operand(node, 0);
        return new Instruction.FactoringCall(operand, nodes, numbers, whole.count(), whole.prepare(graph.shape(operand)));
    }

    private static Factoring.Part part(Op op) {
        return Objects.requireNonNull(op.part());
    }

    private void endBlock() {
        if (scalars.size() > blockFrom) {
            instructions.add(new Instruction.ScalarBlock(scalars, blockFrom, scalars.size()));
            blockFrom = scalars.size();
        }
    }
}
