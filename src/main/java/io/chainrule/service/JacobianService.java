package io.chainrule.service;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.Jacobian;
import io.chainrule.core.autodiff.SparseMatrix;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Whole matrices of derivatives, first and second; and products with the second, which never build it. Throws as {@link GradientService}. */
@Service
public final class JacobianService {
    private final ProgramReader reader;
    private final Runs runs;

    JacobianService(ProgramReader reader, Runs runs) {
        this.reader = reader;
        this.runs = runs;
    }

    /** Jacobians of nodes by nodes. */
    public Answer.Jacobians jacobian(Call call, @Nullable List<String> of, JacobianMode mode, MatrixFormat format) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Map<String, Integer> wanted = bench.asked().wanted(of);
            bench.begin(wanted.values());
            Map<String, Integer> images = new LinkedHashMap<>();
            wanted.forEach((id, node) -> images.put(id, bench.result(node)));
            AnswerSize size = bench.answerSize(wanted.values());
            checkDense(bench, wanted.values().stream().map(bench::answered).toList(), format, size);
            Blocks blocks = blocks(bench, bench.graph(), images, List.of(), mode, format, size);
            return new Answer.Jacobians(blocks.values(), blocks.matrices(), blocks.jacobian().mode().name().toLowerCase(Locale.ROOT),
                    Math.toIntExact(blocks.jacobian().passes()), bench.subject());
        }
    }

    /** The gradient's Jacobian: second derivatives of a scalar output. */
    public Answer.Hessian hessian(Call call, MatrixFormat format) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            bench.asked().checkScalar(false);
            bench.beginMoving(bench.asked().wrt().values());
            Derivation gradient = gradient(bench);
            Map<String, Integer> rows = new LinkedHashMap<>();
            bench.asked().wrt().forEach((id, node) -> {
                if (node != Workbench.NO_NODE && !gradient.isZero(node)) {
                    rows.put(id, gradient.cotangentNode(node));
                }
            });
            List<Integer> output = List.of(bench.result(bench.program().output()));
            AnswerSize size = bench.derivatives(bench.answerSize(List.of(bench.program().output())));
            checkDense(bench, bench.asked().wrt().entrySet().stream().map(entry -> bench.answered(bench.shape(entry))).toList(), format,
                    size);
            Blocks blocks = blocks(bench, gradient.graph(), rows, output, JacobianMode.AUTO, format, size);
            Map<String, Map<String, Answer.Matrix>> hessians = new LinkedHashMap<>();
            for (Map.Entry<String, Integer> a : bench.asked().wrt().entrySet()) {
                Map<String, Answer.Matrix> row = blocks.matrices().get(a.getKey());
                hessians.put(a.getKey(), row != null ? row : zeros(bench, bench.answered(bench.shape(a)), format));
            }
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            bench.asked().wrt().entrySet().forEach(entry -> gradients.put(entry.getKey(),
                    Objects.requireNonNullElseGet(blocks.values().get(entry.getKey()),
                            () -> Tensor.zeros(bench.answered(bench.shape(entry))))));
            return new Answer.Hessian(blocks.known().getFirst(), gradients, hessians, Math.toIntExact(blocks.jacobian().passes()),
                    bench.subject());
        }
    }

    /** Forward over reverse: the derivative of the gradient along a direction. */
    public Answer.HessianProduct hvp(Call call, Map<String, Tensor> vectors) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            bench.asked().checkScalar(false);
            Map<Integer, Tensor> given = bench.asked().directions(vectors, "vectors");
            Set<Integer> moved = new HashSet<>(given.keySet());
            moved.addAll(bench.asked().wrt().values());
            bench.beginMoving(moved);
            Derivation gradient = gradient(bench);
            Tangents derived = Tangents.of(bench, gradient.graph(), given);
            BitSet results = gradient.cotangentsOf(bench.asked().wrt().values());
            BitSet kept = (BitSet) results.clone();
            results.stream().map(node -> derived.nodes()[node]).filter(node -> node >= 0).forEach(kept::set);
            int output = bench.result(bench.program().output());
            kept.set(output);
            AnswerSize size = bench.derivatives(bench.derivatives(bench.answerSize(List.of(bench.program().output()))));
            Run run = bench.run(size, derived.graph(), kept, derived.seeds());
            return new Answer.HessianProduct(run.value(output), bench.byName(node -> gradient.cotangent(node, run)), bench.byName(node -> {
                int tangent = gradient.isZero(node) ? -1 : derived.nodes()[gradient.cotangentNode(node)];
                return tangent < 0 ? Tensor.zeros(bench.answered(bench.graph().shape(bench.image(node)))) : run.value(tangent);
            }), bench.subject());
        }
    }

    private static Derivation gradient(Workbench bench) {
        BitSet wrt = new BitSet();
        bench.addImages(bench.asked().wrt().values(), wrt);
        return Derivation.ofOnes(bench, bench.program().output(), wrt);
    }

    /** {@code known} are values of further nodes. */
    private record Blocks(Map<String, Tensor> values, List<Tensor> known, Map<String, Map<String, Answer.Matrix>> matrices,
            Jacobian jacobian) {}

    /** Refuses dense matrices, with these rows as they are answered, that are too large, and takes note of their size in the answer. */
    private static void checkDense(Workbench bench, List<Shape> rows, MatrixFormat format, AnswerSize size) {
        if (format != MatrixFormat.DENSE) {
            return;
        }
        double dense = 0;
        for (Shape row : rows) {
            for (Map.Entry<String, Integer> column : bench.asked().wrt().entrySet()) {
                dense += (double) row.size() * bench.shape(column).size();
                size.matrix(row, bench.shape(column));
            }
        }
        Limits.check("jacobian-entries", (long) dense, bench.limits().jacobianEntries());
    }

    /** Jacobians of nodes of a graph, by name, with respect to what the request differentiates by. */
    private Blocks blocks(Workbench bench, Graph graph, Map<String, Integer> of, List<Integer> known, JacobianMode mode,
            MatrixFormat format, AnswerSize size) {
        List<Integer> rows = List.copyOf(of.values());
        List<Integer> columns = bench.asked().wrt().values().stream().filter(node -> node != Workbench.NO_NODE).map(bench::point).toList();
        Compression compression = Runs.derive(() -> Compression.of(graph, rows, columns, switch (mode) {
            case AUTO -> null;
            case FORWARD -> Jacobian.Mode.FORWARD;
            case REVERSE -> Jacobian.Mode.REVERSE;
        }, bench.limits().jacobianEntries(), bench.deadline()));
        long entries = compression.entries() * bench.samples().count();
        Limits.check("jacobian-entries", entries, bench.limits().jacobianEntries());
        if (format == MatrixFormat.COO) {
            List<Shape> matrices = bench.asked().wrt().entrySet().stream()
                    .flatMap(column -> rows.stream().map(row -> bench.answered(graph.shape(row)).concat(bench.shape(column)))).toList();
            size.entries(matrices, entries);
        }
        long answerBytes = entries * (Double.BYTES + Integer.BYTES);
        Jacobian jacobian = Runs.derive(() -> Jacobian.fitting(cost -> runs.fits(cost, answerBytes), bench.samples().axisLength(),
                bench.sampleLengths(), graph, rows, columns, known, compression, bench.allowance()));
        try (var _ = runs.admit(jacobian.cost(), answerBytes)) {
            size.check(bench.limits());
            Jacobian.Result result = runs.run(jacobian.cost(), bench.deadline(), () -> jacobian.run(bench.inputs(), bench.deadline()));
            return collect(bench, List.copyOf(of.keySet()), result, jacobian, format);
        } catch (ProblemException e) {
            throw bench.named(e, jacobian.derived());
        }
    }

    private static Blocks collect(Workbench bench, List<String> of, Jacobian.Result result, Jacobian jacobian, MatrixFormat format) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        Map<String, Map<String, Answer.Matrix>> matrices = new LinkedHashMap<>();
        for (int row = 0; row < of.size(); row++) {
            Tensor value = result.values().get(row);
            Map<String, Answer.Matrix> byWrt = zeros(bench, value.shape(), format);
            int column = 0;
            for (Map.Entry<String, Integer> w : bench.asked().wrt().entrySet()) {
                if (w.getValue() != Workbench.NO_NODE) {
                    SparseMatrix matrix = result.jacobians().get(row).get(column++);
                    Shape shape = value.shape().concat(bench.shape(w));
                    byWrt.put(w.getKey(),
                            format == MatrixFormat.COO ? Answer.Coo.of(matrix, shape) : new Answer.Dense(matrix.dense(shape)));
                }
            }
            values.put(of.get(row), value);
            matrices.put(of.get(row), byWrt);
        }
        return new Blocks(values, result.known(), matrices, jacobian);
    }

    private static Map<String, Answer.Matrix> zeros(Workbench bench, Shape of, MatrixFormat format) {
        Map<String, Answer.Matrix> zeros = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> w : bench.asked().wrt().entrySet()) {
            Shape shape = of.concat(bench.shape(w));
            zeros.put(w.getKey(),
                    format == MatrixFormat.COO
                            ? new Answer.Coo(shape, new int[0][], new double[0])
                            : new Answer.Dense(Tensor.zeros(shape)));
        }
        return zeros;
    }
}
