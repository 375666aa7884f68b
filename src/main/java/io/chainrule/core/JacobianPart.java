package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.EntryLimits;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Parallel;
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

    /** What is known of a part, or asked of it. */
    enum Kind {
        PLAIN,
        /** The rows are the derivatives of one number by all of the names. */
        SYMMETRIC,
        /** Entries are passed on while passes run. */
        STREAM
    }

    /**
     * Compiles the derivatives of {@code rows}, nodes of {@code graph}.
     *
     * @param known further nodes whose values are wanted
     */
    static JacobianPart of(LoweredProgram lowered, Graph graph, Map<String, Integer> rows, List<String> by, List<Integer> known,
            Transformation.Mode mode, Kind kind, BuildLimits limits) {
        List<Integer> of = List.copyOf(rows.values());
        List<Integer> wrt = by.stream().map(name -> node(lowered, name)).filter(node -> node != ResolvedNames.NO_NODE).map(lowered::point)
                .toList();
        EntryLimits most = limits.entries(kind == Kind.STREAM);
        Compression compression = kind == Kind.SYMMETRIC && of.size() == wrt.size()
                ? Compression.ofSymmetric(graph, of, wrt, most, limits.checkpoint())
                : Compression.of(graph, of, wrt, direction(mode), most, limits.checkpoint());
        Samples samples = lowered.bound().samples();
        long entries = compression.entries() * samples.count();
        LimitException.check("jacobian-entries", entries, most.answered());
        limits.growth().accept(kind == Kind.STREAM ? compression.bytes() : BYTES_AN_ENTRY * compression.entries());
        long answer = kind == Kind.STREAM ? 0 : answerBytes(entries);
        Jacobian jacobian = Jacobian.fitting(cost -> limits.fits(cost, answer), samples, lowered.sampleLengths(), graph, of,
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
    List<Tensor> run(Map<Integer, Tensor> inputs, Parallel parallel, Map<String, Tensor> values,
            Map<String, Map<String, CompiledJacobian.Block>> blocks) {
        Jacobian.Result result = jacobian.run(inputs, parallel);
        List<String> ids = new ArrayList<>(rows.keySet());
        for (int row = 0; row < ids.size(); row++) {
            Tensor value = result.values().get(row);
            values.put(ids.get(row), value);
            blocks.put(ids.get(row), blocks(lowered, value.shape(), by, result.jacobians().get(row)));
        }
        return result.known();
    }

    /** Runs the passes, passes on entries, and adds to the values by name. */
    void stream(Map<Integer, Tensor> inputs, Parallel parallel, Map<String, Tensor> values, CompiledJacobian.Sink sink) {
        List<String> ids = List.copyOf(rows.keySet());
        List<String> names = by.stream().filter(name -> node(lowered, name) != ResolvedNames.NO_NODE).toList();
        Jacobian.Result result = jacobian.stream(inputs, parallel,
                (o, w, at, columns, entries) -> sink.entries(ids.get(o), names.get(w), at, columns, entries));
        for (int row = 0; row < ids.size(); row++) {
            values.put(ids.get(row), result.values().get(row));
        }
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
