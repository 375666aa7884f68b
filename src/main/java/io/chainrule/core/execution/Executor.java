package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan: place the inputs, run, read the results; again with other inputs if wanted, in the same arrays. Making
 * one is cheap. Not for more than one thread at a time.
 */
public final class Executor {
    private final Plan plan;
    private final Graph graph;
    private final Checkpoint checkpoint;
    private final double[] scalars;
    private final double[][] arrays;
    /** What arrays are looked at for: as the plan says, but while a run is repeated to find the first of other nodes. */
    private BitSet watched;
    /** Arrays that were found not to be finite; scalars keep their values until the next run, and are looked at when asked for. */
    private final BitSet nonFinite = new BitSet();
    /** Arrays that were found to hold an element other than zero. */
    private final BitSet nonZero = new BitSet();

    public Executor(Plan plan, Checkpoint checkpoint) {
        this.plan = plan;
        this.graph = plan.graph();
        this.checkpoint = checkpoint;
        this.scalars = plan.initialScalars();
        this.arrays = plan.initialArrays();
        this.watched = plan.checks().finite();
    }

    /** Gives an input its value; the array is read, not copied. */
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

    /** Gives an input that is a scalar its value. */
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

    /** Runs what comes before the part of the plan that is repeated. */
    public void runOnce() {
        nonFinite.clear();
        run(plan.once());
    }

    /** Runs the part of the plan that is repeated, upon the values of what came before. */
    public void repeat() {
        run(plan.repeated());
    }

    private void run(Instruction[] instructions) {
        for (Instruction instruction : instructions) {
            switch (instruction) {
                case Instruction.ScalarBlock block -> block.run(scalars, checkpoint);
                case Instruction.KernelCall call -> run(call);
                case Instruction.FactoringCall call -> run(call);
            }
        }
    }

    private void run(Instruction.KernelCall call) {
        checkpoint.check();
        int node = call.node();
        double[][] operands = new double[call.operands().length][];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = elements(call.operands()[k]);
        }
        double[] result = call.isScalar() ? new double[1] : elements(node);
        try {
            call.kernel().run(operands, result, checkpoint);
        } catch (ProblemException e) {
            throw e.at(node);
        }
        if (call.isScalar()) {
            scalars[node] = result[0];
        } else {
            look(node, result);
        }
    }

    private void run(Instruction.FactoringCall call) {
        checkpoint.check();
        double[] @Nullable [] results = new double[call.count()][];
        int[] holders = new int[call.count()];
        for (int i = call.nodes().length - 1; i >= 0; i--) {
            holders[call.numbers()[i]] = call.nodes()[i];
            results[call.numbers()[i]] = elements(call.nodes()[i]);
        }
        try {
            call.factoring().run(elements(call.operand()), results, checkpoint);
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

    /** Looks at what was written while it is in the processor's cache. */
    private void look(int node, double[] values) {
        if (watched.get(node)) {
            nonFinite.set(node, !Kernels.best().isFinite(values, 0, values.length));
        }
        if (plan.checks().zeros().get(node)) {
            nonZero.set(node, !isZero(values));
        }
    }

    private static boolean isZero(double[] values) {
        for (double value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** The array that a node's value is read from or written to. */
    private double[] elements(int node) {
        int slot = plan.slot(node);
        if (slot == Buffers.NONE) {
            return new double[]{scalars[node]};
        }
        if (arrays[slot] == null) {
            if (plan.buffer(slot) < 0) {
                throw new IllegalStateException("input node " + node + " has no value");
            }
            arrays[slot] = new double[plan.bufferLength(plan.buffer(slot))];
        }
        return arrays[slot];
    }

    /** The value of a kept node or a leaf. A larger tensor shares its array with this run. */
    public Tensor value(int node) {
        return Tensor.of(graph.shape(node), elements(node));
    }

    /** The value of a node whose shape is that of a scalar. */
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

    /** Whether the run met a value that is not finite among those that the plan checks. */
    public boolean sawNonFinite() {
        return nonFinite.intersects(plan.checks().finite()) || !areFinite(plan.checkedScalars());
    }

    private boolean areFinite(int[] nodes) {
        for (int node : nodes) {
            if (!Double.isFinite(scalars[node])) {
                return false;
            }
        }
        return true;
    }

    /**
     * For each set the first of its nodes, in the order of the run, whose value was computed and is not finite; −1 where
     * there is none. Where the plan does not check all of them, the run is repeated with what is placed.
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
            watched = unchecked;
            run();
            watched = plan.checks().finite();
        }
        return Arrays.stream(sets).mapToInt(this::first).toArray();
    }

    private int first(BitSet nodes) {
        for (int i = nodes.nextSetBit(0); i >= 0; i = nodes.nextSetBit(i + 1)) {
            if (plan.computed().get(i) && (graph.shape(i).isScalar() ? !Double.isFinite(scalars[i]) : nonFinite.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Whether every element of a node was zero in the run, as all of no elements are. The node is one of which the plan
     * says so, or one whose value can be read.
     */
    public boolean isZero(int node) {
        return !graph.shape(node).isScalar() && plan.checks().zeros().get(node) ? !nonZero.get(node) : isZero(elements(node));
    }
}
