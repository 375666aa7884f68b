package io.chainrule.core;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whole matrices of derivatives of a program for inputs of known shapes: Jacobians, or the Hessian. */
public final class CompiledJacobian implements Compiled {
    /** The memory of an entry: its column, and its positions in rows and groups. */
    private static final long BYTES_AN_ENTRY = 12;

    private final BoundProgram bound;
    private final LoweredProgram lowered;
    /** The nodes that are differentiated, by name. Each element of them is a row of the matrix. */
    private final Map<String, Integer> rows;
    private final Jacobian jacobian;
    private final CostModel cost;
    private final long entries;

    private CompiledJacobian(LoweredProgram lowered, Graph graph, Map<String, Integer> rows, List<Integer> known, Transformation.Mode mode,
            boolean isDense, BuildLimits limits) {
        this.bound = lowered.bound();
        this.lowered = lowered;
        this.rows = rows;
        List<Integer> of = List.copyOf(rows.values());
        List<Integer> wrt = bound.names().wrt().values().stream().filter(node -> node != ResolvedNames.NO_NODE).map(lowered::point)
                .toList();
        if (isDense) {
            double dense = 0;
            for (Shape row : rowShapes().values()) {
                for (Shape column : columnShapes().values()) {
                    dense += (double) row.size() * column.size();
                }
            }
            LimitException.check("jacobian-entries", (long) dense, limits.jacobianEntries());
        }
        boolean isSymmetric = bound.signature().transformation() instanceof Transformation.Hessian && of.size() == wrt.size();
        Compression compression = isSymmetric
                ? Compression.ofSymmetric(graph, of, wrt, limits.jacobianEntries(), limits.checkpoint())
                : Compression.of(graph, of, wrt, direction(mode), limits.jacobianEntries(), limits.checkpoint());
        Samples samples = bound.samples();
        entries = compression.entries() * samples.count();
        LimitException.check("jacobian-entries", entries, limits.jacobianEntries());
        limits.growth().accept(BYTES_AN_ENTRY * compression.entries());
        jacobian = Jacobian.fitting(cost -> limits.fits(cost, answerBytes()), samples, lowered.sampleLengths(), graph, of, wrt, known,
                compression, limits);
        cost = jacobian.cost();
    }

    /** Compiles the transformations {@link Transformation.Jacobians} and {@link Transformation.Hessian}. */
    static CompiledJacobian of(BoundProgram bound, BuildLimits limits) {
        return switch (bound.signature().transformation()) {
            case Transformation.Jacobians asked -> {
                Map<String, Integer> of = new LinkedHashMap<>();
                LoweredProgram lowered = LoweredProgram.of(bound, bound.names().of().values(), limits);
                bound.names().of().forEach((id, node) -> of.put(id, lowered.result(node)));
                yield new CompiledJacobian(lowered, lowered.graph(), of, List.of(), asked.mode(), asked.dense(), limits);
            }
            case Transformation.Hessian asked -> {
                LoweredProgram lowered = LoweredProgram.moving(bound, bound.names().wrtNodes(), limits);
                DerivedGraph gradient = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits);
                Map<String, Integer> of = new LinkedHashMap<>();
                bound.names().wrt().forEach((id, node) -> {
                    if (node != ResolvedNames.NO_NODE && !gradient.isZero(node)) {
                        of.put(id, gradient.cotangent(node));
                    }
                });
                List<Integer> output = List.of(lowered.result(bound.program().output()));
                yield new CompiledJacobian(lowered, gradient.graph(), of, output, Transformation.Mode.AUTO, asked.dense(), limits);
            }
            default -> throw new IllegalArgumentException(bound.signature().transformation() + " is no matrix");
        };
    }

    private long answerBytes() {
        return entries * (Double.BYTES + Integer.BYTES);
    }

    private static Compression.@Nullable Mode direction(Transformation.Mode mode) {
        return switch (mode) {
            case AUTO -> null;
            case FORWARD -> Compression.Mode.FORWARD;
            case REVERSE -> Compression.Mode.REVERSE;
        };
    }

    /** The shapes in which calls return the nodes that are differentiated, by name. */
    public Map<String, Shape> rowShapes() {
        if (bound.signature().transformation() instanceof Transformation.Hessian) {
            return derivativeShapes();
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        bound.names().of().forEach((id, node) -> shapes.put(id, bound.answered(lowered.graph().shape(lowered.result(node)))));
        return shapes;
    }

    /** The shapes, in one sample, of the nodes to differentiate by, by name. */
    public Map<String, Shape> columnShapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        bound.names().wrt().forEach((name, node) -> shapes.put(name, lowered.shape(name, node)));
        return shapes;
    }

    /** How many entries can be other than zero. */
    public long entries() {
        return entries;
    }

    /**
     * The matrix of derivatives of one node by one name.
     *
     * @param shape the node's shape, followed by the shape of the name
     * @param matrix over samples, the rows of all samples one sample after the other; null if all entries are zero
     */
    public record Block(Shape shape, @Nullable SparseMatrix matrix) {
        /** All entries, zeros included. */
        public Tensor dense() {
            return matrix == null ? Tensor.zeros(shape) : matrix.dense(shape);
        }

        /** The entries that can be nonzero, each with an index for every axis of the shape. */
        public Entries entries() {
            if (matrix == null) {
                return new Entries(new int[0][], new double[0]);
            }
            int[][] indices = new int[matrix.entries()][];
            double[] values = new double[indices.length];
            long width = indices.length == 0 ? 0 : shape.size() / matrix.rows();
            int[] n = {0};
            matrix.forEach((row, column, value) -> {
                indices[n[0]] = shape.index(row * width + column);
                values[n[0]++] = value;
            });
            return new Entries(indices, values);
        }
    }

    /** The indices of entries, one array for each axis, and the entries' values. */
    public record Entries(int[][] indices, double[] values) {}

    /**
     * The result of a call.
     *
     * @param value the value of the output; null if only other nodes are differentiated
     * @param values the values of the nodes that are differentiated, by name; for a Hessian the gradients
     * @param blocks the blocks of the matrix, by the node that is differentiated and then by the name to differentiate by
     */
    public record Result(CompiledJacobian function, @Nullable Tensor value, Map<String, Tensor> values,
            Map<String, Map<String, Block>> blocks) {
        /**
         * The derivative of node {@code of}, or of the gradient by {@code of}, by {@code wrt}; throws {@link NoSuchElementException} if it
         * was not asked for.
         */
        public Block block(String of, String wrt) {
            Block block = blocks.getOrDefault(of, Map.of()).get(wrt);
            if (block == null) {
                throw new NoSuchElementException("there is no derivative of '" + of + "' by '" + wrt + "', but of "
                        + blocks.keySet() + " by " + blocks.values().stream().findFirst().orElse(Map.of()).keySet());
            }
            return block;
        }
    }

    /** Returns the derivatives at these inputs, given by name. Throws the same exceptions as {@link #call(Map, Runner)}. */
    public Result call(Map<String, Tensor> inputs) {
        return call(inputs, Runner.DIRECT);
    }

    /**
     * Calls the function through {@code runner}, which may refuse or delay the run.
     *
     * @throws IllegalArgumentException if the values do not match the program's inputs
     * @throws ProblemException where an op meets values that it cannot use
     */
    public Result call(Map<String, Tensor> inputs, Runner runner) {
        try {
            Jacobian.Result result = runner.run(cost(), answerBytes(),
                    () -> jacobian.run(lowered.placed(inputs), runner.checkpoint()));
            return bound.signature().transformation() instanceof Transformation.Hessian ? hessian(result) : jacobians(result);
        } catch (ProblemException e) {
            throw lowered.located(e, jacobian.derived());
        }
    }

    private Result jacobians(Jacobian.Result result) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        Map<String, Map<String, Block>> blocks = new LinkedHashMap<>();
        for (String id : rows.keySet()) {
            int row = values.size();
            Tensor value = result.values().get(row);
            values.put(id, value);
            blocks.put(id, blocks(value.shape(), result.jacobians().get(row)));
        }
        return new Result(this, null, values, blocks);
    }

    private Result hessian(Jacobian.Result result) {
        Result found = jacobians(result);
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        Map<String, Map<String, Block>> blocks = new LinkedHashMap<>();
        bound.names().wrt().forEach((name, node) -> {
            Shape shape = bound.answered(lowered.shape(name, node));
            gradients.put(name, Objects.requireNonNullElseGet(found.values.get(name), () -> Tensor.zeros(shape)));
            blocks.put(name, Objects.requireNonNullElseGet(found.blocks.get(name), () -> blocks(shape, null)));
        });
        return new Result(this, result.known().getFirst(), gradients, blocks);
    }

    /** The blocks of one differentiated node, whose shape is {@code of}; without matrices all entries are zero. */
    private Map<String, Block> blocks(Shape of, @Nullable List<SparseMatrix> matrices) {
        Map<String, Block> blocks = new LinkedHashMap<>();
        int column = 0;
        for (Map.Entry<String, Integer> wrt : bound.names().wrt().entrySet()) {
            Shape shape = of.concat(lowered.shape(wrt.getKey(), wrt.getValue()));
            boolean isZero = matrices == null || wrt.getValue() == ResolvedNames.NO_NODE;
            blocks.put(wrt.getKey(), new Block(shape, isZero ? null : Objects.requireNonNull(matrices).get(column++)));
        }
        return blocks;
    }

    /** Whether the passes run in forward or in reverse mode. */
    public Transformation.Mode mode() {
        return jacobian.mode() == Compression.Mode.FORWARD ? Transformation.Mode.FORWARD : Transformation.Mode.REVERSE;
    }

    /** How many products of the matrix with a vector a call computes. */
    public long passes() {
        return jacobian.passes();
    }

    @Override
    public BoundProgram bound() {
        return bound;
    }

    @Override
    public Map<String, Shape> derivativeShapes() {
        return lowered.derivativeShapes();
    }

    @Override
    public CostModel cost() {
        return cost;
    }

    @Override
    public long bytes() {
        return bound.bytes() + Footprint.ofGraphs(bound.program().graph(), lowered.graph()) + jacobian.bytes();
    }

    @Override
    public String toString() {
        return bound + "\n# " + bound.signature().summary() + ": " + passes() + " passes in " + mode().name().toLowerCase(Locale.ROOT)
                + " mode; " + cost();
    }
}
