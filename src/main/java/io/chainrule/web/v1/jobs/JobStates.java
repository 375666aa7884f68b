package io.chainrule.web.v1.jobs;

import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.StoreUnavailableException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores the states from which a job over the rows of a data set may go on. */
class JobStates implements BulkProgress {
    private static final Logger LOG = LoggerFactory.getLogger(JobStates.class);

    private final JobRun run;
    private final Runnable use;
    private final Supplier<byte[]> state;

    /**
     * @param use notes that the data sets are still being read
     * @param state all that it takes to go on
     */
    JobStates(JobRun run, Runnable use, Supplier<byte[]> state) {
        this.run = run;
        this.use = use;
        this.state = state;
    }

    /** Stores the state if it is time to. */
    final void store() {
        if (run.wantsState()) {
            tryStore("note that it reads its data sets", use);
            run.state(state.get());
        }
    }

    /** Asks the store for what the work can go on without while the database is away. Nothing is computed meanwhile. */
    final void tryStore(String what, Runnable asking) {
        // The exception is caught within: where it is thrown out of this call, the permit to compute is not taken again.
        Turn.asideOfBound(() -> {
            try {
                asking.run();
            } catch (StoreUnavailableException e) {
                LOG.warn("Job {} could not {}, and goes on: {}", run.id(), what, e.getMessage());
            }
            return true;
        });
    }

    @Override
    public void done(long rows) {
        store();
    }

    @Override
    public void check() {
        run.check();
    }
}
