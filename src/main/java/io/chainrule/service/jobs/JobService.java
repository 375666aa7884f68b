package io.chainrule.service.jobs;

import io.chainrule.service.access.Scope;
import io.chainrule.service.store.Parts;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Store;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/** Takes jobs, tells of them, and cancels them. */
@Service
@EnableConfigurationProperties(JobProperties.class)
public class JobService implements MeterBinder {
    private static final int RANDOM_BYTES = 10;
    private static final int DIAGNOSTICS = 100;
    /** Comes after all ids, which are hexadecimal, in the order of any language. */
    private static final String AFTER_ALL = "g";

    private final Store store;
    private final JobRows rows;
    private final OwnerQuotas quotas;
    private final JobScheduler scheduler;
    private final JobWorker worker;
    private final JobEnds ends;
    private final JobCleaner cleaner;
    private final JobEngine engine;
    private final SecureRandom random = new SecureRandom();

    JobService(Store store, JobRows rows, OwnerQuotas quotas, JobScheduler scheduler, JobWorker worker, JobEnds ends, JobCleaner cleaner,
            JobEngine engine) {
        this.store = store;
        this.rows = rows;
        this.quotas = quotas;
        this.scheduler = scheduler;
        this.worker = worker;
        this.ends = ends;
        this.cleaner = cleaner;
        this.engine = engine;
    }

    /** The names of all kinds. */
    public Set<String> kinds() {
        return new TreeSet<>(ends.kinds().keySet());
    }

    /** What a client needs beside the scope of jobs to begin one of a kind. */
    public List<Scope> scopes(String kind) {
        return Objects.requireNonNull(ends.kinds().get(kind), kind).scopes();
    }

    /**
     * Accepts a job. A repetition of a request with the same key is answered with the job that there is.
     *
     * @param kind one of {@link #kinds()}
     * @param key the client's idempotency key, or null
     * @throws JobConflictException if the key was used for another request
     * @throws StorageQuotaException if the owner has too many jobs, or these take too much
     */
    public Job submit(String kind, JobCall call, JobClient client, @Nullable String key) {
        String digest = DigestUtils.sha256Hex(kind + "\n" + call.request());
        Optional<Job> known = key == null ? Optional.empty() : store.with(() -> repeated(call.owner(), key, digest, Instant.now()));
        if (known.isPresent()) {
            cleaner.cleanInTime();
            return known.get();
        }
        JobKind.Accepted accepted = Objects.requireNonNull(ends.kinds().get(kind), kind).check(call);
        Job job = Job.queued(id(), kind, call, client, accepted, engine.name());
        store.open();
        addOwner(call.owner());
        cleaner.cleanInTime();
        Job inserted = store.withTransaction(() -> insert(job, call, key, digest));
        scheduler.trigger();
        return inserted;
    }

    private void addOwner(String owner) {
        try {
            store.withTransaction(() -> {
                quotas.add(owner);
                return true;
            });
        } catch (DuplicateKeyException _) {
            // Another request of the owner has just done so.
        }
    }

    /** Returns the job that another request with the same key has just added, if there is one. */
    private Job insert(Job job, JobCall call, @Nullable String key, String digest) {
        quotas.claim(call.owner());
        if (key != null) {
            Optional<Job> added = repeated(call.owner(), key, digest, job.createdAt());
            if (added.isPresent()) {
                return added.get();
            }
            rows.removeExpired(call.owner(), key, job.createdAt());
        }
        byte[] request = call.request().getBytes(StandardCharsets.UTF_8);
        quotas.check(call.owner(), request.length, job.createdAt());
        rows.insert(job, key, digest);
        rows.parts(job.id(), JobWorker.REQUEST).write(request);
        rows.countBytes(job.id());
        rows.event(job.id(), JobEvent.STATUS, JobText.status(JobStatus.QUEUED));
        scheduler.schedule(job);
        return job;
    }

    private Optional<Job> repeated(String owner, String key, String digest, Instant now) {
        return rows.ofKey(owner, key, now).flatMap(found -> {
            if (!found.digest().equals(digest)) {
                throw new JobConflictException(JobConflictException.Kind.KEY_REUSED,
                        "this idempotency key was sent with another request, which became job " + found.id(),
                        "send another key with another request");
            }
            return rows.find(owner, found.id());
        });
    }

    /** The time comes first, so that ids sort by it. */
    private String id() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().toHexDigits(System.currentTimeMillis()).substring(4) + HexFormat.of().formatHex(bytes);
    }

    /** Finds a job; throws {@link UnknownJobException} if the owner has none of this id. */
    public Job find(String owner, String id) {
        return found(owner, id).orElseThrow(() -> new UnknownJobException(id));
    }

    private Optional<Job> found(String owner, String id) {
        return store.isUnused() ? Optional.empty() : store.with(() -> rows.find(owner, id));
    }

    /** The first diagnostics of a job, as JSON. */
    public List<String> diagnostics(Job job) {
        return store.with(() -> rows.diagnostics(job.id(), DIAGNOSTICS));
    }

    /** The jobs of an owner, the newest first: those older than {@code before}, null for all, of a status and a kind, null for any. */
    public List<Job> all(String owner, @Nullable JobStatus status, @Nullable String kind, @Nullable String before, int most) {
        if (!store.isUnused()) {
            cleaner.cleanInTime();
        }
        return store.isUnused()
                ? List.of()
                : store.with(() -> rows.all(owner, status == null ? null : status.text(), kind, before == null ? AFTER_ALL : before, most));
    }

    /** The jobs of all owners that have not ended. */
    public List<Job> active() {
        return store.isUnused() ? List.of() : store.with(rows::active);
    }

    /** The ids of an owner's jobs that have not ended and have stored no model and no data set. */
    public List<String> unstored(String owner) {
        return store.isUnused() ? List.of() : store.with(() -> rows.unstored(owner));
    }

    /** The events of a job after one of this number. */
    public List<JobEvent> events(Job job, long after, int most) {
        return store.with(() -> rows.events(job.id(), after, most));
    }

    /** The answer of a job that has succeeded, as JSON; throws {@link JobConflictException} if it has none. */
    public JobResult result(String owner, String id) {
        Job job = find(owner, id);
        if (job.status() != JobStatus.SUCCEEDED) {
            throw new JobConflictException(JobConflictException.Kind.NO_RESULT, switch (job.status()) {
                case FAILED -> "the job has failed, and has no answer";
                case CANCELLED -> "the job was cancelled, and has no answer";
                default -> "the job is " + job.status().text() + "; its answer is there once it has succeeded";
            }, "GET /v1/jobs/" + id + (job.status() == JobStatus.FAILED ? " tells why in 'problem'" : " tells what becomes of it"));
        }
        Parts parts = rows.parts(id, JobEnds.RESULT);
        return new JobResult(store.with(parts::length),
                number -> store.with(() -> parts.part(number)).orElseThrow(() -> new UnknownJobException(id)));
    }

    /** Cancels a job that is active, or removes one that has ended. */
    public void delete(String owner, String id) {
        Job job = find(owner, id);
        if (job.status().hasEnded()) {
            store.withTransaction(() -> {
                rows.remove(id);
                return true;
            });
        } else {
            ends.cancel(job);
        }
    }

    /** Cancels a job that is active, and leaves one that has ended as it is. Returns the job as it is then; it may still be ending. */
    public Job cancel(String owner, String id) {
        Job job = find(owner, id);
        if (job.status().hasEnded()) {
            return job;
        }
        ends.cancel(job);
        return find(owner, id);
    }

    /** Cancels all jobs of a client that are active. */
    public void cancelAll(String client) {
        store.with(() -> rows.activeOf(client)).forEach(ends::cancel);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("chainrule.jobs.running", worker, JobWorker::running).description("Jobs at work on this replica").register(registry);
    }
}
