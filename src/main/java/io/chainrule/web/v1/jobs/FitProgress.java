package io.chainrule.web.v1.jobs;

import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Fit;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.Pace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Tells a job how far a fit by all rows at once has come, and stores the states from which it may go on. */
final class FitProgress extends JobStates {

    private final JobRun run;
    private final KindServices services;
    private final BulkWork work;
    private final Fit fit;
    private final int iterations;
    private final JsonMapper json;
    private final int first;
    private final HeldOutProgress heldOut;
    /** How long a pass over the rows was thought to take before there was any. */
    private final double secondsAPass;
    private @Nullable Pace pace;

    /**
     * @param use notes that the data sets are still being read
     * @param heldOut the validation rows; null if there are none
     */
    FitProgress(JobRun run, Runnable use, KindServices services, BulkWork work, @Nullable BulkWork heldOut, Fit fit, int iterations,
            JsonMapper json) {
        super(run, use, fit::state);
        this.run = run;
        this.services = services;
        this.work = work;
        this.fit = fit;
        this.iterations = iterations;
        this.json = json;
        first = Math.max(0, fit.losses().size() - 1);
        secondsAPass = services.secondsAPass(work);
        // The validation rows are read before the first step, unless an earlier attempt has done so, and after the last.
        this.heldOut = new HeldOutProgress(this, heldOut, heldOut == null ? 0 : services.secondsAPass(heldOut),
                fit.validationTally() == null ? 2 : 1, () -> fit.validationTally() != null, this::toldOfHeldOut);
        run.resumed(first);
    }

    /** Follows a pass over rows that are held out, which is none of the passes that the fit consists of. */
    BulkProgress ofHeldOut() {
        return heldOut.begin();
    }

    private void toldOfHeldOut() {
        // The pace of the steps begins after these rows.
        pace = null;
        tell(0);
    }

    /** A step was made. Throws {@link LimitException} if the evaluations that it took, and one more, exceed the limit on operations. */
    void stepped() {
        services.cost(List.of(new KindServices.Passes(work, Objects.requireNonNull(fit.latest()).evaluations() + 1L)), iterations,
                "iterations");
        tell(0);
    }

    @Override
    public void done(long rows) {
        tell(rows);
        super.done(rows);
    }

    private void tell(long rows) {
        LbfgsState latest = fit.latest();
        long made = latest == null ? 0 : latest.iteration();
        run.progress(made, iterations, secondsLeft(rows), () -> json.writeValueAsString(measured(latest, rows)));
    }

    /**
     * One pass finds the loss at the start, each step takes at least one more. Passes of earlier attempts do not count: this attempt spent
     * no time on them. If nothing is known of the rows that are held out, the time is that of the steps, and less than 0 after the last
     * one.
     */
    private double secondsLeft(long rows) {
        LbfgsState latest = fit.latest();
        if (latest != null && latest.stop() != null) {
            return heldOut.secondsLeft();
        }
        double passes = fit.losses().size() + HeldOutProgress.part(work, rows);
        if (pace == null) {
            pace = new Pace(passes, secondsAPass);
        }
        double seconds = pace.secondsLeft(passes, iterations + 1);
        return seconds < 0 ? seconds : seconds + Math.max(0, heldOut.secondsLeft());
    }

    private static Map<String, Object> measured(@Nullable LbfgsState latest, long rows) {
        Map<String, Object> measured = new LinkedHashMap<>();
        if (latest != null) {
            measured.put("iteration", latest.iteration());
            measured.put("loss", latest.value());
            measured.put("gradient_norm", largest(latest.gradient()));
        }
        measured.put("rows_of_pass", rows);
        return measured;
    }

    /** The largest entry of a gradient, without its sign. */
    static double largest(double[] gradient) {
        return Arrays.stream(gradient).map(Math::abs).reduce(0, Math::max);
    }
}
