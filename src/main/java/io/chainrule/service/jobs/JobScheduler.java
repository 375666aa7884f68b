package io.chainrule.service.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.stereotype.Component;

/**
 * Has db-scheduler find jobs that are due in the database, and those of replicas that have not told for a while that they are alive. It
 * begins when the service is ready, or with an embedded database that is not there yet, at the first job.
 */
@Component
class JobScheduler implements SmartLifecycle {
    private static final String TABLE = "job_schedule";
    static final String TASK = "job";
    /** Parts of the number of threads, as db-scheduler takes them. What is fetched while all are busy is held until one is free. */
    private static final double LEAST_FETCHED = 0.5;
    private static final double MOST_FETCHED = 1;
    private static final int POLLS_A_HEARTBEAT = 2;
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    /** {@code WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE} of Spring Boot. */
    private static final int WITH_REQUESTS = DEFAULT_PHASE - 1024;
    /** Attempts store their states within this time when the service ends. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Store store;
    private final JobWorker worker;
    private final JobProperties properties;
    private final ScheduleRows rows;
    private final DataSource database;
    private final CustomTask<Void> task;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Scheduler scheduler;
    private volatile SteadyLooks looks;
    private volatile boolean isRunning;

    JobScheduler(Store store, JobWorker worker, JobEnds ends, JobProperties properties, ScheduleRows rows, DataSource database) {
        this.store = store;
        this.worker = worker;
        this.properties = properties;
        this.rows = rows;
        this.database = new TransactionAwareDataSourceProxy(database);
        looks = newLooks();
        task = Tasks.custom(TASK, Void.class)
                .onFailure((failed, operations) -> ends.lost(id(failed),
                        hasBegun -> operations.reschedule(ended(failed, hasBegun), Instant.now().plus(properties.heartbeat()))))
                .onDeadExecution((dead, operations) -> {
                    // If nothing is done, db-scheduler finds it again at its next look.
                    if (looks.areSteady()) {
                        ends.lost(id(dead), hasBegun -> operations.reschedule(ended(dead, hasBegun), Instant.now()));
                    }
                })
                .execute((instance, _) -> {
                    Duration delay = worker.attempt(instance.getId());
                    return delay == null
                            ? (_, operations) -> operations.remove()
                            : (ended, operations) -> operations.reschedule(ended, Instant.now().plus(delay));
                });
    }

    private SteadyLooks newLooks() {
        return new SteadyLooks(properties.heartbeat(), store.isEmbedded(), System::nanoTime, InstantSource.system());
    }

    private static String id(ExecutionComplete attempt) {
        return attempt.getExecution().taskInstance.getId();
    }

    /** What the schedule is told of an execution without a result. Only one whose attempt had begun has failed, and is known as lost. */
    private static ExecutionComplete ended(ExecutionComplete found, boolean hasBegun) {
        Instant done = found.getTimeDone();
        return hasBegun ? found : ExecutionComplete.success(found.getExecution(), done.minus(found.getDuration()), done);
    }

    /** Schedules a job within the transaction of the caller, so that there is no job without a schedule. Lower rounds come first. */
    void schedule(Job job) {
        int round = rows.round(job.owner(), job.createdAt());
        running().scheduleIfNotExists(task.instanceBuilder(job.id()).priority(-round).build(), Instant.now());
    }

    /** Has jobs that are due found at once. */
    void trigger() {
        try {
            running().triggerCheckForDueExecutions();
        } catch (ShutdownException _) {
            // Another replica finds them, or this one when it begins again.
        }
    }

    private Scheduler running() {
        lock.lock();
        try {
            Scheduler found = scheduler;
            if (found == null) {
                if (!isRunning) {
                    throw new ShutdownException();
                }
                looks = newLooks();
                found = Scheduler.create(database, task).tableName(TABLE).threads(properties.threads())
                        .schedulerName(new SchedulerName.Fixed("replica-" + UUID.randomUUID()))
                        .heartbeatInterval(properties.heartbeat()).missedHeartbeatsLimit(SteadyLooks.MISSED)
                        .pollingInterval(properties.heartbeat().dividedBy(POLLS_A_HEARTBEAT)).enableImmediateExecution()
                        .enablePriority().pollUsingFetchAndLockOnExecute(LEAST_FETCHED, MOST_FETCHED).shutdownMaxWait(PATIENCE)
                        .failureLogging(LogLevel.DEBUG, false).addSchedulerListener(looks).build();
                found.start();
                scheduler = found;
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** Begins with the jobs that are there, as soon as the database can be reached. */
    @EventListener(ApplicationReadyEvent.class)
    void resume() {
        if (!store.isUnused()) {
            Thread.ofVirtual().name("jobs").start(() -> {
                while (isRunning && !isOpen()) {
                    LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
                }
                if (isRunning) {
                    begin();
                }
            });
        }
    }

    private void begin() {
        try {
            running();
        } catch (ShutdownException _) {
            // The service ends before it has begun with jobs.
        }
    }

    private boolean isOpen() {
        try {
            store.open();
            return true;
        } catch (StoreUnavailableException _) {
            return false;
        }
    }

    @Override
    public void start() {
        worker.begin();
        isRunning = true;
    }

    /** Jobs store their states while the server finishes its requests. */
    @Override
    public int getPhase() {
        return WITH_REQUESTS;
    }

    @Override
    public void stop(Runnable callback) {
        Thread.ofVirtual().name("jobs-end").start(() -> {
            try {
                stop();
            } finally {
                callback.run();
            }
        });
    }

    @Override
    public void stop() {
        isRunning = false;
        worker.end();
        Scheduler ended;
        lock.lock();
        try {
            ended = scheduler;
            scheduler = null;
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.stop();
        }
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }
}
