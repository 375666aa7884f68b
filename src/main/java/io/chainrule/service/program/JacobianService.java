package io.chainrule.service.program;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Whole matrices of derivatives, first and second. Throws as {@link GradientService}. */
@Service
public final class JacobianService {
    private final Functions functions;
    private final Admission admission;

    public JacobianService(Functions functions, Admission admission) {
        this.functions = functions;
        this.admission = admission;
    }

    /** Jacobians of nodes by nodes. */
    public Answer.Jacobians jacobian(Query query, @Nullable List<String> of, Transformation.Mode mode, MatrixFormat format) {
        Transformation asked = new Transformation.Jacobians(of, mode, format == MatrixFormat.DENSE);
        try (Work<CompiledJacobian> work = functions.open(query, asked, CompiledJacobian.class)) {
            CompiledJacobian function = work.function();
            AnswerSize size = AnswerSize.of(query, work).values(work.bound(), work.bound().valued());
            measure(function, format, size).check(work.function(), admission);
            CompiledJacobian.Result result = function.call(work.inputs(), work.runner());
            return new Answer.Jacobians(result.values(), matrices(result, format), function.mode().name().toLowerCase(Locale.ROOT),
                    Math.toIntExact(function.passes()), Diagnostics.ofInputs(work.bound()), work.summary());
        }
    }

    /** The gradient's Jacobian: second derivatives of a scalar output. */
    public Answer.Hessian hessian(Query query, MatrixFormat format) {
        Transformation asked = new Transformation.Hessian(format == MatrixFormat.DENSE);
        try (Work<CompiledJacobian> work = functions.open(query, asked, CompiledJacobian.class)) {
            AnswerSize size = AnswerSize.of(query, work).output(work.bound()).named(work.function().derivativeShapes());
            measure(work.function(), format, size).check(work.function(), admission);
            CompiledJacobian.Result result = work.function().call(work.inputs(), work.runner());
            return new Answer.Hessian(Objects.requireNonNull(result.value()), result.values(), matrices(result, format),
                    Math.toIntExact(work.function().passes()), Diagnostics.ofInputs(work.bound()), work.summary());
        }
    }

    /** With the matrices in their format. */
    private static AnswerSize measure(CompiledJacobian function, MatrixFormat format, AnswerSize size) {
        List<Shape> all = new ArrayList<>();
        for (Shape row : function.rowShapes().values()) {
            for (Shape column : function.columnShapes().values()) {
                if (format == MatrixFormat.DENSE) {
                    size.matrix(row, column);
                } else {
                    all.add(row.concat(column));
                }
            }
        }
        return format == MatrixFormat.DENSE ? size : size.entries(all, function.entries());
    }

    private static Map<String, Map<String, Answer.Matrix>> matrices(CompiledJacobian.Result result, MatrixFormat format) {
        Map<String, Map<String, Answer.Matrix>> matrices = new LinkedHashMap<>();
        result.blocks().forEach((of, row) -> {
            Map<String, Answer.Matrix> byWrt = new LinkedHashMap<>();
            row.forEach((wrt, block) -> byWrt.put(wrt,
                    format == MatrixFormat.COO ? Answer.Coo.of(block.matrix(), block.shape()) : new Answer.Dense(block.dense())));
            matrices.put(of, byWrt);
        });
        return matrices;
    }
}
