package io.chainrule.web.v1.jobs;

import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.StepFit;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Pace;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Tells a job how far a fit by steps over a few rows each has come, and stores the states from which it may go on. */
final class StepProgress extends JobStates {
    private final JobRun run;
    private final MinibatchFit fit;
    private final long stepsInAll;
    private final double secondsAStep;
    private final JsonMapper json;
    private final HeldOutProgress heldOut;
    private @Nullable Pace pace;

    /**
     * @param use notes that the data sets are still being read
     * @param secondsAStep how long a step was thought to take before there was any, with its share of the passes over the validation rows
     *        between the first one and the last one; less than 0 if nothing is known
     * @param heldOut the validation rows; null if there are none
     * @param secondsOfHeldOut how long a pass over them was thought to take; less than 0 if nothing is known
     */
    StepProgress(JobRun run, Runnable use, StepFit fit, long stepsInAll, double secondsAStep, @Nullable BulkWork heldOut,
            double secondsOfHeldOut, JsonMapper json) {
        super(run, use, fit::state);
        this.run = run;
        this.fit = fit.fit();
        this.stepsInAll = stepsInAll;
        this.secondsAStep = secondsAStep;
        this.json = json;
        this.heldOut = new HeldOutProgress(this, heldOut, secondsOfHeldOut, fit.validationTally() == null ? 2 : 1,
                () -> this.fit.stop() != null || this.fit.isInLastEpoch(), this::tell);
        run.resumed(this.fit.step());
    }

    /** A step was made, or the last rows of an epoch were left out. */
    void stepped() {
        if (pace == null) {
            // The pace begins with the steps. Before the first one the job waits for its turn and reads the validation rows.
            pace = new Pace(fit.step(), secondsAStep);
        }
        heldOut.begin();
        tell();
        store();
        run.check();
    }

    /** Notes how many rows of a pass over the validation rows are done. Steps are noted by {@link #stepped}. */
    @Override
    public void done(long rows) {
        heldOut.done(rows);
    }

    private void tell() {
        // An attempt that has made no step yet may read validation rows for long.
        Pace ofSteps = pace == null ? new Pace(fit.step(), secondsAStep) : pace;
        run.progress(fit.step(), stepsInAll, secondsLeft(ofSteps), () -> json.writeValueAsString(measured()));
    }

    private Map<String, Object> measured() {
        Map<String, Object> measured = new LinkedHashMap<>();
        measured.put("step", fit.step());
        measured.put("epoch", fit.epoch());
        if (fit.step() > 0) {
            measured.put("loss", fit.loss());
            measured.put("gradient_norm", fit.gradientNorm());
        }
        return measured;
    }

    /** Adds the last pass over the validation rows, which the pace of steps cannot contain: it comes after all steps. */
    private double secondsLeft(Pace ofSteps) {
        if (fit.stop() != null) {
            return fit.rowsOfEpoch() == 0 ? 0 : heldOut.secondsLeft();
        }
        double seconds = ofSteps.secondsLeft(fit.step(), stepsInAll);
        return seconds < 0 ? seconds : seconds + Math.max(0, heldOut.secondsLeft());
    }
}
