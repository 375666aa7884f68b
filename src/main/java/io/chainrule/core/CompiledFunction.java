package io.chainrule.core;

import io.chainrule.core.execution.Checks;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Computes values, and derivatives in a single sweep, of a program for inputs of known shapes. */
public final class CompiledFunction implements Compiled {
    private static final String COTANGENT = "cotangent";

    private final BoundProgram bound;
    private final DerivedGraph derived;
    private final LocalJacobians locals;
    /** Where runs look for trouble; null for functions that are not explained. */
    private final @Nullable Suspects suspects;
    private final @Nullable Contributions contributions;
    private final PlannedGraph planned;
    private final CostModel cost;
    private final long copiedBytes;
    private final Map<String, Shape> derivativeShapes;
    private final List<LocalJacobians.Local> localJacobians;
    /** The node of the derived graph that is the gradient, by the names to differentiate by whose gradient is computed. */
    private final Map<String, Integer> gradients;
    /** The shapes of the cotangents, tangents or vectors that each call must supply. */
    private final Shapes seeds;
    /** The input of the derived graph for each name that has a shape; −1 where the program never mentions it. */
    private final int[] positions;
    /**
     * Whether the function can be called with a {@code double[]}: every input is a scalar with a position, and callers supply nothing else.
     */
    private final boolean takesNumbers;

    CompiledFunction(BoundProgram bound, DerivedGraph derived, Shapes seeds, BitSet results, Checks checks, BuildLimits limits) {
        this(bound, derived, seeds, LocalJacobians.of(bound, Transformation.Locals.NONE, limits), null, null, results, new BitSet(), checks,
                limits);
    }

    CompiledFunction(BoundProgram bound, DerivedGraph derived, Shapes seeds, LocalJacobians locals, @Nullable Suspects suspects,
            @Nullable Contributions contributions, BitSet results, BitSet bounded, Checks checks, BuildLimits limits) {
        this.bound = bound;
        this.derived = derived;
        this.locals = locals;
        this.suspects = suspects;
        this.contributions = contributions;
        this.seeds = seeds;
        this.planned = PlannedGraph.bounded(derived.graph(), results, bounded, checks, derived.lengths(seeds), bound.samples(), limits);
        limits.checkSizes(planned.graph());
        // What is kept with a program is counted where it is kept, and not again in each run.
        this.cost = planned.cost().withoutBytes(planned.bytesOf(bound.kept()));
        this.copiedBytes = planned.copiedBytes();
        this.derivativeShapes = derived.lowered().derivativeShapes();
        this.localJacobians = locals.withoutValues();
        this.gradients = gradients(bound, derived);
        Map<String, Shape> inputs = bound.signature().inputs().toMap();
        positions = inputs.keySet().stream().map(bound.program()::find)
                .mapToInt(node -> node == null ? -1 : derived.lowered().image(node)).toArray();
        takesNumbers = derived.seeds().isEmpty() && inputs.keySet().containsAll(bound.inputNames())
                && inputs.values().stream().allMatch(Shape::isScalar);
    }

    private static Map<String, Integer> gradients(BoundProgram bound, DerivedGraph derived) {
        Map<String, Integer> gradients = new HashMap<>();
        if (bound.signature().transformation().hasGradients()) {
            bound.names().wrt().forEach((name, node) -> {
                if (node != ResolvedNames.NO_NODE && !derived.isZero(node)) {
                    gradients.put(name, derived.cotangent(node));
                }
            });
        }
        return gradients;
    }

    /** The node of the derived graph that is the gradient by a name; null if the gradient is not computed, or is zero at all inputs. */
    @Nullable
    Integer gradient(String name) {
        return gradients.get(name);
    }

    /**
     * Compiles the function that the signature of {@code bound} asks for; throws {@link io.chainrule.core.graph.LimitException} beyond
     * {@code limits}.
     */
    public static CompiledFunction of(BoundProgram bound, BuildLimits limits) {
        return FunctionCompiler.compiled(bound, limits);
    }

    /** Returns the values and derivatives at these inputs, given by name. Throws the same exceptions as {@link #call(Map, Map, Runner)}. */
    public Outcome call(Map<String, Tensor> inputs) {
        return call(inputs, Map.of());
    }

    /** Calls a function that takes cotangents, tangents or vectors; the map holds these by their names in the signature. */
    public Outcome call(Map<String, Tensor> inputs, Map<String, Tensor> seedValues) {
        return call(inputs, seedValues, Runner.DIRECT);
    }

    /**
     * Calls the function through {@code runner}, which may refuse or delay the run.
     *
     * @throws IllegalArgumentException if a value is missing, has another shape than the function was compiled for, or has a name that the
     *         program does not know
     * @throws ProblemException where an op meets values that it cannot use
     */
    public Outcome call(Map<String, Tensor> inputs, Map<String, Tensor> seedValues, Runner runner) {
        Map<Integer, Tensor> placed = derived.lowered().placed(inputs);
        derived.seeds().forEach((name, seed) -> placed.put(seed, seed(name, seedValues)));
        if (seedValues.size() > derived.seeds().size()) {
            Arguments.refuseOthers(seedValues, kindOfSeeds(), seeds.names());
        }
        try {
            return runner.run(cost, copiedBytes,
                    () -> new Outcome(this, () -> inputs, planned.run(placed, runner.parallel()), runner));
        } catch (ProblemException e) {
            throw derived.lowered().located(e, derived.graph());
        }
    }

    /**
     * Returns the value of a seed. A direction that is given once for all samples is repeated where the function expects one for each
     * sample.
     */
    private Tensor seed(String name, Map<String, Tensor> values) {
        Tensor value = Arguments.get(values, kindOfSeeds(), name, Objects.requireNonNull(seeds.get(name)));
        int node = Objects.requireNonNull(bound.names().seeded().get(name));
        boolean isRepeated = !kindOfSeeds().equals(COTANGENT) && bound.samples().areReduced() && bound.names().isSampled(node)
                && value.shape().equals(bound.program().graph().shape(node));
        return isRepeated ? value.repeated(bound.samples().length()) : value;
    }

    private String kindOfSeeds() {
        return switch (bound.signature().transformation()) {
            case Transformation.Jvp _ -> "tangent";
            case Transformation.Hvp _ -> "vector";
            default -> COTANGENT;
        };
    }

    /**
     * Calls the function with scalar inputs, in the order of the shapes that it was compiled for.
     *
     * @throws IllegalArgumentException if the number of inputs is wrong, or the function takes anything but scalar inputs
     * @throws ProblemException where an op meets values that it cannot use
     */
    public Outcome call(double... inputs) {
        if (!takesNumbers || inputs.length != positions.length) {
            String names = String.join(", ", bound.inputNames());
            throw new IllegalArgumentException(takesNumbers
                    ? "the function takes " + positions.length + " numbers, for " + names + ", not " + inputs.length
                    : "only a function of scalars takes numbers, give this one arrays by name, for " + names
                            + (derived.seeds().isEmpty() ? "" : ", and a " + kindOfSeeds() + " for each of " + seeds.names()));
        }
        PlannedGraph.Run run = planned.start(Parallel.NONE);
        for (int i = 0; i < inputs.length; i++) {
            run.placeScalar(positions[i], inputs[i]);
        }
        Map<Integer, Tensor> perturbations = derived.lowered().perturbations();
        if (!perturbations.isEmpty()) {
            perturbations.forEach(run::place);
        }
        try {
            run.run();
        } catch (ProblemException e) {
            throw derived.lowered().located(e, derived.graph());
        }
        return new Outcome(this, () -> named(inputs), run, Runner.DIRECT);
    }

    private Map<String, Tensor> named(double[] inputs) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        bound.signature().inputs().names().forEach(name -> named.put(name, Tensor.scalar(inputs[named.size()])));
        return named;
    }

    /** Starts a run whose inputs are set by name, and which can be repeated with other values. */
    public FunctionRun start(Parallel parallel) {
        return new FunctionRun(this, planned.start(parallel));
    }

    @Override
    public BoundProgram bound() {
        return bound;
    }

    @Override
    public Map<String, Shape> derivativeShapes() {
        return derivativeShapes;
    }

    @Override
    public CostModel cost() {
        return cost;
    }

    @Override
    public long bytes() {
        return bound.bytes() + Footprint.ofGraphs(bound.program().graph(), derived.lowered().graph(), derived.graph()) + planned.bytes()
                + locals.bytes() + (suspects == null ? 0 : suspects.bytes()) + (contributions == null ? 0 : contributions.bytes());
    }

    /** Throws {@link NoSuchElementException} if calls do not answer {@code what}. */
    void requireAnswer(boolean isAnswered, String what) {
        if (!isAnswered) {
            throw new NoSuchElementException(
                    "the function does not answer " + what + ", it answers: " + bound.signature().summary());
        }
    }

    DerivedGraph derived() {
        return derived;
    }

    @Nullable
    Suspects suspects() {
        return suspects;
    }

    @Nullable
    Contributions contributions() {
        return contributions;
    }

    /** The contributions to the gradient of a node, without their values, if the signature asks for them. */
    public List<Contribution.Edge> contributions(int node) {
        return contributions == null ? List.of() : contributions.edges(node);
    }

    LocalJacobians locals() {
        return locals;
    }

    /** The local Jacobians that calls return, without their values. */
    public List<LocalJacobians.Local> localJacobians() {
        return localJacobians;
    }

    /** Whether calls answer the gradient by a node. */
    public boolean hasGradient(int node) {
        return bound.names().hasGradient(node);
    }

    /** Whether the graph alone shows that the gradient by a node is zero, whatever the inputs are. */
    public boolean isConstant(int node) {
        return derived.isZero(node);
    }

    /** The program as text, its shapes, and what one call runs and costs. */
    @Override
    public String toString() {
        return bound + "\n# " + bound.signature().summary() + ": " + planned.plan() + "; " + cost();
    }
}
