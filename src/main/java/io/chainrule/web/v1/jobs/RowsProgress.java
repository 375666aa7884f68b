package io.chainrule.web.v1.jobs;

import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Pace;
import java.util.function.Supplier;

/** Tells a job how many rows are done, and stores the states from which it may go on. */
class RowsProgress extends JobStates {

    private final JobRun run;
    private final long all;
    private final Pace pace;

    /**
     * @param earlier the rows that were done before
     * @param all the rows of the data set; less than 0 if they are not known
     * @param use notes that the data set is still being read
     * @param state all that it takes to go on
     */
    RowsProgress(JobRun run, long earlier, long all, Runnable use, Supplier<byte[]> state) {
        super(run, use, state);
        this.run = run;
        pace = new Pace(earlier, 0);
        this.all = Math.max(0, all);
        run.resumed(earlier);
    }

    @Override
    public void done(long done) {
        run.progress(done, all, pace.secondsLeft(done, all) + secondsAfter(done, all), null);
        store();
    }

    /**
     * About how many seconds the work takes that follows the last row.
     *
     * @param done the rows that are done
     * @param inAll all rows
     */
    double secondsAfter(long done, long inAll) {
        return 0;
    }
}
