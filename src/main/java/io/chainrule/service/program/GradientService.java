package io.chainrule.service.program;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Shapes;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Computes values, and derivatives in a single sweep. All methods throw {@link io.chainrule.core.graph.ProblemException}, {@link
 * io.chainrule.core.graph.LimitException}, {@link io.chainrule.service.run.OverloadedException} or {@link
 * io.chainrule.core.tensor.DeadlineExceededException}; no method changes any state.
 */
@Service
public final class GradientService {
    private final Functions functions;
    private final Admission admission;

    public GradientService(Functions functions, Admission admission) {
        this.functions = functions;
        this.admission = admission;
    }

    /** Values of the output and of the listed nodes. */
    public Answer<Outcome> evaluate(Query query) {
        try (Work<CompiledFunction> work = open(query, new Transformation.Value(query.remarks()))) {
            AnswerSize.of(query, work).output(work.bound()).nodes(work.bound().listed(), 1).check(work.function(), admission);
            Outcome outcome = call(work, Map.of());
            return Answer.of(outcome, Diagnostics.ofValue(outcome), work);
        }
    }

    /** The gradient of the output by every node, with the local Jacobians that the chain rule combines. */
    public Answer<Answer.Gradient> gradient(Query query, @Nullable Tensor cotangent, Transformation.Locals jacobians) {
        return gradient(query, cotangent, jacobians, false);
    }

    /** The same; with {@code digits} the outcome also says how many digits of the gradients by {@code wrt} are certain. */
    public Answer<Answer.Gradient> gradient(Query query, @Nullable Tensor cotangent, Transformation.Locals jacobians, boolean digits) {
        Map<String, Tensor> seeds = cotangent == null ? Map.of() : Map.of("cotangent", cotangent);
        Transformation asked = new Transformation.Gradient(Shapes.ofValues(seeds), jacobians, query.remarks(),
                digits ? Transformation.Extra.DIGITS : Transformation.Extra.NOTHING);
        try (Work<CompiledFunction> work = open(query, asked)) {
            CompiledFunction function = work.function();
            AnswerSize size = AnswerSize.of(query, work).output(work.bound()).named(function.derivativeShapes())
                    .nodes(work.bound().listed(), 2).localJacobians(function.localJacobians());
            if (digits) {
                size.output(work.bound()).named(function.derivativeShapes());
            }
            size.check(function, admission);
            Outcome outcome = call(work, seeds);
            return Answer.of(new Answer.Gradient(outcome, outcome.localJacobians()), Diagnostics.ofGradient(outcome), work);
        }
    }

    /** Vector–Jacobian products for cotangents on any nodes. */
    public Answer<Outcome> vjp(Query query, Map<String, Tensor> cotangents) {
        try (Work<CompiledFunction> work = open(query, new Transformation.Vjp(Shapes.ofValues(cotangents)))) {
            AnswerSize.of(query, work).values(work.bound(), work.bound().valued()).named(work.function().derivativeShapes())
                    .check(work.function(), admission);
            return Answer.of(call(work, cotangents), work);
        }
    }

    /** Jacobian–vector products for tangents on any nodes. */
    public Answer<Outcome> jvp(Query query, Map<String, Tensor> tangents, @Nullable List<String> of) {
        try (Work<CompiledFunction> work = open(query, new Transformation.Jvp(Shapes.ofValues(tangents), of))) {
            Map<String, Integer> valued = work.bound().valued();
            AnswerSize.of(query, work).values(work.bound(), valued).values(work.bound(), valued).check(work.function(), admission);
            return Answer.of(call(work, tangents), work);
        }
    }

    /** Hessian–vector products, forward over reverse: the derivative of the gradient along a direction. */
    public Answer<Outcome> hvp(Query query, Map<String, Tensor> vectors) {
        try (Work<CompiledFunction> work = open(query, new Transformation.Hvp(Shapes.ofValues(vectors)))) {
            Map<String, Shape> shapes = work.function().derivativeShapes();
            AnswerSize.of(query, work).output(work.bound()).named(shapes).named(shapes).check(work.function(), admission);
            return Answer.of(call(work, vectors), work);
        }
    }

    private Work<CompiledFunction> open(Query query, Transformation transformation) {
        return functions.open(query, transformation, CompiledFunction.class);
    }

    private static Outcome call(Work<CompiledFunction> work, Map<String, Tensor> seeds) {
        return work.function().call(work.inputs(), seeds, work.runner());
    }
}
