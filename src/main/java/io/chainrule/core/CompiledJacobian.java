package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whole matrices of derivatives of a program for inputs of known shapes: Jacobians, or the Hessian. */
public final class CompiledJacobian implements Compiled {
    private final BoundProgram bound;
    private final LoweredProgram lowered;
    private final List<JacobianPart> parts;
    /** The names to differentiate by, by node that is differentiated. */
    private final Map<String, List<String>> pairs;
    private final CostModel cost;

    CompiledJacobian(LoweredProgram lowered, Map<String, List<String>> pairs, List<JacobianPart> parts) {
        this.bound = lowered.bound();
        this.lowered = lowered;
        this.pairs = pairs;
        this.parts = List.copyOf(parts);
        this.cost = parts.stream().map(part -> part.jacobian().cost().withoutBytes(part.jacobian().bytesOf(bound.kept())))
                .reduce(CostModel.NONE, CostModel::plus);
    }

    private long answerBytes() {
        return JacobianPart.answerBytes(entries());
    }

    /** The shapes in which calls return the nodes that are differentiated, by name. */
    public Map<String, Shape> rowShapes() {
        return JacobianCompiler.rowShapes(lowered);
    }

    /** The shapes, in one sample, of the nodes to differentiate by, by name. */
    public Map<String, Shape> columnShapes() {
        return JacobianCompiler.columnShapes(lowered);
    }

    /** The names that each node is differentiated by, by name of the node. */
    public Map<String, List<String>> pairs() {
        return Collections.unmodifiableMap(pairs);
    }

    /** How many entries can be other than zero. */
    public long entries() {
        return parts.stream().mapToLong(JacobianPart::entries).sum();
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
                        + blocks.keySet() + " by "
                        + blocks.values().stream().flatMap(row -> row.keySet().stream()).distinct().toList());
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
        return runner.run(cost(), answerBytes(), () -> run(lowered.placed(inputs), runner.parallel()));
    }

    private Result run(Map<Integer, Tensor> inputs, Parallel parallel) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        Map<String, Map<String, Block>> blocks = new LinkedHashMap<>();
        List<Tensor> known = List.of();
        for (JacobianPart part : parts) {
            try {
                known = part.run(inputs, parallel, values, blocks);
            } catch (ProblemException e) {
                throw lowered.located(e, part.jacobian().derived());
            }
        }
        Map<String, Shape> shapes = rowShapes();
        Map<String, Tensor> orderedValues = new LinkedHashMap<>();
        Map<String, Map<String, Block>> orderedBlocks = new LinkedHashMap<>();
        pairs.forEach((id, by) -> {
            Tensor value = values.get(id);
            Map<String, Block> row = blocks.get(id);
            Shape shape = Objects.requireNonNull(shapes.get(id));
            orderedValues.put(id, value != null ? value : Tensor.zeros(shape));
            orderedBlocks.put(id, row != null ? row : JacobianPart.blocks(lowered, shape, by, null));
        });
        return new Result(this, known.isEmpty() ? null : known.getFirst(), orderedValues, orderedBlocks);
    }

    /** Receives entries of a stream. */
    public interface Sink {
        /**
         * Receives entries of the derivative of {@code of} by {@code wrt}, given by row-major positions in the shapes of both; over
         * samples, {@code rows} count the elements of all samples, one sample after the other.
         */
        void entries(String of, String wrt, int[] rows, int[] columns, double[] values);
    }

    /**
     * Calls the function and passes the entries on while it runs, in no certain order, so that they are never held all at once. Returns the
     * values of the nodes that are differentiated, by name.
     *
     * @throws IllegalArgumentException if the values do not match the program's inputs
     * @throws ProblemException where an op meets values that it cannot use
     */
    public Map<String, Tensor> stream(Map<String, Tensor> inputs, Runner runner, Sink sink) {
        return runner.run(cost(), 0, () -> {
            Map<Integer, Tensor> placed = lowered.placed(inputs);
            Map<String, Tensor> values = new LinkedHashMap<>();
            for (JacobianPart part : parts) {
                try {
                    part.stream(placed, runner.parallel(), values, sink);
                } catch (ProblemException e) {
                    throw lowered.located(e, part.jacobian().derived());
                }
            }
            Map<String, Tensor> ordered = new LinkedHashMap<>();
            pairs.keySet().forEach(id -> ordered.put(id, Objects.requireNonNull(values.get(id))));
            return ordered;
        });
    }

    /** Whether the passes run in forward or in reverse mode; AUTO if there are passes in both. */
    public Transformation.Mode mode() {
        List<Compression.Mode> modes = parts.stream().map(part -> part.jacobian().mode()).distinct().toList();
        return modes.size() > 1
                ? Transformation.Mode.AUTO
                : modes.equals(List.of(Compression.Mode.FORWARD)) ? Transformation.Mode.FORWARD : Transformation.Mode.REVERSE;
    }

    /** How many products of the matrix with a vector a call computes. */
    public long passes() {
        return parts.stream().mapToLong(part -> part.jacobian().passes()).sum();
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
        return bound.bytes() + Footprint.ofGraphs(bound.program().graph(), lowered.graph())
                + parts.stream().mapToLong(part -> part.jacobian().bytes()).sum();
    }

    @Override
    public String toString() {
        return bound + "\n# " + bound.signature().summary() + ": " + passes() + " passes in " + mode().name().toLowerCase(Locale.ROOT)
                + " mode; " + cost();
    }
}
