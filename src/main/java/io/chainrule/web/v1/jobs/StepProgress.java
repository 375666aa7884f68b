package io.chainrule.web.v1.jobs;

import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.service.bulk.StepFit;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Pace;
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
    private @Nullable Pace pace;

    /**
     * @param use notes that the data sets are still being read
     * @param secondsAStep how long a step was thought to take before there was any; less than 0 if nothing is known
     */
    StepProgress(JobRun run, Runnable use, StepFit fit, long stepsInAll, double secondsAStep, JsonMapper json) {
        super(run, use, fit::state);
        this.run = run;
        this.fit = fit.fit();
        this.stepsInAll = stepsInAll;
        this.secondsAStep = secondsAStep;
        this.json = json;
        run.resumed(this.fit.step());
    }

    /** A step was made, or the last rows of an epoch were left out. */
    void stepped() {
        long step = fit.step();
        if (pace == null) {
            // The pace is that of steps alone. Before the first one the job waits for its turn and reads the validation rows.
            pace = new Pace(step, secondsAStep);
        }
        run.progress(step, stepsInAll, pace.secondsLeft(step, stepsInAll), () -> json.writeValueAsString(
                Map.of("step", fit.step(), "epoch", fit.epoch(), "loss", fit.loss(), "gradient_norm", fit.gradientNorm())));
        store();
        run.check();
    }
}
