package io.chainrule.web.v1.jobs;

import io.chainrule.service.bulk.UnitWork;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Pace;

/** Tells a job how many rows are done, and stores the states from which it may go on. */
class RowsProgress extends JobStates {

    private final JobRun run;
    private final UnitWork work;
    private final Pace pace;

    /** @param use notes that the data set is still being read */
    RowsProgress(JobRun run, UnitWork work, Runnable use) {
        super(run, use, work::state);
        this.run = run;
        this.work = work;
        pace = new Pace(work.earlier(), work.secondsARow());
        run.resumed(work.earlier());
    }

    @Override
    public void done(long done) {
        long all = work.rowsInAll();
        double left = all < 0 ? JobRun.NOT_KNOWN : pace.secondsLeft(done, all) + secondsAfter(done, all);
        run.progress(done, Math.max(0, work.work().count()), left, null);
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
