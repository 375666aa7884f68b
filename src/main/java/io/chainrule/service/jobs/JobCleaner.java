package io.chainrule.service.jobs;

import io.chainrule.service.store.Cleaning;
import io.chainrule.service.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Removes jobs that ended long ago. Several replicas may run it at the same time. */
@Component
class JobCleaner {
    private static final int BATCH = 100;

    private final Store store;
    private final JobRows rows;
    private final Cleaning cleaning = new Cleaning("jobs", Duration.ofMinutes(10));

    JobCleaner(Store store, JobRows rows) {
        this.store = store;
        this.rows = rows;
    }

    /** To be called when a job is sent. */
    void cleanInTime() {
        cleaning.inTime(() -> clean(Instant.now()));
    }

    /** Removes jobs that were to be kept until before this time. */
    void clean(Instant now) {
        List<String> ids;
        do {
            ids = store.with(() -> rows.expired(now, BATCH));
            // Each in a transaction of its own, so that what is removed stays removed if a later one fails.
            ids.forEach(id -> store.withTransaction(() -> {
                rows.remove(id);
                return true;
            }));
        } while (ids.size() == BATCH);
    }
}
