package io.chainrule.service.program;

import io.chainrule.core.CheckOptions;
import io.chainrule.core.CheckReport;
import io.chainrule.core.CompiledCheck;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import org.springframework.stereotype.Service;

/** Compares derivatives with differences of the function's values. Throws as {@link GradientService}. */
@Service
public final class CheckService {
    private final Functions functions;

    public CheckService(Functions functions) {
        this.functions = functions;
    }

    /** Over samples, the sum of their values is checked, or what the query reduces them to. */
    public Answer<CheckReport> check(Query query, CheckOptions options) {
        Query reduced = query.batch().inputs().isEmpty() || query.batch().reduction() != Signature.Reduction.NONE
                ? query
                : query.withBatch(new Signature.Batch(query.batch().inputs(), Signature.Reduction.SUM));
        try (Work<CompiledCheck> work = functions.open(reduced, new Transformation.Check(options.order()), CompiledCheck.class)) {
            return Answer.of(work.function().call(work.inputs(), options, work.runner(), work.limits()), work);
        }
    }
}
