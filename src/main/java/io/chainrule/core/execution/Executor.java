package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan. A caller places the inputs, runs, and reads the results; it may then place other inputs and run again, in the same arrays.
 * Creating an executor is cheap. Not thread-safe.
 */
public final class Executor {
    /**
     * What is found among arrays where there are none; shared, since calls with a few scalars spend a tenth of their time on making sets.
     */
    private static final BitSet NEVER_SET = new BitSet(0);

    private final Plan plan;
    private final Graph graph;
    private final Parallel parallel;
    private final double[] scalars;
    private final double[][] arrays;
    /**
     * The nodes whose arrays are checked for non-finite elements. These are the plan's, except while {@link #firstNonFinite} repeats
     * the run to find the first of other nodes.
     */
    private BitSet watched;
    /**
     * Nodes whose arrays have a non-finite element. Scalars are not included: they keep their values until the next run, so they are
     * checked only when asked about.
     */
    private final BitSet nonFinite;
    /** Nodes whose arrays have a nonzero element, among those that the plan watches for it. */
    private final BitSet nonZero;

    public Executor(Plan plan, Parallel parallel) {
        this.plan = plan;
        this.graph = plan.graph();
        this.parallel = parallel;
        this.scalars = plan.initialScalars();
        this.arrays = plan.initialArrays();
        this.watched = plan.watched();
        this.nonFinite = plan.hasArrays() ? new BitSet(0) : NEVER_SET;
        this.nonZero = plan.hasArrays() ? new BitSet(0) : NEVER_SET;
    }

    /** Sets the value of an input. The array is read during runs, not copied. */
    public void place(int node, Tensor value) {
        if (!value.shape().equals(graph.shape(node))) {
            throw new ShapeException("node " + node + " has shape " + graph.shape(node) + ", its value " + value.shape());
        }
        if (value.shape().isScalar()) {
            scalars[node] = value.item();
        } else if (plan.slot(node) != Buffers.NONE) {
            arrays[plan.slot(node)] = value.data();
        }
    }

    /** Sets the value of a scalar input. */
    public void placeScalar(int node, double value) {
        if (!graph.shape(node).isScalar()) {
            throw new ShapeException("node " + node + " has shape " + graph.shape(node) + ", its value is a scalar");
        }
        scalars[node] = value;
    }

    /** Runs everything once. */
    public void run() {
        runOnce();
        repeat();
    }

    /** Runs the part of the plan that is not repeated. */
    public void runOnce() {
        nonFinite.clear();
        run(plan.once());
    }

    /** Runs the part of the plan that can be repeated, on the values that {@link #runOnce} computed. */
    public void repeat() {
        run(plan.repeated());
    }

    private void run(Instruction[] instructions) {
        for (Instruction instruction : instructions) {
            switch (instruction) {
                case Instruction.ScalarBlock block -> block.run(scalars, parallel);
                case Instruction.KernelCall call -> run(call);
                case Instruction.BlockCall(BlockRun run) -> run(run);
                case Instruction.FactoringCall call -> run(call);
                case Instruction.PreparationCall call -> run(call);
            }
        }
    }

    private void run(Instruction.KernelCall call) {
        parallel.check();
        int node = call.node();
        int count = call.operands().length;
        double[][] operands = new double[call.prepared() == Buffers.NONE ? count : count + 1][];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = k < count ? elements(call.operands()[k]) : array(call.prepared());
        }
        double[] result = call.isScalar() ? new double[1] : elements(node);
        try {
            call.kernel().run(operands, result, parallel);
        } catch (ProblemException e) {
            throw e.at(node);
        }
        take(node, result);
    }

    private void run(Instruction.PreparationCall call) {
        parallel.check();
        call.kernel().run(new double[][]{elements(call.operand())}, array(call.slot()), parallel);
    }

    private void take(int node, double[] values) {
        if (graph.shape(node).isScalar()) {
            scalars[node] = values[0];
        } else {
            look(node, values);
        }
    }

    private void run(BlockRun run) {
        parallel.check();
        run.run(new BlockRun.Host() {
            @Override
            public double[] elements(int node) {
                return Executor.this.elements(node);
            }

            @Override
            public ElementCheck check(int node) {
                return Executor.this.check(node);
            }

            @Override
            public void take(int node, ElementCheck check) {
                Executor.this.take(node, check);
            }

            @Override
            public void take(int node, double[] values) {
                Executor.this.take(node, values);
            }
        }, parallel);
    }

    private void run(Instruction.FactoringCall call) {
        parallel.check();
        double[] @Nullable [] results = new double[call.count()][];
        int[] holders = new int[call.count()];
        for (int i = call.nodes().length - 1; i >= 0; i--) {
            holders[call.numbers()[i]] = call.nodes()[i];
            results[call.numbers()[i]] = elements(call.nodes()[i]);
        }
        try {
            call.factoring().run(elements(call.operand()), results, parallel);
        } catch (ProblemException e) {
            throw e.at(call.nodes()[0]);
        }
        for (int i = 0; i < call.nodes().length; i++) {
            int node = call.nodes()[i];
            double[] values = elements(node);
            if (node != holders[call.numbers()[i]]) {
                System.arraycopy(elements(holders[call.numbers()[i]]), 0, values, 0, values.length);
            }
            look(node, values);
        }
    }

    /** Checks the values of a node right after they have been computed, while they are still in the processor's cache. */
    private void look(int node, double[] values) {
        ElementCheck check = check(node);
        check.look(values, 0, values.length);
        take(node, check);
    }

    private ElementCheck check(int node) {
        return new ElementCheck(watched.get(node), plan.watchedForZeros().get(node));
    }

    private void take(int node, ElementCheck check) {
        nonFinite.set(node, check.hasNonFinite());
        nonZero.set(node, check.hasNonZero());
    }

    /** The array that a node's value is read from or written to. */
    private double[] elements(int node) {
        int slot = plan.slot(node);
        if (slot == Buffers.NONE) {
            return new double[]{scalars[node]};
        }
        if (arrays[slot] == null && plan.buffer(slot) < 0) {
            throw new IllegalStateException("input node " + node + " has no value");
        }
        return array(slot);
    }

    private double[] array(int slot) {
        if (arrays[slot] == null) {
            arrays[slot] = new double[plan.bufferLength(plan.buffer(slot))];
        }
        return arrays[slot];
    }

    /** The value of a kept node or a leaf. The tensor shares its array with this run, unless it is a scalar. */
    public Tensor value(int node) {
        return Tensor.of(graph.shape(node), elements(node));
    }

    /** The value of a node that is known to be a scalar; 0 where it was not computed. */
    public double knownScalar(int node) {
        return scalars[node];
    }

    /** The value of a scalar node. */
    public double scalar(int node) {
        if (!graph.shape(node).isScalar()) {
            throw new ShapeException("node " + node + " has shape " + graph.shape(node) + " and is no scalar");
        }
        return scalars[node];
    }

    /** Whether every element of a kept node or a leaf is finite. */
    public boolean isFinite(int node) {
        return graph.shape(node).isScalar() ? Double.isFinite(scalars[node]) : value(node).isFinite();
    }

    /** Whether any of the values that the plan checks was not finite. */
    public boolean sawNonFinite() {
        boolean found = nonFinite.intersects(plan.watched());
        for (int leaf : plan.watchedLeaves()) {
            found = found || !isFinite(leaf);
        }
        BitSet checked = plan.checkedScalars();
        for (int node = checked.nextSetBit(0); node >= 0 && !found; node = checked.nextSetBit(node + 1)) {
            found = !Double.isFinite(scalars[node]);
        }
        return found;
    }

    /**
     * Returns, for each set, the first of its nodes, in the order of the graph, whose computed value is not finite; −1 if there is none. If
     * the plan does not check all of these nodes, the run is repeated with the same inputs.
     */
    public int[] firstNonFinite(BitSet... sets) {
        BitSet unchecked = new BitSet();
        for (BitSet set : sets) {
            unchecked.or(set);
        }
        unchecked.andNot(plan.checks().finite());
        unchecked.and(plan.computed());
        if (unchecked.isEmpty() && !sawNonFinite()) {
            return IntStream.generate(() -> -1).limit(sets.length).toArray();
        }
        if (unchecked.stream().anyMatch(node -> !graph.shape(node).isScalar())) {
            unchecked.or(plan.checks().finite());
            watched = plan.holders(unchecked);
            run();
            watched = plan.watched();
        }
        return Arrays.stream(sets).mapToInt(this::first).toArray();
    }

    private int first(BitSet nodes) {
        for (int i = nodes.nextSetBit(0); i >= 0; i = nodes.nextSetBit(i + 1)) {
            if (plan.computed().get(i) && isNonFinite(i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isNonFinite(int node) {
        int holder = plan.holder(node);
        return graph.shape(holder).isScalar() || graph.isLeaf(holder) ? !isFinite(holder) : nonFinite.get(holder);
    }

    /**
     * Whether every element of a node was zero in the run; true for a node without elements. The plan must check the node for zeros, or its
     * value must be readable after the run.
     */
    public boolean isZero(int node) {
        int holder = plan.holder(node);
        return !graph.shape(holder).isScalar() && plan.checks().zeros().get(node) && !graph.isLeaf(holder)
                ? !nonZero.get(holder)
                : ElementCheck.isZero(elements(holder), 0, graph.shape(holder).length());
    }
}
