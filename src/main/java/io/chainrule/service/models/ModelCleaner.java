package io.chainrule.service.models;

import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Removes versions that were deleted long ago, and contents that no version refers to. Several replicas may run it at the same time.
 */
@Component
class ModelCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCleaner.class);
    private static final long BETWEEN = TimeUnit.HOURS.toNanos(1);
    /** Contents are written before the version that refers to them. Contents without a version are kept for this long. */
    private static final Duration WITHOUT_VERSION = Duration.ofDays(1);

    private final Store store;
    private final ModelRows rows;
    private final Contents contents;
    private final ObjectProvider<ModelNeeds> needs;
    private final Duration keepDeleted;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    ModelCleaner(Store store, ModelRows rows, Contents contents, ObjectProvider<ModelNeeds> needs, ModelProperties properties) {
        this.store = store;
        this.rows = rows;
        this.contents = contents;
        this.needs = needs;
        keepDeleted = properties.keepDeleted();
    }

    /** Cleans at most once an hour, on a thread of its own. To be called when models are changed. */
    void cleanInTime() {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + BETWEEN)) {
            Thread.ofVirtual().name("models").start(() -> {
                try {
                    clean(Instant.now());
                } catch (StoreUnavailableException e) {
                    LOG.warn("Models that are deleted could not be removed: {}", e.getMessage());
                }
            });
        }
    }

    /** Removes what is to be removed at a time. */
    void clean(Instant now) {
        Instant before = now.minus(keepDeleted);
        List<ModelRows.Key> deleted = store.with(() -> rows.deleted(before));
        Set<ModelNeeds.Need> needed = deleted.isEmpty()
                ? Set.of()
                : needs.stream().flatMap(each -> each.models().stream()).collect(Collectors.toSet());
        for (ModelRows.Key model : deleted) {
            store.withTransaction(() -> {
                rows.lock(model.owner(), model.name());
                rows.removeDeleted(model, before, needed);
                return true;
            });
        }
        store.withTransaction(() -> {
            contents.removeUnused(now.minus(WITHOUT_VERSION));
            return true;
        });
    }
}
