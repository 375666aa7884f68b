package io.chainrule.service.jobs;

import io.chainrule.service.run.Fault;
import io.chainrule.service.store.Store;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Stores how attempts at jobs end, and counts it. An attempt that is not the latest stores nothing. */
@Component
class JobEnds implements MeterBinder {
    static final String RESULT = "result";

    private static final Logger LOG = LoggerFactory.getLogger(JobEnds.class);

    private final Store store;
    private final JobRows rows;
    private final JobProperties properties;
    private final Map<String, JobKind> kinds;
    private final Map<String, Map<Outcome, LongAdder>> counts;

    /** What ends an attempt. */
    enum Outcome {
        SUCCEEDED,
        FAILED,
        CANCELLED,
        /** The service ends. */
        SHUTDOWN,
        /** The client has used its quota of computing. */
        QUOTA,
        /** Another replica has the job. */
        TAKEN_OVER,
        /** Cores, memory or the database were not available. The job is tried again. */
        BUSY,
        /** The service had a fault. The job is tried again. */
        FAULT;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    JobEnds(Store store, JobRows rows, JobProperties properties, List<JobKind> kinds) {
        this.store = store;
        this.rows = rows;
        this.properties = properties;
        this.kinds = kinds.stream().collect(Collectors.toMap(JobKind::name, Function.identity()));
        counts = kinds.stream().collect(Collectors.toMap(JobKind::name, _ -> counts()));
    }

    private static Map<Outcome, LongAdder> counts() {
        Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
        return counts;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counts.forEach((kind, ends) -> ends.forEach((outcome, count) -> FunctionCounter
                .builder("chainrule.jobs.attempts.ended", count, LongAdder::sum).tag("kind", kind).tag("by", outcome.text())
                .description("Attempts at jobs that have ended, by what ended them").register(registry)));
    }

    Map<String, JobKind> kinds() {
        return kinds;
    }

    /** Notes what has ended an attempt at a job. */
    void count(Job job, Outcome outcome) {
        Map<Outcome, LongAdder> ofKind = counts.get(job.kind());
        if (ofKind != null) {
            Objects.requireNonNull(ofKind.get(outcome)).increment();
        }
    }

    boolean succeeded(Job job, JobAttempt attempt, byte[] answer) {
        return end(job, attempt, JobStatus.SUCCEEDED, Outcome.SUCCEEDED, answer, null);
    }

    boolean cancelled(Job job, JobAttempt attempt) {
        return end(job, attempt, JobStatus.CANCELLED, Outcome.CANCELLED, null, null);
    }

    /** Ends a job as failed. {@code attempt} is null if the job is given up without another attempt. */
    boolean failed(Job job, @Nullable JobAttempt attempt, String problem) {
        return end(job, attempt, JobStatus.FAILED, Outcome.FAILED, null, problem);
    }

    /** Returns whether the attempt was the latest. */
    private boolean end(Job job, @Nullable JobAttempt attempt, JobStatus status, Outcome outcome, byte @Nullable [] answer,
            @Nullable String problem) {
        Instant now = Instant.now();
        JobStatus last = stored(attempt, () -> {
            if (attempt != null && !attempt.isLatest()) {
                return null;
            }
            // The update has locked the row, so that nobody can cancel the job any more.
            boolean isCancelled = answer != null && rows.isCancelled(job.id());
            JobStatus found = isCancelled ? JobStatus.CANCELLED : status;
            if (!rows.end(job.id(), job.fence(), found, problem, now, now.plus(properties.keep()))) {
                return null;
            }
            if (answer != null && found == status) {
                rows.parts(job.id(), RESULT).write(answer);
            }
            rows.removeWork(job.id());
            rows.event(job.id(), JobEvent.STATUS, JobText.status(found, problem));
            return found;
        });
        LOG.info("Job {}: attempt {} {}", job.id(), job.fence(), last == null ? "is not the latest" : last.text());
        count(job, last == null ? Outcome.TAKEN_OVER : last == status ? outcome : Outcome.CANCELLED);
        if (last != null) {
            removeLeftOver(job);
        }
        return last != null;
    }

    /**
     * Stores how an attempt has ended. While the store is away this waits, since else all that the attempt has done since its last state
     * would have to be done again, or nobody would know for a while that the job waits. Throws
     * {@link io.chainrule.service.store.StoreUnavailableException} if the service ends meanwhile.
     */
    private @Nullable JobStatus stored(@Nullable JobAttempt attempt, Supplier<@Nullable JobStatus> ending) {
        return attempt == null
                ? store.withTransaction(ending)
                : attempt.stop().untilStored(() -> store.withTransaction(ending), () -> true);
    }

    /** Removes what attempts have left outside of the database. */
    void removeLeftOver(Job job) {
        JobKind kind = kinds.get(job.kind());
        try {
            if (kind != null) {
                kind.ended(job.id());
            }
        } catch (RuntimeException e) {
            LOG.warn("What job {} needs no more could not be removed", job.id(), Fault.of(e));
        }
    }

    /**
     * Queues a job for its next attempt. Returns after how long that is due, or null if the job has ended because it was cancelled.
     *
     * @param failures how many attempts in a row have failed
     * @param wait after how long the next attempt is due
     */
    @Nullable
    Duration release(Job job, JobAttempt attempt, Outcome outcome, int failures, Duration wait) {
        return release(job, attempt, outcome, failures, wait, () -> tellQueued(job.id()));
    }

    /**
     * Queues a job until its client's quota lets it go on from the state that it has just stored. Returns after how long the job is looked
     * at again, or null if it has ended because it was cancelled.
     */
    @Nullable
    Duration releaseForQuota(Job job, JobAttempt attempt) {
        JobQuota.Wait wait = attempt.untilQuota();
        return release(job, attempt, Outcome.QUOTA, 0, wait.untilLook(), () -> waits(job.id(), wait, false));
    }

    private @Nullable Duration release(Job job, JobAttempt attempt, Outcome outcome, int failures, Duration wait, Runnable telling) {
        count(job, outcome);
        JobStatus status = stored(attempt,
                () -> attempt.isLatest() && rows.release(job.id(), job.fence(), failures)
                        ? waitOrEnd(job.id(), telling)
                        : null);
        if (status == JobStatus.CANCELLED) {
            removeLeftOver(job);
            return null;
        }
        return status == null ? properties.heartbeat() : wait;
    }

    /**
     * After how long another attempt is due; null if the latest has ended the job. If another replica began the job without its schedule,
     * this replica still has the schedule and must begin the job again. Otherwise db-scheduler refuses the change.
     */
    @Nullable
    Duration untilNext(boolean hasEnded) {
        return hasEnded ? null : properties.heartbeat();
    }

    /** Ends a queued job if it was cancelled, so that its client need not wait for the next attempt; else tells that it is queued. */
    private JobStatus waitOrEnd(String id, Runnable telling) {
        if (endCancelled(id)) {
            return JobStatus.CANCELLED;
        }
        telling.run();
        return JobStatus.QUEUED;
    }

    private void tellQueued(String id) {
        rows.status(id, JobText.status(JobStatus.QUEUED));
    }

    /** Cancels a job that is active; returns whether it has ended by that. One that is at work ends when its attempt sees it. */
    boolean cancel(Job job) {
        boolean isEnded = store.withTransaction(() -> {
            rows.cancel(job.owner(), job.id());
            return endCancelled(job.id());
        });
        if (isEnded) {
            removeLeftOver(job);
        }
        return isEnded;
    }

    /**
     * Ends a job that was cancelled while it is queued; returns whether that is so. To be called within a transaction, after which
     * {@link #removeLeftOver} is due.
     */
    boolean endCancelled(String id) {
        Instant now = Instant.now();
        boolean isEnded = rows.endCancelled(id, now, now.plus(properties.keep()));
        if (isEnded) {
            rows.event(id, JobEvent.STATUS, JobText.status(JobStatus.CANCELLED));
            rows.removeWork(id);
        }
        return isEnded;
    }

    /**
     * Queues a job again whose attempt ended without a result, for example because its replica died. If that attempt works after all, it
     * stores nothing more and ends, since a job that is queued takes nothing from any attempt.
     *
     * @param schedule schedules the next attempt in the same transaction; it takes whether an attempt had begun
     */
    void lost(String id, Consumer<Boolean> schedule) {
        Optional<Job> ended = store.withTransaction(() -> {
            boolean wasRunning = rows.release(id);
            schedule.accept(wasRunning);
            return wasRunning && waitOrEnd(id, () -> tellQueued(id)) == JobStatus.CANCELLED ? rows.find(id) : Optional.empty();
        });
        ended.ifPresent(this::removeLeftOver);
    }

    /** Notes that a queued job waits for its client's quota, and tells so if that was not told before; returns whether it waits. */
    boolean waits(String id, JobQuota.Wait wait, boolean isToldOf) {
        boolean isQueued = rows.resume(id, wait.at(), wait.with());
        if (isQueued && !isToldOf) {
            rows.event(id, JobEvent.STATUS, JobText.waits(wait.at()));
        }
        return isQueued;
    }
}
