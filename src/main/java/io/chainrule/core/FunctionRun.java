package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A run of a {@link CompiledFunction} that can be repeated. Each repetition writes into the same arrays, so results are valid only until
 * the next one. Nodes are those of {@link BoundProgram#program()}. Not thread-safe.
 */
public final class FunctionRun {
    private final CompiledFunction function;
    private final PlannedGraph.Run run;
    private final DerivedGraph derived;
    private final LoweredProgram lowered;
    /** Copies of gradients that are inputs themselves, since an input's array may change before the gradient is read. */
    private final Map<String, Tensor> copies = new HashMap<>();

    FunctionRun(CompiledFunction function, PlannedGraph.Run run) {
        this.function = function;
        this.run = run;
        this.derived = function.derived();
        this.lowered = derived.lowered();
    }

    /**
     * Sets the value of an input for this and later runs. The array is read during a run, not copied.
     *
     * @throws IllegalArgumentException where there is no such input
     * @throws io.chainrule.core.tensor.ShapeException if the value's shape is not the input's
     */
    public void place(String input, Tensor value) {
        Integer node = lowered.program().find(input);
        if (node == null || !(lowered.program().graph().op(node) instanceof Leaf.Input)) {
            throw new IllegalArgumentException("the function has no input '" + input + "', it has " + function.bound().inputNames());
        }
        run.place(lowered.image(node), value);
    }

    /**
     * Runs the function; throws {@link ProblemException} if an op meets values that it cannot use. The exception names the node, and has
     * its number in the graph that is run.
     */
    public void run() {
        try {
            run.run();
        } catch (ProblemException e) {
            throw lowered.named(e, derived.graph()).at(e.graphNode());
        }
        copies.forEach((name, copy) -> {
            double[] gradient = run.value(cotangent(name)).data();
            System.arraycopy(gradient, 0, copy.data(), 0, copy.length());
        });
    }

    private int cotangent(String name) {
        int node = function.bound().wrt(name);
        return node == ResolvedNames.NO_NODE ? -1 : derived.cotangent(node);
    }

    /** The value of the output. */
    public double loss() {
        return run.value(lowered.result(lowered.program().output())).item();
    }

    /** The value of a node; over reduced samples, its values in all samples, with their leading axis. */
    public Tensor value(int node) {
        return run.value(lowered.image(node));
    }

    /** The gradient by a name. It stays valid until the next run, even if the inputs' arrays change. */
    public Tensor gradient(String name) {
        int node = cotangent(name);
        if (node < 0) {
            return Tensor.zeros(Objects.requireNonNull(function.derivativeShapes().get(name)));
        }
        Tensor value = run.value(node);
        boolean isArrayOfInput = derived.graph().op(node) instanceof Leaf.Input && !value.shape().isScalar();
        return isArrayOfInput ? copies.computeIfAbsent(name, _ -> value.copy()) : value;
    }

    /** The first node, inputs included, whose value was not finite; −1 if all were. */
    public int firstNonFiniteValue() {
        BitSet all = new BitSet();
        all.set(0, lowered.graph().size());
        int first = run.firstNonFinite(all);
        int end = first < 0 ? lowered.graph().size() : first;
        int input = IntStream.range(0, end).filter(i -> lowered.graph().op(i) instanceof Leaf.Input && !run.isFinite(i)).findFirst()
                .orElse(first);
        return input < 0 ? -1 : lowered.origin(input);
    }

    /** The first node on the reverse sweep whose gradient was not finite; −1 if there is none. */
    public int firstNonFiniteGradient() {
        int size = lowered.graph().size();
        BitSet appended = new BitSet();
        IntStream.of(derived.cotangents()).filter(node -> node >= size).forEach(appended::set);
        int first = run.firstNonFinite(appended);
        int node = size - 1;
        while (first >= 0 && node >= 0 && derived.cotangents()[node] != first) {
            node--;
        }
        return first < 0 ? -1 : lowered.origin(node);
    }
}
