package io.chainrule.service.jobs;

import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.access.Allowance;
import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.ClientPlaces;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.stereotype.Component;

/** Makes attempts at jobs, one on each thread of the scheduler. */
@Component
class JobWorker {
    static final String REQUEST = "request";

    private static final Logger LOG = LoggerFactory.getLogger(JobWorker.class);
    private static final Duration WHEN_BUSY = Duration.ofSeconds(10);
    private static final double MILLIS = 1e3;

    private final Store store;
    private final JobRows rows;
    private final ScheduleRows schedule;
    private final Turns turns;
    private final ApiKeys keys;
    private final Quotas standard;
    private final Allowances allowances;
    private final JobProperties properties;
    private final JobEnds ends;
    private final JobFailures failures;
    private final JobInput input;
    private final JobEngine engine;
    private final Set<JobAttempt> attempts = ConcurrentHashMap.newKeySet();
    /** The trainings at work on this replica, by client. The scheduler's threads limit their total number. */
    private final ClientPlaces trainings = new ClientPlaces(Integer.MAX_VALUE);
    private volatile boolean isEnding;

    JobWorker(Store store, JobRows rows, ScheduleRows schedule, Turns turns, ApiKeys keys, Quotas standard, Allowances allowances,
            JobProperties properties, JobEnds ends, JobFailures failures, JobInput input, JobEngine engine) {
        this.store = store;
        this.rows = rows;
        this.schedule = schedule;
        this.turns = turns;
        this.keys = keys;
        this.standard = standard;
        this.allowances = allowances;
        this.properties = properties;
        this.ends = ends;
        this.failures = failures;
        this.input = input;
        this.engine = engine;
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
        String name = job.client().name();
        ApiKey key = keys.ofClient(name).orElse(null);
        // Revoking a key cancels its jobs. But for some seconds another replica may still accept the key, and a new job with it.
        if (key != null && key.isRevoked() && ends.cancel(job)) {
            line(job).log("Job {} is cancelled, since its key was revoked", id);
            return null;
        }
        Client client = job.client().charged(key == null ? standard : key.quotas(standard));
        Allowance allowance = client == null ? null : allowances.of(client);
        Duration wait = allowance == null ? null : untilQuota(job, allowance);
        if (wait != null) {
            return wait;
        }
        int most = client == null ? 0 : mostTrainings(job, client.quotas());
        boolean hasPlace = most > 0 && trainings.take(name, most);
        if (most > 0 && !hasPlace && !isLost(job)) {
            return WHEN_BUSY;
        }
        try {
            return begin(id, client == null ? null : () -> allowances.of(client));
        } finally {
            if (hasPlace) {
                trainings.leave(name);
            }
        }
    }

    /** A line of the log that says whose job it is about. */
    private static LoggingEventBuilder line(Job job) {
        return LOG.atInfo().addKeyValue("client", job.client().name()).addKeyValue("owner", job.owner());
    }

    /** Whether a replica that is lost has begun the job. Another takes it over at once, also where its client has trainings at work. */
    private boolean isLost(Job job) {
        return job.status() == JobStatus.RUNNING || job.fence() > 0 && store.with(() -> schedule.isLost(job.id()));
    }

    /** How many trainings of a job's client may be at work at once; 0 for any number, and for what is no training. */
    private int mostTrainings(Job job, Quotas quotas) {
        JobKind kind = ends.kinds().get(job.kind());
        return kind == null || !kind.scopes().contains(Scope.TRAIN) ? 0 : quotas.trainings();
    }

    private @Nullable Duration begin(String id, @Nullable Supplier<Allowance> allowance) {
        Instant now = Instant.now();
        Optional<Job> begun = store.withTransaction(() -> {
            Optional<Job> found = rows.begin(id, engine.name(), now);
            found.ifPresent(job -> {
                // Attempts of a client with a quota may end before they remove any themselves.
                rows.removeEvents(id, JobAttempt.MOST_EVENTS);
                if (job.fence() == 1) {
                    rows.status(id, JobText.status(JobStatus.RUNNING));
                }
            });
            return found;
        });
        return begun.map(job -> attempt(job, allowance)).orElse(null);
    }

    /** A job whose client has used its quota of computing is not begun; returns when to look again, or null if it may be begun now. */
    private @Nullable Duration untilQuota(Job job, Allowance allowance) {
        JobQuota.Wait wait = JobQuota.of(job, allowance);
        boolean isToldOf = job.resumesAt() != null;
        return wait != null && store.withTransaction(() -> ends.waits(job.id(), wait, isToldOf)) ? wait.untilLook() : null;
    }

    private @Nullable Duration attempt(Job job, @Nullable Supplier<Allowance> allowance) {
        if (JobFailures.areTooMany(job)) {
            return failures.givenUp(job);
        }
        line(job).log("Job {} ({}): attempt {}", job.id(), job.kind(), job.fence());
        JobAttempt[] own = new JobAttempt[1];
        try (Turn turn = turns.begin(job.client().name(), () -> own[0] != null && own[0].stop().hasToEndNow());
                JobAttempt attempt = new JobAttempt(store, rows, job, turn, properties, allowance)) {
            own[0] = attempt;
            attempts.add(attempt);
            if (isEnding) {
                attempt.stop().end();
            }
            try {
                return run(job, attempt);
            } finally {
                attempts.remove(attempt);
                line(job).addKeyValue("computed_ms", Math.round(MILLIS * turn.used()))
                        .log("Job {} ({}): attempt {} is over", job.id(), job.kind(), job.fence());
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
            try (Budget.Reservation memory = input.reserve(job.id())) {
                byte[] answer = kind.run(job.call(input.read(job.id(), attempt, memory)), attempt);
                // Storing it waits while the database is away.
                memory.keep(answer.length);
                return ends.untilNext(ends.succeeded(job, attempt, answer));
            }
        } catch (CancellationException e) {
            return stopped(job, attempt, e instanceof JobStoppedException stop ? stop.reason() : attempt.stop().reason());
        } catch (StoreUnavailableException | OverloadedException e) {
            LOG.info("Job {} waits: {}", job.id(), e.getMessage());
            return ends.release(job, attempt, JobEnds.Outcome.BUSY, attempt.failures() - 1, WHEN_BUSY);
        } catch (DeadlineExceededException _) {
            return failures.failed(job, attempt, new DeadlineExceededException(properties.time()));
        } catch (UnreadableBytesException e) {
            return attempt.mayBeRefused() ? failures.unreadable(job, attempt, e) : failures.failed(job, attempt, e);
        } catch (RuntimeException e) {
            return failures.failed(job, attempt, e);
        } catch (StackOverflowError e) {
            return failures.failed(job, attempt, new IllegalStateException("the job needs too deep a stack", e));
        } catch (Error e) {
            // As of a library that cannot load its native code. The scheduler would try the job again, but would log and count nothing.
            return failures.failed(job, attempt, new IllegalStateException("an error of the JVM", e));
        }
    }

    private @Nullable Duration stopped(Job job, JobAttempt attempt, JobStoppedException.Reason reason) {
        LOG.info("Job {}: attempt {} ends: {}", job.id(), job.fence(), reason);
        return switch (reason) {
            case CANCELLED -> ends.untilNext(ends.cancelled(job, attempt));
            case SHUTDOWN -> ends.release(job, attempt, JobEnds.Outcome.SHUTDOWN, attempt.failures() - 1, Duration.ZERO);
            case QUOTA -> ends.releaseForQuota(job, attempt);
            case TAKEN_OVER -> {
                LOG.warn("Job {} is another replica's now; what attempt {} has done is not used", job.id(), job.fence());
                ends.count(job, JobEnds.Outcome.TAKEN_OVER);
                yield ends.untilNext(false);
            }
        };
    }

    /** Has all attempts of this replica end once they have stored their states. */
    void end() {
        isEnding = true;
        attempts.forEach(attempt -> attempt.stop().end());
    }

    void begin() {
        isEnding = false;
    }

    int running() {
        return attempts.size();
    }
}
