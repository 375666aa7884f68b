package io.chainrule.service.jobs;

import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.run.Fault;
import io.chainrule.service.store.Store;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides what becomes of a job whose attempt has failed: whether the job has failed, is tried again, or is left to replicas of another
 * version or configuration. Methods return after how long another attempt is due, or null if none is.
 */
@Component
class JobFailures {
    /** The logger of the worker, so that all lines about attempts have one name. */
    private static final Logger LOG = LoggerFactory.getLogger(JobWorker.class);
    /** After so many attempts in a row that a fault of the service has ended, the job has failed. */
    private static final int MOST_FAILURES = 8;
    /** A job is left to replicas of another version or configuration for so many attempts in a row, which take two minutes. */
    private static final int MOST_LEFT = 5;
    private static final Duration FIRST_DELAY = Duration.ofSeconds(2);

    private final Store store;
    private final JobRows rows;
    private final JobEnds ends;
    private final JobProblems problems;
    private final JobEngine engine;

    JobFailures(Store store, JobRows rows, JobEnds ends, JobProblems problems, JobEngine engine) {
        this.store = store;
        this.rows = rows;
        this.ends = ends;
        this.problems = problems;
        this.engine = engine;
    }

    /** Whether so many attempts have ended, by faults or without telling how, as when a process dies, that the job is not tried again. */
    static boolean areTooMany(Job job) {
        return job.failures() > MOST_FAILURES;
    }

    /** Ends a job that is not tried again. */
    @Nullable
    Duration givenUp(Job job) {
        return ends.untilNext(
                ends.failed(job, null, problems.fault(job.id(), new IllegalStateException("attempts at the job end their processes"))));
    }

    @Nullable
    Duration failed(Job job, JobAttempt attempt, RuntimeException cause) {
        String problem = problems.of(job.id(), cause);
        if (problem == null && attempt.failures() < MOST_FAILURES) {
            LOG.error("Job {}: attempt {} failed", job.id(), job.fence(), Fault.of(cause));
            return later(job, attempt, JobEnds.Outcome.FAULT);
        }
        if (problem != null && !attempt.hasProgress() && (isOfOtherVersion(job) || problems.isOfReplica(cause)) && mayBeLeft(attempt)) {
            LOG.info("Job {} waits for a replica of another version or configuration: this one refuses it", job.id());
            return later(job, attempt, JobEnds.Outcome.BUSY);
        }
        return ends.untilNext(ends.failed(job, attempt, problem == null ? problems.fault(job.id(), cause) : problem));
    }

    /** The attempt cannot go on from the state that is stored, as that of another version of the service. */
    @Nullable
    Duration unreadable(Job job, JobAttempt attempt, UnreadableBytesException cause) {
        if (isOfOtherVersion(job) && mayBeLeft(attempt)) {
            LOG.info("Job {} waits for a replica that can read its state", job.id());
            return later(job, attempt, JobEnds.Outcome.BUSY);
        }
        LOG.warn("Job {} begins anew: {}", job.id(), cause.getMessage());
        store.withTransaction(() -> {
            if (rows.update(job.id(), job.fence(), attempt.last())) {
                rows.parts(job.id(), JobAttempt.STATE).remove();
                rows.countBytes(job.id());
            }
            return true;
        });
        return ends.release(job, attempt, JobEnds.Outcome.FAULT, 0, Duration.ZERO);
    }

    /** Whether another version of the service has accepted the job or worked on it. */
    private boolean isOfOtherVersion(Job job) {
        return !job.engines().equals(engine.name());
    }

    /** Whether another replica may do the job. If there is none, or all refuse it too, it must not wait for ever. */
    private boolean mayBeLeft(JobAttempt attempt) {
        return !store.isEmbedded() && attempt.failures() <= MOST_LEFT;
    }

    private @Nullable Duration later(Job job, JobAttempt attempt, JobEnds.Outcome outcome) {
        return ends.release(job, attempt, outcome, attempt.failures(), FIRST_DELAY.multipliedBy(1L << attempt.failures()));
    }
}
