package io.chainrule.service.jobs;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An attempt at a job by this replica. Its pulse stores the progress once a second, sees whether the job was cancelled or taken over, and
 * charges the client's quotas.
 */
final class JobAttempt implements JobRun, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobAttempt.class);
    /** An attempt whose client is out of quota stores its state within this time. While that fails, it is not tried at each step. */
    private static final long SOON = TimeUnit.SECONDS.toNanos(1);
    /** So many events of progress are kept; a client that follows reads one a second. */
    static final int MOST_EVENTS = 1_000;
    private static final int BETWEEN_CLEANINGS = 100;
    private static final double MILLIS = 1e3;
    /** Every attempt has at least this time. A training whose time is over needs it to answer with the steps that it has made. */
    private static final Duration LAST = Duration.ofSeconds(10);
    static final String STATE = "state";

    private final Store store;
    private final JobRows rows;
    private final Job job;
    private final Turn turn;
    private final JobProperties properties;
    private final JobQuota quota;
    private final long begin = System.nanoTime();
    private final JobStop stop = new JobStop();
    /** Diagnostics that are not known to be stored. */
    private final Set<String> untold = Collections.synchronizedSet(new LinkedHashSet<>());
    private final JobPulse pulse;

    private volatile byte @Nullable [] earlier;
    private volatile long done;
    private volatile long total;
    private volatile double secondsLeft;
    private volatile @Nullable Supplier<String> latest;
    private volatile boolean isTold = true;
    private volatile long lastState = System.nanoTime();
    private volatile long atBegin;
    private volatile boolean hasProgress;
    private volatile boolean hasStored;
    private int pulses;

    JobAttempt(Store store, JobRows rows, Job job, Turn turn, JobProperties properties, @Nullable Supplier<Allowance> allowance) {
        this.store = store;
        this.rows = rows;
        this.job = job;
        this.turn = turn;
        this.properties = properties;
        quota = new JobQuota(allowance, turn);
        done = job.progress().done();
        total = job.progress().total();
        secondsLeft = job.progress().secondsLeft();
        turn.shorten(Collections.max(List.of(LAST, properties.time().minus(worked()))));
        pulse = new JobPulse(job.id(), this::pulse);
    }

    @Override
    public String id() {
        return job.id();
    }

    /** Notes the state that an earlier attempt has stored; an empty one if none has. */
    void goOnFrom(byte[] state) {
        earlier = state.length == 0 ? null : state;
    }

    @Override
    public byte @Nullable [] earlier() {
        return earlier;
    }

    @Override
    public boolean wantsState() {
        stop.storesStates();
        long most = isOutOfQuota() ? SOON : Long.MAX_VALUE;
        return stop.isEnding() || System.nanoTime() - lastState > Math.min(properties.checkpoint().toNanos(), most);
    }

    @Override
    public void state(byte[] state) {
        JobProgress progress = last();
        boolean isStored = Turn.asideOfBound(() -> {
            try {
                // An attempt that goes on stores a later state instead.
                return stop.untilStored(() -> store(state, progress), stop::isEnding);
            } catch (StoreUnavailableException e) {
                LOG.warn("Job {} could not store its state, and goes on: {}", job.id(), e.getMessage());
                return false;
            }
        });
        lastState = System.nanoTime();
        if (stop.isEnding()) {
            stop.endNow(JobStoppedException.Reason.SHUTDOWN);
        } else if (isStored && isOutOfQuota()) {
            stop.endNow(JobStoppedException.Reason.QUOTA);
        }
        check();
    }

    private boolean store(byte[] state, JobProgress progress) {
        store.withTransaction(() -> {
            rows.state(job.id(), job.fence(), state, progress);
            tellUntold();
            return true;
        });
        hasStored = true;
        earlier = null;
        return true;
    }

    /** The number of successive attempts that ended by a fault, with this one. An attempt that has stored a state restarts the count. */
    int failures() {
        return hasStored ? 1 : job.failures();
    }

    @Override
    public void resumed(long units) {
        atBegin = units;
    }

    /** Whether the attempt has done any work. */
    boolean hasProgress() {
        return hasProgress;
    }

    /** Whether the state of an earlier attempt may be what ended this one: it has done nothing yet. */
    boolean mayBeRefused() {
        return earlier != null && !hasProgress;
    }

    @Override
    public void progress(long units, long inAll, double left, @Nullable Supplier<String> measured) {
        if (!hasProgress) {
            quota.hasBegun();
        }
        hasProgress = true;
        done = units;
        total = inAll;
        secondsLeft = left;
        latest = measured;
        isTold = false;
    }

    @Override
    public void diagnostic(String json) {
        untold.add(json);
    }

    private void tellUntold() {
        List.copyOf(untold).forEach(json -> rows.diagnostic(job.id(), json));
    }

    /** The progress so far. */
    JobProgress last() {
        Supplier<String> measured = latest;
        return new JobProgress(done, total, job.progress().made() + (hasProgress ? done - atBegin : 0), secondsLeft,
                job.progress().seconds() + turn.used(), worked().toMillis() / MILLIS,
                measured == null ? job.progress().latest() : measured.get());
    }

    private Duration worked() {
        return Duration.ofMillis(Math.round(MILLIS * job.progress().worked())).plusNanos(System.nanoTime() - begin - stop.waited());
    }

    @Override
    public void check() {
        stop.check();
    }

    @Override
    public int stored() {
        return store.with(() -> rows.find(job.id()).map(Job::stored).orElse(0));
    }

    @Override
    public <T> T storing(Supplier<T> work, ToIntFunction<T> version, byte @Nullable [] state) {
        claim();
        T stored = work.get();
        rows.stored(job.id(), version.applyAsInt(stored));
        if (state != null) {
            rows.state(job.id(), job.fence(), state, last());
        }
        return stored;
    }

    @Override
    public void alone(Runnable work) {
        store.withTransaction(() -> {
            claim();
            work.run();
            return true;
        });
    }

    /** Locks the row of the job until the transaction ends, so that nobody takes the job over or cancels it before. */
    private void claim() {
        if (isLatest() && rows.isCancelled(job.id())) {
            stop.endNow(JobStoppedException.Reason.CANCELLED);
        }
        check();
    }

    @Override
    public <T> T untilStored(Supplier<T> work) {
        return stop.untilStored(() -> {
            check();
            return work.get();
        }, () -> true);
    }

    /** Stores the progress, and diagnostics that are not told yet, within a transaction; notes whether another attempt has begun. */
    boolean isLatest() {
        boolean isLatest = rows.update(job.id(), job.fence(), last());
        if (isLatest) {
            tellUntold();
        } else {
            stop.endNow(JobStoppedException.Reason.TAKEN_OVER);
        }
        return isLatest;
    }

    /** Tells whether the attempt has to end. */
    JobStop stop() {
        return stop;
    }

    private void pulse() {
        quota.charge();
        List<String> told = List.copyOf(untold);
        boolean hasNews = !isTold;
        isTold = true;
        try {
            store.withTransaction(() -> {
                if (isLatest() && hasNews) {
                    tellProgress();
                }
                return true;
            });
        } catch (StoreUnavailableException e) {
            if (hasNews) {
                isTold = false;
            }
            throw e;
        }
        untold.removeAll(told);
        if (store.with(() -> rows.isCancelled(job.id()))) {
            stop.endNow(JobStoppedException.Reason.CANCELLED);
        }
        if (++pulses % BETWEEN_CLEANINGS == 0) {
            store.withTransaction(() -> {
                rows.removeEvents(job.id(), MOST_EVENTS);
                return true;
            });
        }
    }

    private void tellProgress() {
        // Later attempts do not tell at their beginning that the job runs, since many only find that it still has to wait.
        rows.status(job.id(), JobText.status(JobStatus.RUNNING));
        rows.event(job.id(), JobEvent.PROGRESS, JobText.progress(last()));
    }

    /** An attempt whose client has used the quota of computing ends with the next state that it stores, unless its time is over. */
    private boolean isOutOfQuota() {
        return quota.isUsedUp() && worked().compareTo(properties.time()) < 0;
    }

    /** Until when the job waits for its client's quota. */
    JobQuota.Wait untilQuota() {
        return quota.untilLeft();
    }

    /** Returns once nothing more is stored of this attempt. */
    @Override
    public void close() {
        pulse.close();
        quota.charge();
    }
}
