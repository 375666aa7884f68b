package io.chainrule.core.rows;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A row program, compiled. Rows are computed in blocks of {@link #block()} rows, all by one compiled function. What a row comes to has the
 * same bits whatever its place in a block is and whichever rows are beside it: {@code BlockBitsTest} holds all ops to it. So neither the
 * order of rows nor their partition changes a bit. Immutable, and may be shared by threads.
 */
public final class RowFunction {
    private static final int MOST_ROWS = 256;
    /** So many doubles of a block's values stay in the cache of a core. */
    private static final long BLOCK_ELEMENTS = 1 << 17;

    private final RowProgram program;
    private final BlockFunction function;
    private final RowProbe probe;
    private final Map<String, Tensor> values;
    private final RowFunction first;

    private RowFunction(RowProgram program, BlockFunction function, RowProbe probe, Map<String, Tensor> values,
            @Nullable RowFunction first) {
        this.program = program;
        this.function = function;
        this.probe = probe;
        this.values = values;
        this.first = first == null ? this : first;
    }

    /**
     * Compiles a program. The limits decide only whether it is refused, and not how it is computed, so that machines with different limits
     * have the same bits; those of operations and memory are not looked at, for which there is {@link #cost()}.
     *
     * @throws io.chainrule.core.graph.ProblemException with what is wrong with the program or its columns
     * @throws io.chainrule.core.graph.LimitException beyond the limits
     */
    public static RowFunction of(RowProgram program, BuildLimits limits) {
        return of(program, limits, MOST_ROWS);
    }

    /** The same for rows that are computed a few at a time, as for a step of a fit; {@code most} changes no bit. */
    public static RowFunction of(RowProgram program, BuildLimits limits, int most) {
        program.check();
        BuildLimits sizes = limits.onlyRefusing();
        // Rows are looked at alone while they are computed, when nobody counts any more what compiling takes.
        BuildLimits later = new BuildLimits(limits.nodes(), limits.nesting(), limits.derivedNodes(), limits.tensorElements(),
                limits.jacobianEntries(), limits.flops(), limits.bytes(), _ -> {}, Checkpoint.NONE).onlyRefusing();
        BoundProgram one = Program.of(program.source(), limits.nesting())
                .bind(program.signature(new Transformation.Value(), RowProgram.ALONE), sizes);
        checkNames(program, one);
        BlockFunction function = new BlockFunction(program, Math.min(block(program, one), powerOfTwo(most)), sizes);
        return new RowFunction(program, function, new RowProbe(program, later), values(program, function, sizes), null);
    }

    private static Map<String, Tensor> values(RowProgram program, BlockFunction function, BuildLimits limits) {
        return function.bound().initialValues(program.fixed(), program.seed(), limits).all();
    }

    /** Refuses values for inputs that the program does not have. */
    private static void checkNames(RowProgram program, BoundProgram bound) {
        Set<String> known = new HashSet<>();
        bound.program().inputs().forEach(node -> known.add(bound.program().id(node)));
        Problems problems = new Problems();
        Set<String> columns = new HashSet<>();
        program.inputs().forEach(input -> columns.add(input.input()));
        bound.signature().inputs().names()
                .forEach(name -> checkName(name, Place.setting(columns.contains(name) ? "columns" : "inputs", name), program, bound,
                        known, problems));
        problems.throwIfAny();
    }

    private static void checkName(String name, Place place, RowProgram program, BoundProgram bound, Set<String> known, Problems problems) {
        Integer node = bound.program().find(name);
        if (node == null ? !isUnread(name, program) : !(bound.program().graph().op(node) instanceof Leaf.Input)) {
            problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "the program has no input '" + name + "'").node(name).at(place)
                    .expected("one of " + known.stream().sorted().toList(), name).hint(Nearest.hint(name, known).orElse(null)));
        }
    }

    /** Whether a stored program has this input, which it reads for other lengths of its arrays. */
    private static boolean isUnread(String name, RowProgram program) {
        return program.source() instanceof Source.Stored(StoredProgram stored) && stored.inputs().contains(name);
    }

    /**
     * Throws {@link io.chainrule.core.graph.ProblemException} for each name in {@code wrt} that a fit cannot change: an input that comes
     * from columns, a running statistic of a network, or a name without an initial value; and for each layer of a network that computes
     * otherwise in training, since a fit computes each row alone.
     */
    public void checkFitted() {
        Problems problems = new Problems();
        LoweredNetwork network = function.bound().network();
        if (program.network() != null) {
            program.network().spec().otherInTraining().forEach((place, layer) -> problems.add(Problem
                    .of(ProblemCode.INVALID_VALUE, "a fit computes each row alone, without what '" + layer.type() + "' does in training")
                    .at(place).expected("layers that compute the same in training", String.valueOf(layer.type()))
                    .hint("send a job of kind 'train', or leave out the layer")));
        }
        List<String> names = program.wrt() == null ? List.of() : program.wrt();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            Problem problem = null;
            if (program.inputs().stream().anyMatch(input -> input.input().equals(name))) {
                problem = Problem
                        .of(ProblemCode.INVALID_VALUE, "'" + name + "' comes from a column; what is fitted is the same for all rows")
                        .expected("an input with a value", "a column");
            } else if (network != null && network.statistics().stream().anyMatch(statistic -> statistic.name().equals(name))) {
                problem = Problem.of(ProblemCode.INVALID_VALUE, "'" + name + "' is a running statistic, which is not fitted")
                        .expected("a parameter", "a running statistic");
            } else if (!values.containsKey(name)) {
                problem = Problem.of(ProblemCode.INVALID_VALUE, "'" + name + "' has no value that could be fitted")
                        .expected("an input with a value", kind(name));
            }
            if (problem != null) {
                problems.add(problem.node(name).at(Place.setting("wrt").item(i)));
            }
        }
        problems.throwIfAny();
    }

    private String kind(String name) {
        NamedGraph graph = function.bound().program();
        Integer node = graph.find(name);
        if (node == null) {
            return "none";
        }
        return graph.graph().op(node) instanceof Leaf.Input ? "another name of '" + graph.id(node) + "'" : graph.graph().op(node).name();
    }

    /** A power of two that the size of what is computed of a row decides, and nothing else. */
    private static int block(RowProgram program, BoundProgram one) {
        Graph graph = one.program().graph();
        Set<@Nullable Integer> inputs = new HashSet<>();
        program.inputs().forEach(input -> inputs.add(one.program().find(input.input())));
        boolean[] differs = new boolean[graph.size()];
        long elements = 0;
        for (int i = 0; i < graph.size(); i++) {
            int node = i;
            differs[i] = graph.op(i) instanceof Leaf.Input
                    ? inputs.contains(i)
                    : IntStream.range(0, graph.operandCount(i)).anyMatch(k -> differs[graph.operand(node, k)]);
            elements += differs[i] ? graph.shape(i).size() : 0;
        }
        long derived = one.wrt().keySet().stream().mapToLong(name -> size(one, name)).sum();
        elements += switch (program.derivatives()) {
            case NONE -> 0;
            case GRADIENT -> elements + derived;
            case HESSIAN -> elements + derived + derived * derived;
        };
        return Integer.highestOneBit(Math.clamp(BLOCK_ELEMENTS / Math.max(1, elements), 1, MOST_ROWS));
    }

    /** The least power of two that is not less. */
    private static int powerOfTwo(int rows) {
        return Integer.highestOneBit(Math.clamp(2L * rows - 1, 1, MOST_ROWS));
    }

    private static long size(BoundProgram bound, String name) {
        Integer node = bound.program().find(name);
        return node == null ? 0 : bound.program().graph().shape(node).size();
    }

    /**
     * The same function with other values of some inputs that are the same for all rows, as parameters that are being fitted.
     * {@link RowPolicy} tells what becomes of rows that have finite results by the values of {@link #first()} alone.
     *
     * @throws IllegalArgumentException if there is no such input, or it has another shape
     */
    public RowFunction with(Map<String, Tensor> others) {
        return others.isEmpty() ? this : new RowFunction(program.with(others), function, probe, checked(others), first);
    }

    /** The function with the values with which it was made, before {@link #with} replaced any. */
    public RowFunction first() {
        return first;
    }

    /** Whether another function is this one but for values of inputs, as {@link #with} makes it. */
    public boolean isSameProgram(RowFunction other) {
        return function == other.function;
    }

    /** The values of all inputs that are the same for all rows, with these in the place of others. */
    Map<String, Tensor> checked(Map<String, Tensor> others) {
        others.forEach((name, value) -> {
            Tensor known = values.get(name);
            if (known == null || !known.shape().equals(value.shape())) {
                throw new IllegalArgumentException("'" + name + "' has " + (known == null ? "no value" : "shape " + known.shape())
                        + ", not shape " + value.shape());
            }
        });
        Map<String, Tensor> all = new LinkedHashMap<>(values);
        all.putAll(others);
        return all;
    }

    public RowProgram program() {
        return program;
    }

    /** The columns that it reads, in the order in which a {@link RowRun} counts them. */
    public List<String> columns() {
        return program.columns();
    }

    /** What is computed of each row, in the order of {@link RowResults}. */
    public List<RowQuantity> quantities() {
        return function.quantities();
    }

    /** The names by which the gradient is zero for any rows, as the graph alone shows. The program has to have gradients. */
    public Set<String> constantBy() {
        return function.constantBy();
    }

    /** The values of all inputs that are the same for all rows, initial ones of a network included. */
    public Map<String, Tensor> values() {
        return new LinkedHashMap<>(values);
    }

    /** Those of {@link #values()} that are parameters of a network and were drawn from the seed. */
    public Map<String, Tensor> drawn() {
        LoweredNetwork network = function.bound().network();
        Set<String> parameters = new HashSet<>();
        if (network != null) {
            network.parameters().forEach(parameter -> parameters.add(parameter.name()));
        }
        Map<String, Tensor> drawn = values();
        drawn.keySet().retainAll(parameters);
        drawn.keySet().removeAll(program.fixed().keySet());
        return drawn;
    }

    /** How many rows are computed together. */
    public int block() {
        return function.rows();
    }

    /** What a block of rows costs, without the conversion of cells. */
    public CostModel cost() {
        return function.cost();
    }

    /** An estimate of the memory that a run takes, with the cells and the results of a block. */
    public long runBytes() {
        long results = quantities().stream().mapToLong(quantity -> quantity.shape().size()).sum();
        return cost().bytes() + (long) Double.BYTES * block() * results;
    }

    /** An estimate of the memory that the function takes, without that of runs. */
    public long bytes() {
        return function.bytes();
    }

    BlockFunction function() {
        return function;
    }

    RowProbe probe() {
        return probe;
    }

    /**
     * Starts to compute rows. Several threads may each have a run of their own.
     *
     * @param part the part of the data set that the rows are of, by which faults are named; empty if rows are counted through
     * @param parallel the threads that share large loops; also asked whether the work may go on
     */
    public RowRun start(String part, RowPolicy policy, RowSink sink, Parallel parallel) {
        return new RowRun(this, values, part, policy, sink, parallel);
    }
}
