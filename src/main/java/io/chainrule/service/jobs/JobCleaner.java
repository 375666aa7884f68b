package io.chainrule.service.jobs;

import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes jobs that ended long ago. Several replicas may run it at the same time. */
@Component
class JobCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(JobCleaner.class);
    private static final long BETWEEN = TimeUnit.MINUTES.toNanos(10);
    private static final int BATCH = 100;

    private final Store store;
    private final JobRows rows;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    JobCleaner(Store store, JobRows rows) {
        this.store = store;
        this.rows = rows;
    }

    /** Cleans at most every ten minutes, on a thread of its own. To be called when a job is sent. */
    void cleanInTime() {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + BETWEEN)) {
            Thread.ofVirtual().name("jobs-cleaner").start(() -> {
                try {
                    clean(Instant.now());
                } catch (StoreUnavailableException e) {
                    LOG.warn("Jobs that ended long ago could not be removed: {}", e.getMessage());
                }
            });
        }
    }

    /** Removes jobs that were to be kept until before this time. */
    void clean(Instant now) {
        List<String> ids;
        do {
            ids = store.withTransaction(() -> {
                List<String> expired = rows.expired(now, BATCH);
                expired.forEach(rows::remove);
                return expired;
            });
        } while (ids.size() == BATCH);
    }
}
