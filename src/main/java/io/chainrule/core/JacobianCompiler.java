package io.chainrule.core;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Compiles whole matrices of derivatives. */
final class JacobianCompiler {
    private JacobianCompiler() {}

    /** Compiles a function whose transformation is {@link Transformation.Jacobians} or {@link Transformation.Hessian}. */
    static CompiledJacobian of(BoundProgram bound, BuildLimits limits) {
        return switch (bound.signature().transformation()) {
            case Transformation.Jacobians asked -> jacobians(bound, asked, limits);
            case Transformation.Hessian asked -> hessian(bound, asked, limits);
            default -> throw new IllegalArgumentException(bound.signature().transformation() + " is no matrix");
        };
    }

    private static CompiledJacobian jacobians(BoundProgram bound, Transformation.Jacobians asked, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, bound.names().of().values(), limits);
        Map<String, List<String>> pairs = new LinkedHashMap<>();
        List<String> all = List.copyOf(bound.names().wrt().keySet());
        bound.names().of().keySet().forEach(id -> pairs.put(id, all));
        asked.pairs().forEach(pair -> pairs.put(pair.of(), pair.by().stream().distinct().toList()));
        if (asked.extent() == Transformation.Extent.DENSE) {
            checkDense(lowered, pairs, limits);
        }
        boolean isStreamed = asked.extent() == Transformation.Extent.STREAM;
        Map<List<String>, Map<String, Integer>> grids = new LinkedHashMap<>();
        pairs.forEach((id, by) -> grids.computeIfAbsent(by, _ -> new LinkedHashMap<>()).put(id, lowered.result(node(bound, id))));
        List<JacobianPart> parts = new ArrayList<>();
        grids.forEach((by, rows) -> parts
                .add(JacobianPart.of(lowered, lowered.graph(), rows, by, List.of(), asked.mode(),
                        isStreamed ? JacobianPart.Kind.STREAM : JacobianPart.Kind.PLAIN, limits)));
        LimitException.check("jacobian-entries", parts.stream().mapToLong(JacobianPart::entries).sum(),
                limits.entries(isStreamed).answered());
        return new CompiledJacobian(lowered, pairs, parts);
    }

    private static CompiledJacobian hessian(BoundProgram bound, Transformation.Hessian asked, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.moving(bound, bound.names().wrtNodes(), limits);
        DerivedGraph gradient = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits);
        Map<String, Integer> rows = new LinkedHashMap<>();
        Map<String, List<String>> pairs = new LinkedHashMap<>();
        List<String> all = List.copyOf(bound.names().wrt().keySet());
        bound.names().wrt().forEach((id, node) -> {
            pairs.put(id, all);
            if (node != ResolvedNames.NO_NODE && !gradient.isZero(node)) {
                rows.put(id, gradient.cotangent(node));
            }
        });
        if (asked.dense()) {
            checkDense(lowered, pairs, limits);
        }
        List<Integer> output = List.of(lowered.result(bound.program().output()));
        return new CompiledJacobian(lowered, pairs, List.of(
                JacobianPart.of(lowered, gradient.graph(), rows, all, output, Transformation.Mode.AUTO,
                        JacobianPart.Kind.SYMMETRIC, limits)));
    }

    private static int node(BoundProgram bound, String id) {
        return Objects.requireNonNull(bound.names().of().get(id), id);
    }

    /** Refuses dense matrices with too many elements before their structure is looked for. */
    private static void checkDense(LoweredProgram lowered, Map<String, List<String>> pairs, BuildLimits limits) {
        Map<String, Shape> rows = rowShapes(lowered);
        Map<String, Shape> columns = columnShapes(lowered);
        double dense = 0;
        for (Map.Entry<String, List<String>> pair : pairs.entrySet()) {
            for (String by : pair.getValue()) {
                dense += (double) Objects.requireNonNull(rows.get(pair.getKey())).size() * Objects.requireNonNull(columns.get(by)).size();
            }
        }
        LimitException.check("jacobian-entries", (long) dense, limits.jacobianEntries());
    }

    /** The shapes in which calls return the nodes that are differentiated, by name. */
    static Map<String, Shape> rowShapes(LoweredProgram lowered) {
        BoundProgram bound = lowered.bound();
        if (bound.signature().transformation() instanceof Transformation.Hessian) {
            return lowered.derivativeShapes();
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        bound.names().of().forEach((id, node) -> shapes.put(id, bound.answered(lowered.graph().shape(lowered.result(node)))));
        return shapes;
    }

    /** The shapes, in one sample, of the nodes to differentiate by, by name. */
    static Map<String, Shape> columnShapes(LoweredProgram lowered) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        lowered.bound().names().wrt().forEach((name, node) -> shapes.put(name, lowered.shape(name, node)));
        return shapes;
    }
}
