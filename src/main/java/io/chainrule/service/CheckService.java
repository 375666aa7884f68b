package io.chainrule.service;

import io.chainrule.core.autodiff.GradientCheck;
import java.util.List;
import org.springframework.stereotype.Service;

/** Holds derivatives against differences of the function's values. Throws as {@link GradientService}. */
@Service
public final class CheckService {
    private final ProgramReader reader;
    private final Runs runs;

    CheckService(ProgramReader reader, Runs runs) {
        this.reader = reader;
        this.runs = runs;
    }

    /** Over samples, the sum of their values is checked, or what the call reduces them to. */
    public Answer.Check check(Call call, CheckOptions options) {
        Call reduced = call.batch().inputs().isEmpty() || call.batch().reduction() != Call.Reduction.NONE
                ? call
                : call.withBatch(new Call.Batch(call.batch().inputs(), Call.Reduction.SUM));
        try (Workbench bench = Workbench.open(reduced, reader, runs)) {
            bench.asked().checkScalar(false);
            bench.beginMoving(bench.asked().wrt().values());
            List<Integer> wrt = bench.asked().wrt().values().stream().filter(node -> node != Workbench.NO_NODE).distinct().toList();
            GradientCheck check = Runs.derive(() -> GradientCheck.of(bench.graph(), bench.result(bench.program().output()),
                    wrt.stream().map(bench::point).toList(), options.order(), bench.allowance()));
            return new Checker(bench, check, wrt, options).run();
        }
    }
}
