package io.chainrule.service.jobs;

import io.chainrule.core.language.Language;
import io.chainrule.service.store.Parts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables of jobs. Whoever calls this does so within the store. */
@Component
class JobRows {
    static final String ACTIVE = "status in ('queued', 'running')";
    private static final String ALL_BYTES = "select coalesce(sum(octet_length(data)), 0) from job_part where job = :id";
    private static final String FENCED = " where id = :id and fence = :fence and status = 'running'";

    private final JdbcClient database;

    JobRows(JdbcClient database) {
        this.database = database;
    }

    private static Job job(ResultSet row, int number) throws SQLException {
        return new Job(row.getString("id"), row.getString("owner"), JobClient.of(row.getString("client"), row.getString("quotas")),
                row.getString("kind"), JobStatus.of(row.getString("status")).orElseThrow(),
                Language.valueOf(row.getString("language").toUpperCase(Locale.ROOT)), row.getBoolean("may_store"),
                models(row.getString("models")),
                new JobCost(row.getDouble("flops"), row.getDouble("estimate"), row.getLong("total"), row.getString("unit")),
                row.getLong("fence"), row.getInt("failures"), row.getInt("stored"), progress(row), row.getString("problem"),
                row.getString("engines"),
                Objects.requireNonNull(time(row, "created_at")), time(row, "started_at"), time(row, "resumes_at"),
                row.getDouble("resumes_with"), time(row, "ended_at"), time(row, "expires_at"));
    }

    private static JobProgress progress(ResultSet row) throws SQLException {
        return new JobProgress(row.getLong("done"), row.getLong("total"), row.getLong("made"), row.getDouble("seconds_left"),
                row.getDouble("seconds"), row.getDouble("worked"), row.getString("latest"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private static Map<String, String> models(String text) {
        Map<String, String> models = new LinkedHashMap<>();
        Arrays.stream(text.split(" ", -1)).filter(pair -> !pair.isEmpty())
                .forEach(pair -> models.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1)));
        return models;
    }

    /** Throws {@link org.springframework.dao.DuplicateKeyException} if the owner has a job of this idempotency key. */
    void insert(Job job, @Nullable String key, String digest) {
        String models = job.meant().entrySet().stream().map(pair -> pair.getKey() + "=" + pair.getValue())
                .collect(Collectors.joining(" "));
        database.sql("insert into job (id, owner, client, quotas, kind, status, language, may_store, models, idempotency_key, "
                + "request_digest, flops, estimate, unit, fence, failures, cancelled, done, total, made, seconds_left, seconds, engines, "
                + "events, created_at) values (:id, :owner, :client, :quotas, :kind, :status, :language, :store, :models, :key, :digest, "
                + ":flops, :estimate, :unit, 0, 0, false, 0, :total, 0, :left, 0, :engines, 0, :created)")
                .param("id", job.id()).param("owner", job.owner()).param("client", job.client().name())
                .param("quotas", job.client().quotasText()).param("kind", job.kind()).param("status", job.status().text())
                .param("language", job.language().name().toLowerCase(Locale.ROOT)).param("store", job.mayStore()).param("models", models)
                .param("key", key).param("digest", digest).param("flops", job.cost().flops()).param("estimate", job.cost().seconds())
                .param("unit", job.cost().unit()).param("total", job.progress().total()).param("left", job.progress().secondsLeft())
                .param("engines", job.engines())
                .param("created", Timestamp.from(job.createdAt())).update();
    }

    Optional<Job> find(String owner, String id) {
        return database.sql("select * from job where owner = :owner and id = :id").param("owner", owner).param("id", id)
                .query(JobRows::job).optional();
    }

    Optional<Job> find(String id) {
        return database.sql("select * from job where id = :id").param("id", id).query(JobRows::job).optional();
    }

    /** A job that was sent with a key, and the digest of its request. */
    record Keyed(String id, String digest) {}

    /** The job of a key; empty if it has been kept long enough. */
    Optional<Keyed> ofKey(String owner, String key, Instant now) {
        return database.sql("select id, request_digest from job where owner = :owner and idempotency_key = :key "
                + "and (expires_at is null or expires_at >= :now)").param("owner", owner).param("key", key)
                .param("now", Timestamp.from(now)).query((row, _) -> new Keyed(row.getString(1), row.getString(2))).optional();
    }

    /** Removes the job of a key if it has been kept long enough. */
    void removeExpired(String owner, String key, Instant now) {
        database.sql("select id from job where owner = :owner and idempotency_key = :key and expires_at < :now").param("owner", owner)
                .param("key", key).param("now", Timestamp.from(now)).query((row, _) -> row.getString(1)).list().forEach(this::remove);
    }

    /** The jobs of an owner, the newest first, those older than {@code before}; null stands for any status or kind. */
    List<Job> all(String owner, @Nullable String status, @Nullable String kind, String before, int most) {
        return database.sql("select * from job where owner = :owner and status like :status and kind like :kind and id < :before "
                + "order by id desc limit :most").param("owner", owner).param("status", status == null ? "%" : status)
                .param("kind", kind == null ? "%" : kind).param("before", before).param("most", most).query(JobRows::job).list();
    }

    /** The ids of an owner's jobs that are queued or running and have stored no model and no data set. */
    List<String> unstored(String owner) {
        return database.sql("select id from job where owner = :owner and stored = 0 and " + ACTIVE).param("owner", owner)
                .query((row, _) -> row.getString(1)).list();
    }

    /**
     * Begins an attempt, which counts as failed until it ends otherwise. Returns the job with the attempt's number; empty if the job has
     * ended or is not there any more.
     */
    Optional<Job> begin(String id, String engine, Instant now) {
        database.sql("update job set fence = fence + 1, failures = failures + 1, status = 'running', resumes_at = null, "
                + "started_at = coalesce(started_at, :now) where id = :id and " + ACTIVE)
                .param("id", id).param("now", Timestamp.from(now)).update();
        database.sql("update job set engines = trim(concat(engines, ' ', :engine)) where id = :id and " + ACTIVE
                + " and concat(' ', engines, ' ') not like :known and length(engines) < 900").param("id", id).param("engine", engine)
                .param("known", "% " + engine + " %").update();
        return database.sql("select * from job where id = :id and status = 'running'").param("id", id).query(JobRows::job).optional();
    }

    /** Stores the progress of an attempt; returns whether that attempt is still the latest. */
    boolean update(String id, long fence, JobProgress progress) {
        return database.sql("update job set done = :done, total = :total, made = :made, seconds_left = :left, seconds = :seconds, "
                + "worked = :worked, latest = :latest" + FENCED).param("id", id).param("fence", fence).param("done", progress.done())
                .param("total", progress.total()).param("made", progress.made()).param("left", progress.secondsLeft())
                .param("seconds", progress.seconds()).param("worked", progress.worked()).param("latest", progress.latest()).update() > 0;
    }

    /**
     * Stores a state of an attempt, and its progress. Attempts before it do not count as failed any more. Throws
     * {@link JobStoppedException} if it is not the latest attempt.
     */
    void state(String id, long fence, byte[] state, JobProgress progress) {
        boolean isLatest = find(id).filter(job -> job.fence() == fence).isPresent();
        long more = 0;
        if (isLatest) {
            Parts parts = parts(id, JobAttempt.STATE);
            // H2 reads the old state for this, so it comes before the lock. Others change parts only in transactions that end the attempt.
            more = state.length - parts.length();
            parts.write(state);
            // This locks the row of the job until the transaction ends. It comes last so that clients can cancel while a large state is
            // written.
            isLatest = update(id, fence, progress);
        }
        if (!isLatest) {
            throw new JobStoppedException(JobStoppedException.Reason.TAKEN_OVER);
        }
        database.sql("update job set failures = 0, bytes = bytes + :more where id = :id").param("id", id).param("more", more).update();
    }

    /** Notes which version of a model or a data set a job has stored. To be called in the transaction that stores it. */
    void stored(String id, int version) {
        database.sql("update job set stored = :version where id = :id").param("id", id).param("version", version).update();
    }

    boolean isCancelled(String id) {
        return database.sql("select cancelled from job where id = :id").param("id", id).query(Boolean.class).optional().orElse(true);
    }

    /** Asks the replica that runs the job to end it. It is too late for that once the job has stored its model or its data set. */
    void cancel(String owner, String id) {
        database.sql("update job set cancelled = true where owner = :owner and id = :id and stored = 0 and " + ACTIVE)
                .param("owner", owner).param("id", id).update();
    }

    /** Ends a job that was cancelled and that no replica runs; returns whether that is so. */
    boolean endCancelled(String id, Instant now, Instant expires) {
        return database
                .sql("update job set status = 'cancelled', seconds_left = 0, resumes_at = null, ended_at = :now, expires_at = :expires "
                        + "where id = :id and status = 'queued' and cancelled")
                .param("id", id).param("now", Timestamp.from(now)).param("expires", Timestamp.from(expires))
                .update() > 0;
    }

    /** Ends a job by its attempt; returns whether the attempt is still the latest. */
    boolean end(String id, long fence, JobStatus status, @Nullable String problem, Instant now, Instant expires) {
        return database.sql("update job set status = :status, problem = :problem, seconds_left = 0, ended_at = :now, "
                + "expires_at = :expires" + FENCED).param("id", id).param("fence", fence).param("status", status.text())
                .param("problem", problem).param("now", Timestamp.from(now)).param("expires", Timestamp.from(expires)).update() > 0;
    }

    /** Has a job wait for its next attempt. {@code failures} is how many attempts have failed. */
    boolean release(String id, long fence, int failures) {
        return database.sql("update job set status = 'queued', failures = :failures" + FENCED).param("id", id).param("fence", fence)
                .param("failures", failures).update() > 0;
    }

    /** Queues a running job, whichever its latest attempt is; returns whether it was running. */
    boolean release(String id) {
        return database.sql("update job set status = 'queued' where id = :id and status = 'running'").param("id", id).update() > 0;
    }

    /**
     * Notes that a queued job goes on at this time, or once its client's quota has so many seconds. Returns false if the job is not
     * queued.
     */
    boolean resume(String id, Instant at, double with) {
        return database.sql("update job set resumes_at = :time, resumes_with = :seconds where id = :id and status = 'queued'")
                .param("id", id).param("time", Timestamp.from(at)).param("seconds", with).update() > 0;
    }

    /** Adds an event. To be called in a transaction that has changed the job, so that numbers have no gaps. */
    void event(String id, String type, String data) {
        database.sql("update job set events = events + 1 where id = :id").param("id", id).update();
        database.sql("insert into job_event (job, number, type, data) select id, events, :type, :data from job where id = :id")
                .param("id", id).param("type", type).param("data", data).update();
    }

    /** Adds a status as an event unless it is what was told last, as of a job that waits and is looked at again and again. */
    void status(String id, String data) {
        Optional<String> told = database.sql("select data from job_event where job = :id and type = :type order by number desc limit 1")
                .param("id", id).param("type", JobEvent.STATUS).query((row, _) -> row.getString(1)).optional();
        if (!told.equals(Optional.of(data))) {
            event(id, JobEvent.STATUS, data);
        }
    }

    /** Adds a diagnostic as an event unless it was told before: an attempt that resumes from a state may find it again. */
    void diagnostic(String id, String data) {
        if (database.sql("select count(*) from job_event where job = :id and type = :type and data = :data").param("id", id)
                .param("type", JobEvent.DIAGNOSTIC).param("data", data).query(Long.class).single() == 0) {
            event(id, JobEvent.DIAGNOSTIC, data);
        }
    }

    /** Removes events of progress but for the latest {@code most} events. */
    void removeEvents(String id, int most) {
        database.sql("delete from job_event where job = :id and type = :type and number <= (select events - :most from job "
                + "where id = :id)").param("id", id).param("type", JobEvent.PROGRESS).param("most", most).update();
    }

    List<JobEvent> events(String id, long after, int most) {
        return database.sql("select number, type, data from job_event where job = :id and number > :after order by number limit :most")
                .param("id", id).param("after", after).param("most", most)
                .query((row, _) -> new JobEvent(row.getLong(1), row.getString(2), row.getString(3))).list();
    }

    /** The first diagnostics of a job, as JSON. */
    List<String> diagnostics(String id, int most) {
        return database.sql("select data from job_event where job = :id and type = :type order by number limit :most")
                .param("id", id).param("type", JobEvent.DIAGNOSTIC).param("most", most).query((row, _) -> row.getString(1)).list();
    }

    Parts parts(String id, String content) {
        return new Parts(database, "job_part", Map.of("job", id, "content", content));
    }

    /** Notes how many bytes all parts of a job take. To be called when they have changed. */
    void countBytes(String id) {
        database.sql("update job set bytes = (" + ALL_BYTES + ") where id = :id").param("id", id).update();
    }

    /** Removes what only attempts need. */
    void removeWork(String id) {
        parts(id, JobWorker.REQUEST).remove();
        parts(id, JobAttempt.STATE).remove();
        countBytes(id);
    }

    List<Job> active() {
        return database.sql("select * from job where " + ACTIVE).query(JobRows::job).list();
    }

    List<Job> activeOf(String client) {
        return database.sql("select * from job where client = :client and " + ACTIVE).param("client", client).query(JobRows::job).list();
    }

    /** Jobs that have been kept long enough. */
    List<String> expired(Instant now, int most) {
        return database.sql("select id from job where expires_at < :now order by expires_at, id limit :most")
                .param("now", Timestamp.from(now)).param("most", most).query((row, _) -> row.getString(1)).list();
    }

    /** Removes a job that has ended, with all that belongs to it, unless another transaction does so. */
    void remove(String id) {
        if (database.sql("delete from job where id = :id").param("id", id).update() > 0) {
            database.sql("delete from job_event where job = :id").param("id", id).update();
            parts(id, JobEnds.RESULT).remove();
            removeWork(id);
        }
    }
}
