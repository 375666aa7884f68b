package io.chainrule.service.models;

import io.chainrule.service.store.Cleaning;
import io.chainrule.service.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Removes versions that were deleted long ago, and contents that no version refers to. Several replicas may run it at the same time.
 */
@Component
class ModelCleaner {
    /** Contents are written before the version that refers to them. Contents without a version are kept for this long. */
    static final Duration WITHOUT_VERSION = Duration.ofDays(1);
    private static final int BATCH = 100;

    private final Store store;
    private final ModelRows rows;
    private final Contents contents;
    private final ObjectProvider<ModelNeeds> needs;
    private final Duration keepDeleted;
    private final Cleaning cleaning = new Cleaning("models", Duration.ofHours(1));

    ModelCleaner(Store store, ModelRows rows, Contents contents, ObjectProvider<ModelNeeds> needs, ModelProperties properties) {
        this.store = store;
        this.rows = rows;
        this.contents = contents;
        this.needs = needs;
        keepDeleted = properties.keepDeleted();
    }

    /** To be called when models are changed. */
    void cleanInTime() {
        cleaning.inTime(() -> clean(Instant.now()));
    }

    /** Removes what is to be removed at a time. */
    void clean(Instant now) {
        Instant before = now.minus(keepDeleted);
        Set<ModelNeeds.Need> needed = needs.stream().flatMap(each -> each.models().stream()).collect(Collectors.toSet());
        Map<ModelRows.Key, List<Integer>> deleted;
        do {
            // Those that are needed stay, so that each batch has them again.
            deleted = store.with(() -> rows.deleted(before, BATCH + needed.size())).stream()
                    .filter(version -> !needed.contains(version.asNeed()))
                    .collect(Collectors.groupingBy(ModelRows.Deleted::model,
                            Collectors.mapping(ModelRows.Deleted::version, Collectors.toList())));
            deleted.forEach((model, versions) -> store.withTransaction(() -> {
                rows.lock(model.owner(), model.name());
                rows.removeDeleted(model, versions, before);
                return true;
            }));
        } while (!deleted.isEmpty());
        contents.removeUnused(now.minus(WITHOUT_VERSION));
    }
}
