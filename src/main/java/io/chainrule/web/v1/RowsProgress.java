package io.chainrule.web.v1;

import io.chainrule.service.jobs.JobRun;
import java.util.function.Supplier;

/** Tells a job how many rows are done, and stores the states from which it may go on. */
class RowsProgress extends JobStates {
    private static final double NANOS = 1e9;

    private final JobRun run;
    private final long earlier;
    private final long all;
    private final long begin = System.nanoTime();

    /**
     * @param earlier the rows that were done before
     * @param all the rows of the data set; less than 0 if they are not known
     * @param use notes that the data set is still being read
     * @param state all that it takes to go on
     */
    RowsProgress(JobRun run, long earlier, long all, Runnable use, Supplier<byte[]> state) {
        super(run, use, state);
        this.run = run;
        this.earlier = earlier;
        this.all = Math.max(0, all);
        run.resumed(earlier);
    }

    @Override
    public void done(long done) {
        double each = (System.nanoTime() - begin) / NANOS / Math.max(1, done - earlier);
        run.progress(done, all, each * Math.max(0, all - done) + secondsAfter(done, all), null);
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
