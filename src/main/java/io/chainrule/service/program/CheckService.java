package io.chainrule.service.program;

import io.chainrule.core.CheckOptions;
import io.chainrule.core.CheckProgress;
import io.chainrule.core.CheckReport;
import io.chainrule.core.CompiledCheck;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import org.springframework.stereotype.Service;

/** Compares derivatives with differences of the function's values. Throws the same exceptions as {@link GradientService}. */
@Service
public final class CheckService {
    private final Functions functions;
    private final Limits limits;

    public CheckService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /**
     * Checks the gradient (order 1) or the Hessian (order 2). Over samples, the reduced value is checked; the samples are summed if the
     * query does not say how to reduce them.
     */
    public Answer<CheckReport> check(Query query, int order, CheckOptions options) {
        return check(query, order, options, CheckProgress.NONE);
    }

    /** The same, which {@code progress} follows, and which may go on from a state. */
    public Answer<CheckReport> check(Query query, int order, CheckOptions options, CheckProgress progress) {
        try (Work<CompiledCheck> work = open(query, order)) {
            return Answer.of(work.function().call(work.inputs(), options, work.runner(), work.limits(), progress), work);
        }
    }

    /** What a check costs at least, and how many entries it has. */
    public record Estimate(CostModel cost, long entries) {}

    /** Checks all that can be checked without running it. Throws {@link LimitException} beyond the limit on operations. */
    public Estimate estimate(Query query, int order, CheckOptions options) {
        try (Work<CompiledCheck> work = open(query, order)) {
            CostModel cost = work.function().cost(options);
            LimitException.check("flops", cost.flops(), limits.flops());
            return new Estimate(cost, work.function().entries(options));
        }
    }

    private Work<CompiledCheck> open(Query query, int order) {
        Query reduced = query.batch().inputs().isEmpty() || query.batch().reduction() != Signature.Reduction.NONE
                ? query
                : query.withBatch(new Signature.Batch(query.batch().inputs(), Signature.Reduction.SUM));
        Work<CompiledCheck> work = functions.open(reduced, new Transformation.Check(order), CompiledCheck.class);
        try {
            AnswerSize.of(query, work).checks(work.function().derivativeShapes(), order, work.bound().program().allIds()).check(limits);
            return work;
        } catch (RuntimeException e) {
            work.close();
            throw e;
        }
    }
}
