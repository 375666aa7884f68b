package io.chainrule.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What one run found about its own values and gradients: which are not finite, which sit on a kink, where gradients are lost. Nodes are
 * those of {@link BoundProgram#program()}. Each method throws {@link java.util.NoSuchElementException} where the function was not compiled
 * to answer it.
 */
public final class RunFindings {
    private final CompiledFunction function;
    private final PlannedGraph.Run run;
    private final Runner runner;
    private final DerivedGraph derived;

    RunFindings(CompiledFunction function, PlannedGraph.Run run, Runner runner) {
        this.function = function;
        this.run = run;
        this.runner = runner;
        this.derived = function.derived();
    }

    /**
     * The first node, in the order of the graph, whose computed value is not finite; −1 if there is none. Inputs are not checked.
     * Jacobian-vector, vector-Jacobian and Hessian-vector products are computed without these checks.
     */
    public int firstNonFiniteValue() {
        function.requireAnswer(switch (function.bound().signature().transformation()) {
            case Transformation.Vjp _,Transformation.Jvp _,Transformation.Hvp _ -> false;
            case Transformation.Value(Transformation.Remarks remarks) -> remarks == Transformation.Remarks.ALL;
            case Transformation.Gradient _ -> isExplained();
            default -> true;
        }, "which value is not finite");
        int first = run.sawNonFinite() ? run.firstNonFinite(derived.lowered().images()) : -1;
        return first < 0 ? -1 : derived.lowered().origin(first);
    }

    /** The first node, on the reverse sweep, whose gradient is not finite; −1 if there is none. */
    public int firstNonFiniteGradient() {
        function.requireAnswer(isExplained(), "which gradient is not finite");
        // The output's gradient, where the call supplies it, is not computed, so that the run does not check it.
        if (!derived.seeds().values().stream().allMatch(run::isFinite)) {
            return function.bound().program().output();
        }
        int first = run.sawNonFinite() ? run.firstNonFinite(derived.cotangents(function.bound().program().graph().size())) : -1;
        return first < 0 ? -1 : derived.origin(first);
    }

    /** Where gradients of nodes were lost that are zero at these inputs, though not at all inputs, by node. */
    public Map<Integer, LostGradient> lostGradients(Collection<Integer> nodes) {
        function.requireAnswer(isExplained(), "where gradients are lost");
        return new LostGradients(function, run).of(nodes);
    }

    /** The number of elements that sit on a kink, by node; nodes without such elements are left out. */
    public Map<Integer, Long> kinks() {
        function.requireAnswer(isExplained(), "kinks");
        Map<Integer, Long> byNode = new TreeMap<>();
        derived.kinks().forEach((inner, count) -> {
            long elements = (long) Arrays.stream(run.value(count).data()).sum();
            if (elements > 0) {
                byNode.merge(derived.lowered().origin(inner), elements, Long::sum);
            }
        });
        return byNode;
    }

    /** What is likely to spoil the gradient, or what it is used for. */
    public List<Trouble> troubles() {
        function.requireAnswer(isExplained(), "troubles");
        return new Troubles(Objects.requireNonNull(function.suspects()), derived, run).all(runner);
    }

    /** Whether diagnostics of gradients are computed: only beside the gradient of the output. */
    private boolean isExplained() {
        return function.bound().signature().transformation() instanceof Transformation.Gradient gradient
                && gradient.remarks() == Transformation.Remarks.ALL;
    }
}
