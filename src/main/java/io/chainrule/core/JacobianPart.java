package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of a matrix of derivatives whose nodes are all differentiated by the same names: a full grid of blocks.
 *
 * @param rows the nodes that are differentiated, by name. Each element of them is a row of the matrix
 * @param by the names to differentiate by
 * @param entries how many entries can be other than zero, in all samples
 */
record JacobianPart(LoweredProgram lowered, Map<String, Integer> rows, List<String> by, Jacobian jacobian, long entries) {
    /** The memory of an entry: its column, and its positions in rows and groups. */
    private static final long BYTES_AN_ENTRY = 12;

    /**
     * Compiles the derivatives of {@code rows}, nodes of {@code graph}.
     *
     * @param known further nodes whose values are wanted
     * @param isSymmetric whether the rows are the derivatives of one number by all of the names
     */
    static JacobianPart of(LoweredProgram lowered, Graph graph, Map<String, Integer> rows, List<String> by, List<Integer> known,
            Transformation.Mode mode, boolean isSymmetric, BuildLimits limits) {
        List<Integer> of = List.copyOf(rows.values());
        List<Integer> wrt = by.stream().map(name -> node(lowered, name)).filter(node -> node != ResolvedNames.NO_NODE).map(lowered::point)
                .toList();
        Compression compression = isSymmetric && of.size() == wrt.size()
                ? Compression.ofSymmetric(graph, of, wrt, limits.jacobianEntries(), limits.checkpoint())
                : Compression.of(graph, of, wrt, direction(mode), limits.jacobianEntries(), limits.checkpoint());
        Samples samples = lowered.bound().samples();
        long entries = compression.entries() * samples.count();
        LimitException.check("jacobian-entries", entries, limits.jacobianEntries());
        limits.growth().accept(BYTES_AN_ENTRY * compression.entries());
        Jacobian jacobian = Jacobian.fitting(cost -> limits.fits(cost, answerBytes(entries)), samples, lowered.sampleLengths(), graph, of,
                wrt, known, compression, limits);
        return new JacobianPart(lowered, rows, by, jacobian, entries);
    }

    private static int node(LoweredProgram lowered, String name) {
        return Objects.requireNonNull(lowered.bound().names().wrt().get(name), name);
    }

    private static Compression.@Nullable Mode direction(Transformation.Mode mode) {
        return switch (mode) {
            case AUTO -> null;
            case FORWARD -> Compression.Mode.FORWARD;
            case REVERSE -> Compression.Mode.REVERSE;
        };
    }

    /** The memory that the answer of so many entries takes. */
    static long answerBytes(long entries) {
        return entries * (Double.BYTES + Integer.BYTES);
    }

    /** Runs the passes and adds to the results by name; returns the values of the further nodes. */
    List<Tensor> run(Map<Integer, Tensor> inputs, Checkpoint checkpoint, Map<String, Tensor> values,
            Map<String, Map<String, CompiledJacobian.Block>> blocks) {
        Jacobian.Result result = jacobian.run(inputs, checkpoint);
        List<String> ids = new ArrayList<>(rows.keySet());
        for (int row = 0; row < ids.size(); row++) {
            Tensor value = result.values().get(row);
            values.put(ids.get(row), value);
            blocks.put(ids.get(row), blocks(lowered, value.shape(), by, result.jacobians().get(row)));
        }
        return result.known();
    }

    /** The blocks of one differentiated node, whose shape is {@code of}; without matrices all entries are zero. */
    static Map<String, CompiledJacobian.Block> blocks(LoweredProgram lowered, Shape of, List<String> by,
            @Nullable List<SparseMatrix> matrices) {
        Map<String, CompiledJacobian.Block> blocks = new LinkedHashMap<>();
        int column = 0;
        for (String name : by) {
            int node = node(lowered, name);
            boolean isZero = matrices == null || node == ResolvedNames.NO_NODE;
            blocks.put(name, new CompiledJacobian.Block(of.concat(lowered.shape(name, node)),
                    isZero ? null : Objects.requireNonNull(matrices).get(column++)));
        }
        return blocks;
    }
}
