package io.chainrule.core.execution;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One run of a plan: place the inputs, run, read the results. Not for more than one thread. */
public final class Executor {
    private static final int NODES_BETWEEN_CHECKS = 1024;

    private final Plan plan;
    private final Graph graph;
    private final Checkpoint checkpoint;
    private final double[] scalars;
    private final double[][] buffers;
    private final List<Watch> watches = new ArrayList<>();
    private int sinceCheck;
    /** Values of leaves that are no scalars; made only where there are any. */
    private @Nullable Tensor @Nullable [] placed;

    public Executor(Plan plan, Checkpoint checkpoint) {
        this.plan = plan;
        this.graph = plan.graph();
        this.checkpoint = checkpoint;
        this.scalars = new double[graph.size()];
        this.buffers = new double[plan.slotCount()][];
        BitSet needed = plan.needed();
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            switch (graph.op(i)) {
                case Leaf.Literal literal -> scalars[i] = literal.value();
                case Leaf.Constant constant -> place(i, constant.value());
                default -> {
                }
            }
        }
    }

    /** Gives an input its value; the array is read, not copied. */
    public void place(int node, Tensor value) {
        if (!value.shape().equals(graph.shape(node))) {
            throw new ShapeException("node " + node + " has shape " + graph.shape(node) + ", its value " + value.shape());
        }
        if (value.shape().isScalar()) {
            scalars[node] = value.item();
            return;
        }
        if (placed == null) {
            placed = new Tensor[graph.size()];
        }
        placed[node] = value;
    }

    /** Has every value of {@code nodes} looked at as soon as it is there; leaves are looked at by whoever places them. */
    public void watch(Watch watch) {
        watches.add(watch);
    }

    /** Runs everything once. */
    public void run() {
        run(0, graph.size());
    }

    /** Runs the nodes from {@code from} up to {@code to}; those before must have their values. */
    public void run(int from, int to) {
        BitSet needed = plan.needed();
        for (int i = needed.nextSetBit(from); i >= 0 && i < to; i = needed.nextSetBit(i + 1)) {
            Op op = graph.op(i);
            if (op instanceof Leaf) {
                continue;
            }
            if (op instanceof Elementwise elementwise && graph.shape(i).isScalar()) {
                scalars[i] = scalar(elementwise, i);
            } else if (!plan.isFollower(i)) {
                sinceCheck = 0;
                checkpoint.check();
                try {
                    evaluate(op, i);
                } catch (ProblemException e) {
                    throw e.at(i);
                }
            }
            for (Watch watch : watches) {
                watch.look(i, this);
            }
            if (++sinceCheck == NODES_BETWEEN_CHECKS) {
                sinceCheck = 0;
                checkpoint.check();
            }
        }
    }

    /** A scalar result has scalar operands only: broadcasting never lowers a rank. */
    private double scalar(Elementwise op, int node) {
        double a = scalars[graph.operand(node, 0)];
        double b = op.arity() > 1 ? scalars[graph.operand(node, 1)] : 0;
        double c = op.arity() > 2 ? scalars[graph.operand(node, 2)] : 0;
        return op.apply(a, b, c);
    }

    private void evaluate(Op op, int node) {
        Factoring.Part part = op.part();
        if (part != null) {
            factor(part.whole(), node);
            return;
        }
        Tensor[] operands = new Tensor[graph.operandCount(node)];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = value(graph.operand(node, k));
        }
        Shape shape = graph.shape(node);
        if (shape.isScalar()) {
            Tensor result = Tensor.scalar(0);
            op.evaluate(operands, result, checkpoint);
            scalars[node] = result.item();
        } else if (shape.size() > 0) {
            op.evaluate(operands, Tensor.of(shape, buffer(plan.slot(node))), checkpoint);
        }
    }

    private void factor(Factoring whole, int node) {
        @Nullable
        Tensor[] results = new Tensor[whole.count()];
        List<Tensor> copies = new ArrayList<>();
        List<Tensor> originals = new ArrayList<>();
        for (int sibling : plan.siblings(node)) {
            int number = Objects.requireNonNull(graph.op(sibling).part()).number();
            Tensor known = results[number];
            if (known == null) {
                results[number] = value(sibling);
            } else {
                originals.add(known);
                copies.add(value(sibling));
            }
        }
        whole.evaluate(value(graph.operand(node, 0)), results, checkpoint);
        for (int i = 0; i < copies.size(); i++) {
            System.arraycopy(originals.get(i).data(), 0, copies.get(i).data(), 0, copies.get(i).length());
        }
    }

    private double[] buffer(int slot) {
        if (buffers[slot] == null) {
            buffers[slot] = new double[plan.slotLength(slot)];
        }
        return buffers[slot];
    }

    /** The value of a kept node, leaf or operand about to be read. A larger tensor shares its array with this run. */
    public Tensor value(int node) {
        Shape shape = graph.shape(node);
        if (shape.isScalar()) {
            return Tensor.scalar(scalars[node]);
        }
        if (graph.isLeaf(node)) {
            return Objects.requireNonNull(placed == null ? null : placed[node], () -> "input node " + node + " has no value");
        }
        return Tensor.of(shape, buffer(plan.slot(node)));
    }

    /** Whether every element of a node that can be read is finite. */
    public boolean isFinite(int node) {
        return graph.shape(node).isScalar() ? Double.isFinite(scalars[node]) : value(node).isFinite();
    }
}
