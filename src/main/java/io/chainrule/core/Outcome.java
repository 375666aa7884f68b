package io.chainrule.core;

import io.chainrule.core.execution.Checks;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The result of calling a {@link CompiledFunction}. Over samples, every array has their leading axis. Nodes are those of {@link
 * BoundProgram#program()}; a node that the signature does not ask for has no value.
 */
public final class Outcome {
    private final CompiledFunction function;
    private final Supplier<Map<String, Tensor>> inputs;
    private final PlannedGraph.Run run;
    private final Runner runner;
    private final DerivedGraph derived;

    Outcome(CompiledFunction function, Supplier<Map<String, Tensor>> inputs, PlannedGraph.Run run, Runner runner) {
        this.function = function;
        this.inputs = inputs;
        this.run = run;
        this.runner = runner;
        this.derived = function.derived();
    }

    public CompiledFunction function() {
        return function;
    }

    /** The inputs of the call. */
    public Map<String, Tensor> inputs() {
        return inputs.get();
    }

    /** The value of the output. */
    public Tensor value() {
        return value(function.bound().program().output());
    }

    /** The value of the output, or of a node that the signature lists or names. */
    public Tensor value(String id) {
        BoundProgram bound = function.bound();
        Integer node = bound.program().find(id);
        if (node == null
                || node != bound.program().output() && !bound.names().listed().contains(node) && !bound.valued().containsValue(node)) {
            throw notAnswered(id);
        }
        return value(node);
    }

    public Tensor value(int node) {
        if (!hasValue(node)) {
            throw notAnswered(function.bound().program().id(node));
        }
        return run.value(derived.lowered().result(node));
    }

    /** Whether the run answers the value of a node. */
    public boolean hasValue(int node) {
        return run.planned().results().get(derived.lowered().result(node));
    }

    private static NoSuchElementException notAnswered(String id) {
        return new NoSuchElementException("the function does not answer the value of '" + id + "'; list the node to have it");
    }

    /** The values of the nodes whose cotangents were supplied, or whose tangents were asked for, by name. */
    public Map<String, Tensor> values() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        function.bound().valued().forEach((id, node) -> values.put(id, value(node)));
        return values;
    }

    /** The gradient by one of the names that the function differentiates by, or by a node that it lists. */
    public Tensor gradient(String name) {
        Integer cotangent = function.gradient(name);
        if (cotangent != null) {
            return run.value(cotangent);
        }
        Integer node = function.bound().program().find(name);
        return node != null && function.bound().names().listed().contains(node) ? gradient(node) : byName(name, this::gradient);
    }

    public Tensor gradient(int node) {
        requireGradient(node);
        return derived.isZero(node) ? zeros(node) : run.value(derived.cotangent(node));
    }

    /** The gradients, by the names that the function differentiates by; zero where the output does not depend on the name. */
    public Map<String, Tensor> gradients() {
        return byName(this::gradient);
    }

    /**
     * How many decimal digits of each gradient are certain, by the names that the function differentiates by, in the gradients' shapes;
     * rounded down to one decimal, and 0 where nothing is known.
     */
    public Map<String, Tensor> digits() {
        function.requireAnswer(hasDigits(), "how many digits are certain");
        Map<String, Tensor> digits = new LinkedHashMap<>();
        for (String name : function.bound().wrt().keySet()) {
            int node = function.bound().wrt(name);
            boolean isZero = node == ResolvedNames.NO_NODE || derived.isZero(node);
            digits.put(name, isZero ? Digits.of(byName(name, this::zeros), null) : run.digits(derived.cotangent(node)));
        }
        return digits;
    }

    /** How many digits of the output's value are certain. */
    public Tensor digitsOfValue() {
        function.requireAnswer(hasDigits(), "how many digits are certain");
        return run.digits(derived.lowered().result(function.bound().program().output()));
    }

    /** The nodes whose ops cannot bound their errors, so that what depends on them has no certain digits. */
    public Set<Integer> unboundedNodes() {
        int[] unbounded = run.unbounded();
        return unbounded.length == 0
                ? Set.of()
                : Arrays.stream(unbounded).filter(node -> node >= 0 && node < derived.lowered().graph().size())
                        .mapToObj(derived.lowered()::origin).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether the signature asks how many digits are certain. */
    public boolean hasDigits() {
        return function.bound().signature().transformation() instanceof Transformation.Gradient gradient
                && gradient.extra() == Transformation.Extra.DIGITS;
    }

    /** The Hessian times the vectors, by the names that the function differentiates by. */
    public Map<String, Tensor> products() {
        return byName(this::product);
    }

    /** The Hessian times the vectors, by one of the names that the function differentiates by. */
    public Tensor product(String name) {
        return byName(name, this::product);
    }

    private Tensor product(int node) {
        function.requireAnswer(function.bound().signature().transformation() instanceof Transformation.Hvp, "products");
        int tangent = derived.tangentOfCotangent(node);
        return tangent < 0 ? zeros(node) : run.value(tangent);
    }

    /** The tangent of the first node whose tangent the signature asks for; of the output if it names none. */
    public Tensor tangent() {
        return tangents().values().iterator().next();
    }

    /** Tangents, by the names of the nodes that the signature asks for. */
    public Map<String, Tensor> tangents() {
        function.requireAnswer(function.bound().signature().transformation() instanceof Transformation.Jvp, "tangents");
        Map<String, Tensor> tangents = new LinkedHashMap<>();
        function.bound().names().of().forEach((id, node) -> {
            int tangent = derived.tangent(node);
            tangents.put(id, tangent < 0 ? Tensor.zeros(function.bound().answered(node)) : run.value(tangent));
        });
        return tangents;
    }

    private void requireGradient(int node) {
        function.requireAnswer(hasGradients(), "gradients");
        if (!function.bound().names().hasGradient(node)) {
            throw new NoSuchElementException("the function does not answer the gradient by '" + function.bound().program().id(node)
                    + "'; list the node to have it");
        }
    }

    private boolean hasGradients() {
        return function.bound().signature().transformation().hasGradients();
    }

    private Tensor zeros(int node) {
        return Tensor.zeros(function.bound().answered(derived.lowered().graph().shape(derived.lowered().image(node))));
    }

    private Map<String, Tensor> byName(IntFunction<Tensor> derivativeBy) {
        Map<String, Tensor> derivatives = new LinkedHashMap<>();
        function.bound().wrt().keySet().forEach(name -> derivatives.put(name, byName(name, derivativeBy)));
        return derivatives;
    }

    private Tensor byName(String name, IntFunction<Tensor> derivativeBy) {
        int node = function.bound().wrt(name);
        return node == ResolvedNames.NO_NODE
                ? Tensor.zeros(function.bound().answered(derived.lowered().shape(name, node)))
                : derivativeBy.apply(node);
    }

    /** The Jacobians of single ops that the signature asks for. */
    public List<LocalJacobians.Local> localJacobians() {
        return function.locals().at(this::value, runner);
    }

    /** The contributions to the gradients of nodes that the signature lists or differentiates by. */
    public Contributions.Values contributions() {
        function.requireAnswer(function.contributions() != null, "contributions");
        return Objects.requireNonNull(function.contributions()).new Values(run::value, runner);
    }

    /** Whether all elements of the gradient by a node are zero at these inputs; false for a gradient without elements. */
    public boolean isZeroGradient(int node) {
        requireGradient(node);
        return derived.isZero(node) || function.bound().answered(node).size() > 0 && run.isZero(derived.cotangent(node));
    }

    /** What the run found about its own values and gradients. */
    public RunFindings findings() {
        return new RunFindings(function, run, runner);
    }

    /** The values of nodes that the run did not keep; runs the program again to find them. */
    public Map<Integer, Tensor> valuesAgain(List<Integer> nodes) {
        LoweredProgram lowered = derived.lowered();
        PlannedGraph again = PlannedGraph.of(lowered.graph(), lowered.images(nodes), Checks.NONE, lowered.sampleLengths(),
                function.bound().samples(), BuildLimits.GENEROUS);
        Map<Integer, Tensor> placed = lowered.placed(inputs());
        PlannedGraph.Run found = runner.run(again.cost(), again.copiedBytes(), () -> again.run(placed, runner.parallel()));
        Map<Integer, Tensor> values = new HashMap<>();
        nodes.forEach(node -> values.put(node, found.value(lowered.image(node))));
        return values;
    }

    /** The values and derivatives that were computed, by name. */
    @Override
    public String toString() {
        return switch (function.bound().signature().transformation()) {
            case Transformation.Vjp _ -> values() + ", gradients " + gradients();
            case Transformation.Jvp _ -> values() + ", tangents " + tangents();
            case Transformation.Hvp _ -> value() + ", gradients " + gradients() + ", products " + products();
            default -> value() + (hasGradients() ? ", gradients " + gradients() : "");
        };
    }
}
