package io.chainrule.service.jobs;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.Client;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.RequestTime;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    static final String RESULT = "result";

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
    private final Map<String, JobKind> kinds;
    private final String engine;
    private final Set<JobAttempt> attempts = ConcurrentHashMap.newKeySet();
    private volatile boolean isEnding;

    JobWorker(Store store, JobRows rows, Turns turns, Allowances allowances, JobProperties properties, JobProblems problems,
            List<JobKind> kinds, ObjectProvider<BuildProperties> build) {
        this.store = store;
        this.rows = rows;
        this.turns = turns;
        this.allowances = allowances;
        this.properties = properties;
        this.problems = problems;
        this.kinds = kinds.stream().collect(Collectors.toMap(JobKind::name, Function.identity()));
        engine = build.stream().map(JobWorker::engine).findFirst().orElse("development");
    }

    /** The version, and the beginning of the commit where it is known. */
    private static String engine(BuildProperties build) {
        String commit = build.get("commit");
        return commit == null || commit.length() < LENGTH_OF_COMMIT
                ? String.valueOf(build.getVersion())
                : build.getVersion() + "+" + commit.substring(0, LENGTH_OF_COMMIT);
    }

    Map<String, JobKind> kinds() {
        return kinds;
    }

    /** Makes an attempt at a job; returns after how long another one is due, or null if none is. */
    @Nullable
    Duration attempt(String id) {
        if (isEnding) {
            return Duration.ZERO;
        }
        Duration wait = untilQuota(id);
        if (wait != null) {
            return wait;
        }
        Instant now = Instant.now();
        Optional<Job> begun = store.withTransaction(() -> {
            Optional<Job> found = rows.begin(id, engine, now);
            found.ifPresent(_ -> rows.event(id, JobEvent.STATUS, JobText.status(JobStatus.RUNNING)));
            return found;
        });
        return begun.map(this::attempt).orElse(null);
    }

    /** A job whose client has used its quota of computing is not begun; returns after how long it may be, or null if it may now. */
    private @Nullable Duration untilQuota(String id) {
        Optional<Job> found = store.with(() -> rows.find(id));
        Client client = found.map(job -> job.client().charged()).orElse(null);
        Allowance allowance = client == null ? null : allowances.of(client);
        if (allowance == null || !allowance.hasNoTimeLeft()) {
            return null;
        }
        Duration wait = JobAttempt.untilQuota(allowance);
        boolean isToldOf = found.orElseThrow().resumesAt() != null;
        return store.withTransaction(() -> waits(id, Instant.now().plus(wait), isToldOf)) ? wait : null;
    }

    private boolean waits(String id, Instant resumesAt, boolean isToldOf) {
        boolean isQueued = rows.resumeAt(id, resumesAt);
        if (isQueued && !isToldOf) {
            rows.event(id, JobEvent.STATUS, JobText.waits(resumesAt));
        }
        return isQueued;
    }

    private @Nullable Duration attempt(Job job) {
        if (job.failures() > MOST_FAILURES) {
            return givenUp(job);
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
        JobKind kind = kinds.get(job.kind());
        try {
            if (kind == null) {
                LOG.warn("Job {} waits for a replica that knows jobs of the kind '{}'", job.id(), job.kind());
                release(job, attempt, job.failures() - 1);
                return WHEN_BUSY;
            }
            if (store.with(() -> rows.isCancelled(job.id()))) {
                throw new JobStoppedException(JobStoppedException.Reason.CANCELLED);
            }
            String request = new String(store.withTransaction(() -> rows.parts(job.id(), REQUEST).read()), StandardCharsets.UTF_8);
            byte[] answer = kind.run(job.call(request), attempt);
            RequestTime.ignoring(() -> end(job, attempt, JobStatus.SUCCEEDED, answer, null));
            return null;
        } catch (CancellationException e) {
            return stopped(job, attempt, e instanceof JobStoppedException stop ? stop.reason() : attempt.reason());
        } catch (StoreUnavailableException | OverloadedException e) {
            LOG.info("Job {} waits: {}", job.id(), e.getMessage());
            release(job, attempt, job.failures() - 1);
            return WHEN_BUSY;
        } catch (DeadlineExceededException _) {
            return failed(job, attempt, new DeadlineExceededException(properties.time()));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            return attempt.mayBeRefused() ? anew(job, attempt, e) : failed(job, attempt, e);
        } catch (RuntimeException e) {
            return failed(job, attempt, e);
        } catch (StackOverflowError e) {
            return failed(job, attempt, new IllegalStateException("the job needs too deep a stack", e));
        }
    }

    /** Nothing is known of how the attempts so far have ended, as when a process dies. */
    private @Nullable Duration givenUp(Job job) {
        Instant now = Instant.now();
        String problem = problems.fault(job.id(), new IllegalStateException("attempts at job " + job.id() + " end their processes"));
        boolean isOwn = store.withTransaction(() -> {
            boolean hasEnded = rows.end(job.id(), job.fence(), JobStatus.FAILED, problem, now, now.plus(properties.keep()));
            if (hasEnded) {
                rows.event(job.id(), JobEvent.STATUS, JobText.status(JobStatus.FAILED, problem));
            }
            return hasEnded;
        });
        if (isOwn) {
            ended(job);
        }
        return null;
    }

    /** Another version of the service has stored a state that this one cannot read. */
    private Duration anew(Job job, JobAttempt attempt, RuntimeException cause) {
        LOG.warn("Job {} begins anew: {}", job.id(), cause.getMessage());
        store.withTransaction(() -> {
            if (rows.update(job.id(), job.fence(), attempt.last())) {
                rows.parts(job.id(), JobAttempt.STATE).remove();
            }
            return true;
        });
        release(job, attempt, job.failures());
        return Duration.ZERO;
    }

    private @Nullable Duration stopped(Job job, JobAttempt attempt, JobStoppedException.Reason reason) {
        LOG.info("Job {}: attempt {} ends: {}", job.id(), job.fence(), reason);
        return switch (reason) {
            case CANCELLED -> {
                RequestTime.ignoring(() -> end(job, attempt, JobStatus.CANCELLED, null, null));
                yield null;
            }
            case SHUTDOWN -> {
                release(job, attempt, job.failures() - 1);
                yield Duration.ZERO;
            }
            case QUOTA -> {
                Duration wait = attempt.untilQuota();
                release(job, attempt, 0, () -> waits(job.id(), Instant.now().plus(wait), false));
                yield wait;
            }
            case TAKEN_OVER -> {
                LOG.warn("Job {} is another replica's now; what attempt {} has done is not used", job.id(), job.fence());
                yield null;
            }
        };
    }

    private @Nullable Duration failed(Job job, JobAttempt attempt, RuntimeException cause) {
        String problem = problems.of(job.id(), cause);
        if (problem == null && job.failures() < MOST_FAILURES) {
            LOG.error("Job {}: attempt {} failed", job.id(), job.fence(), cause);
            release(job, attempt, job.failures());
            return FIRST_DELAY.multipliedBy(1L << job.failures());
        }
        String told = problem == null ? problems.fault(job.id(), cause) : problem;
        RequestTime.ignoring(() -> end(job, attempt, JobStatus.FAILED, null, told));
        return null;
    }

    /** Ends a job, unless another replica has taken it over. */
    private void end(Job job, JobAttempt attempt, JobStatus status, byte @Nullable [] answer, @Nullable String problem) {
        Instant now = Instant.now();
        boolean isOwn = store.withTransaction(() -> {
            if (!rows.update(job.id(), job.fence(), attempt.last())
                    || !rows.end(job.id(), job.fence(), status, problem, now, now.plus(properties.keep()))) {
                return false;
            }
            if (answer != null) {
                rows.parts(job.id(), RESULT).write(answer);
            }
            rows.parts(job.id(), JobAttempt.STATE).remove();
            rows.event(job.id(), JobEvent.STATUS, JobText.status(status, problem));
            return true;
        });
        LOG.info("Job {}: attempt {} {}", job.id(), job.fence(), isOwn ? status.text() : "is not the latest");
        if (isOwn) {
            ended(job);
        }
    }

    /** Has what attempts have left removed. */
    void ended(Job job) {
        JobKind kind = kinds.get(job.kind());
        try {
            if (kind != null) {
                kind.ended(job.id());
            }
        } catch (RuntimeException e) {
            LOG.warn("What job {} needs no more could not be removed", job.id(), e);
        }
    }

    private void release(Job job, JobAttempt attempt, int failures) {
        release(job, attempt, failures, () -> rows.event(job.id(), JobEvent.STATUS, JobText.status(JobStatus.QUEUED)));
    }

    private void release(Job job, JobAttempt attempt, int failures, Runnable event) {
        RequestTime.ignoring(() -> store.withTransaction(() -> {
            if (rows.update(job.id(), job.fence(), attempt.last()) && rows.release(job.id(), job.fence(), failures)) {
                event.run();
            }
            return true;
        }));
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
