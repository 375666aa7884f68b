package io.chainrule.web.v1.jobs;

import io.chainrule.core.language.Phrase;
import io.chainrule.core.rows.RowFault;
import io.chainrule.core.rows.RowTally;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.web.v1.ResponseMapper;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Tells a job of losses of its fit that are not finite. */
final class FitDiagnostics {
    private FitDiagnostics() {}

    /**
     * Tells what is not finite at the end.
     *
     * @param isFinite whether the loss of the rows that are fitted is
     * @param steps how many steps were made
     * @param validation the latest mean loss of the validation data; null if there are none
     */
    static void tell(JobRun run, JsonMapper json, ResponseMapper mapper, boolean isFinite, long steps, @Nullable RowTally rows,
            @Nullable Double validation, @Nullable RowTally validationRows) {
        if (!isFinite) {
            tell(run, json, mapper, steps == 0 ? "fit.loss.first" : "fit.loss", steps, rows);
        }
        if (validation != null && !Double.isFinite(validation)) {
            tell(run, json, mapper, "fit.validation", steps, validationRows);
        }
    }

    private static void tell(JobRun run, JsonMapper json, ResponseMapper mapper, String said, long steps, @Nullable RowTally rows) {
        // Rows that were left out are named as well, and what is wrong with them has not changed the loss.
        RowFault fault = rows == null || rows.skipped() > 0
                ? null
                : rows.faults().stream().filter(each -> each.kind().compareTo(RowFault.Kind.REFUSED_ROW) >= 0).findFirst().orElse(null);
        String phase = fault != null && fault.kind() == RowFault.Kind.NOT_FINITE_DERIVATIVE ? "backward" : "forward";
        run.diagnostic(json.writeValueAsString(
                mapper.diagnostic(Diagnostic.nonFinite(fault == null ? null : fault.name(), phase, Phrase.of(said, steps)))));
    }
}
