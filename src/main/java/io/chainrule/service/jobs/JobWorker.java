package io.chainrule.service.jobs;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Scope;
import io.chainrule.service.run.ClientPlaces;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** Makes attempts at jobs, one on each thread of the scheduler. */
@Component
class JobWorker {
    static final String REQUEST = "request";

    private static final Logger LOG = LoggerFactory.getLogger(JobWorker.class);
    /** After so many attempts in a row that a fault of the service has ended, the job has failed. */
    private static final int MOST_FAILURES = 8;
    private static final int LENGTH_OF_COMMIT = 12;
    private static final Duration WHEN_BUSY = Duration.ofSeconds(10);
    private static final Duration FIRST_DELAY = Duration.ofSeconds(2);

    private final Store store;
    private final JobRows rows;
    private final Turns turns;
    private final Allowances allowances;
    private final JobProperties properties;
    private final JobProblems problems;
    private final JobEnds ends;
    private final String engine;
    private final Set<JobAttempt> attempts = ConcurrentHashMap.newKeySet();
    /** The trainings at work on this replica, by client. The scheduler's threads limit their total number. */
    private final ClientPlaces trainings = new ClientPlaces(Integer.MAX_VALUE);
    private volatile boolean isEnding;

    JobWorker(Store store, JobRows rows, Turns turns, Allowances allowances, JobProperties properties, JobProblems problems,
            JobEnds ends, ObjectProvider<BuildProperties> build) {
        this.store = store;
        this.rows = rows;
        this.turns = turns;
        this.allowances = allowances;
        this.properties = properties;
        this.problems = problems;
        this.ends = ends;
        engine = build.stream().map(JobWorker::engine).findFirst().orElse("development");
    }

    /** The version, and the beginning of the commit where it is known. */
    private static String engine(BuildProperties build) {
        String commit = build.get("commit");
        return commit == null || commit.length() < LENGTH_OF_COMMIT
                ? String.valueOf(build.getVersion())
                : build.getVersion() + "+" + commit.substring(0, LENGTH_OF_COMMIT);
    }

    /** Makes an attempt at a job; returns after how long another one is due, or null if none is. */
    @Nullable
    Duration attempt(String id) {
        if (isEnding) {
            return Duration.ZERO;
        }
        Optional<Job> found = store.with(() -> rows.find(id));
        if (found.isEmpty()) {
            return null;
        }
        Job job = found.get();
        if (job.status().hasEnded()) {
            // The replica that ended it may have died right after that, or may not have been told that the end was stored.
            ends.removeLeftOver(job);
            return null;
        }
        Duration wait = untilQuota(job);
        if (wait != null) {
            return wait;
        }
        String client = job.client().name();
        int most = mostTrainings(job);
        boolean hasPlace = most > 0 && trainings.take(client, most);
        // One that another replica has begun goes on, since its client may only cancel what is queued or at work.
        if (most > 0 && !hasPlace && job.status() == JobStatus.QUEUED) {
            return WHEN_BUSY;
        }
        try {
            return begin(id);
        } finally {
            if (hasPlace) {
                trainings.leave(client);
            }
        }
    }

    /** How many trainings of a job's client may be at work at once; 0 for any number, and for what is no training. */
    private int mostTrainings(Job job) {
        Client client = job.client().charged();
        JobKind kind = ends.kinds().get(job.kind());
        return client == null || kind == null || !kind.scopes().contains(Scope.TRAIN) ? 0 : client.quotas().trainings();
    }

    private @Nullable Duration begin(String id) {
        Instant now = Instant.now();
        Optional<Job> begun = store.withTransaction(() -> {
            Optional<Job> found = rows.begin(id, engine, now);
            found.ifPresent(_ -> {
                // Attempts of a client with a quota may end before they remove any themselves.
                rows.removeEvents(id, JobAttempt.MOST_EVENTS);
                rows.event(id, JobEvent.STATUS, JobText.status(JobStatus.RUNNING));
            });
            return found;
        });
        return begun.map(this::attempt).orElse(null);
    }

    /** A job whose client has used its quota of computing is not begun; returns after how long it may be, or null if it may now. */
    private @Nullable Duration untilQuota(Job job) {
        Client client = job.client().charged();
        Allowance allowance = client == null ? null : allowances.of(client);
        if (allowance == null || !allowance.hasNoTimeLeft()) {
            return null;
        }
        Duration wait = JobQuota.untilLeft(allowance);
        boolean isToldOf = job.resumesAt() != null;
        return store.withTransaction(() -> ends.waits(job.id(), Instant.now().plus(wait), isToldOf)) ? wait : null;
    }

    private @Nullable Duration attempt(Job job) {
        if (job.failures() > MOST_FAILURES) {
            // Nothing is known of how the attempts so far have ended, as when a process dies.
            return untilNext(
                    ends.failed(job, null, problems.fault(job.id(), new IllegalStateException("attempts at the job end their processes"))));
        }
        LOG.info("Job {} ({}): attempt {}", job.id(), job.kind(), job.fence());
        Client client = job.client().charged();
        JobAttempt[] own = new JobAttempt[1];
        try (Turn turn = turns.begin(job.client().name(), () -> own[0] != null && own[0].hasToEndNow());
                JobAttempt attempt = new JobAttempt(store, rows, job, turn, properties,
                        client == null ? null : allowances.of(client))) {
            own[0] = attempt;
            attempts.add(attempt);
            if (isEnding) {
                attempt.end();
            }
            try {
                return run(job, attempt);
            } finally {
                attempts.remove(attempt);
            }
        }
    }

    private @Nullable Duration run(Job job, JobAttempt attempt) {
        JobKind kind = ends.kinds().get(job.kind());
        try {
            if (kind == null) {
                LOG.warn("Job {} waits for a replica that knows jobs of the kind '{}'", job.id(), job.kind());
                return ends.release(job, attempt, JobEnds.Outcome.BUSY, attempt.failures() - 1, WHEN_BUSY);
            }
            if (store.with(() -> rows.isCancelled(job.id()))) {
                throw new JobStoppedException(JobStoppedException.Reason.CANCELLED);
            }
            String request = new String(store.withTransaction(() -> rows.parts(job.id(), REQUEST).read()), StandardCharsets.UTF_8);
            byte[] answer = kind.run(job.call(request), attempt);
            return untilNext(ends.succeeded(job, attempt, answer));
        } catch (CancellationException e) {
            return stopped(job, attempt, e instanceof JobStoppedException stop ? stop.reason() : attempt.reason());
        } catch (StoreUnavailableException | OverloadedException e) {
            LOG.info("Job {} waits: {}", job.id(), e.getMessage());
            return ends.release(job, attempt, JobEnds.Outcome.BUSY, attempt.failures() - 1, WHEN_BUSY);
        } catch (DeadlineExceededException _) {
            return failed(job, attempt, new DeadlineExceededException(properties.time()));
        } catch (UnreadableBytesException e) {
            return attempt.mayBeRefused() ? anew(job, attempt, e) : failed(job, attempt, e);
        } catch (RuntimeException e) {
            return failed(job, attempt, e);
        } catch (StackOverflowError e) {
            return failed(job, attempt, new IllegalStateException("the job needs too deep a stack", e));
        }
    }

    /** Another version of the service has stored a state that this one cannot read. */
    private @Nullable Duration anew(Job job, JobAttempt attempt, RuntimeException cause) {
        LOG.warn("Job {} begins anew: {}", job.id(), cause.getMessage());
        store.withTransaction(() -> {
            if (rows.update(job.id(), job.fence(), attempt.last())) {
                rows.parts(job.id(), JobAttempt.STATE).remove();
            }
            return true;
        });
        return ends.release(job, attempt, JobEnds.Outcome.FAULT, attempt.failures(), Duration.ZERO);
    }

    private @Nullable Duration stopped(Job job, JobAttempt attempt, JobStoppedException.Reason reason) {
        LOG.info("Job {}: attempt {} ends: {}", job.id(), job.fence(), reason);
        return switch (reason) {
            case CANCELLED -> untilNext(ends.cancelled(job, attempt));
            case SHUTDOWN -> ends.release(job, attempt, JobEnds.Outcome.SHUTDOWN, attempt.failures() - 1, Duration.ZERO);
            case QUOTA -> ends.releaseForQuota(job, attempt);
            case TAKEN_OVER -> {
                LOG.warn("Job {} is another replica's now; what attempt {} has done is not used", job.id(), job.fence());
                ends.count(job, JobEnds.Outcome.TAKEN_OVER);
                yield untilNext(false);
            }
        };
    }

    private @Nullable Duration failed(Job job, JobAttempt attempt, RuntimeException cause) {
        String problem = problems.of(job.id(), cause);
        if (problem == null && attempt.failures() < MOST_FAILURES) {
            LOG.error("Job {}: attempt {} failed", job.id(), job.fence(), cause);
            return ends.release(job, attempt, JobEnds.Outcome.FAULT, attempt.failures(),
                    FIRST_DELAY.multipliedBy(1L << attempt.failures()));
        }
        return untilNext(ends.failed(job, attempt, problem == null ? problems.fault(job.id(), cause) : problem));
    }

    /**
     * After how long another attempt is due; null if the latest has ended the job. If another replica began the job without its schedule,
     * this replica still has the schedule and must begin the job again. Otherwise db-scheduler refuses the change.
     */
    private @Nullable Duration untilNext(boolean hasEnded) {
        return hasEnded ? null : properties.heartbeat();
    }

    /** Has all attempts of this replica end once they have stored their states. */
    void end() {
        isEnding = true;
        attempts.forEach(JobAttempt::end);
    }

    void begin() {
        isEnding = false;
    }

    int running() {
        return attempts.size();
    }
}
