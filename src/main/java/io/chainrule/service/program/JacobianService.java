package io.chainrule.service.program;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Service;

/** Computes whole matrices of first and second derivatives. Throws the same exceptions as {@link GradientService}. */
@Service
public final class JacobianService {
    private static final String STREAM = "a stream of entries (\"Accept: text/event-stream\")";

    private final Functions functions;
    private final Admission admission;

    public JacobianService(Functions functions, Admission admission) {
        this.functions = functions;
        this.admission = admission;
    }

    /** Jacobians of nodes by nodes. */
    public Answer<CompiledJacobian.Result> jacobian(Query query, Transformation.Jacobians asked) {
        MatrixFormat format = asked.extent() == Transformation.Extent.DENSE ? MatrixFormat.DENSE : MatrixFormat.COO;
        try (Work<CompiledJacobian> work = functions.open(query, asked, CompiledJacobian.class)) {
            return call(work, format, AnswerSize.of(query, work).values(work.bound(), work.bound().valued()));
        } catch (LimitException e) {
            throw advised(e, format);
        }
    }

    /** Adds the advice to ask for a stream where a matrix is too large for an answer. */
    private static LimitException advised(LimitException e, MatrixFormat format) {
        return switch (e.limit()) {
            case "jacobian-entries" ->
                e.withHint("ask for " + (format == MatrixFormat.DENSE ? "\"format\": \"coo\", or for " : "") + STREAM);
            case "answer-bytes" -> e.withHint((e.hint() == null ? "ask for " : e.hint() + ", or for ") + STREAM);
            default -> e;
        };
    }

    /** Receives the entries of Jacobians while they are computed. */
    public interface Stream extends CompiledJacobian.Sink {
        /** Told of the function before its entries. */
        void begins(CompiledJacobian function);
    }

    /** Jacobians of nodes by nodes, whose entries are passed on as they are computed; the answer is the values of the nodes. */
    public Answer<Map<String, Tensor>> jacobian(Query query, Transformation.Jacobians asked, Stream stream) {
        try (Work<CompiledJacobian> work = functions.open(query, asked, CompiledJacobian.class)) {
            AnswerSize.of(query, work).values(work.bound(), work.bound().valued()).check(work.function(), admission);
            admission.awaitTurn(work.function().cost());
            stream.begins(work.function());
            return Answer.of(work.function().stream(work.inputs(), work.runner(), stream), work);
        }
    }

    /** The Hessian: second derivatives of a scalar output. */
    public Answer<CompiledJacobian.Result> hessian(Query query, MatrixFormat format) {
        Transformation asked = new Transformation.Hessian(format == MatrixFormat.DENSE);
        try (Work<CompiledJacobian> work = functions.open(query, asked, CompiledJacobian.class)) {
            return call(work, format, AnswerSize.of(query, work).output(work.bound()).named(work.function().derivativeShapes()));
        }
    }

    private Answer<CompiledJacobian.Result> call(Work<CompiledJacobian> work, MatrixFormat format, AnswerSize size) {
        measure(work.function(), format, size).check(work.function(), admission);
        return Answer.of(work.function().call(work.inputs(), work.runner()), work);
    }

    /** Adds the matrices in the format in which they are answered. */
    private static AnswerSize measure(CompiledJacobian function, MatrixFormat format, AnswerSize size) {
        List<Shape> all = new ArrayList<>();
        Map<String, Shape> rows = function.rowShapes();
        Map<String, Shape> columns = function.columnShapes();
        function.pairs().forEach((of, names) -> {
            Shape row = Objects.requireNonNull(rows.get(of));
            for (String by : names) {
                Shape column = Objects.requireNonNull(columns.get(by));
                if (format == MatrixFormat.DENSE) {
                    size.matrix(row, column);
                } else {
                    all.add(row.concat(column));
                }
            }
        });
        return format == MatrixFormat.DENSE ? size : size.entries(all, function.entries());
    }
}
