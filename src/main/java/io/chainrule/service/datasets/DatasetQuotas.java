package io.chainrule.service.datasets;

import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Store;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/** Checks the quotas of data sets. Each method throws {@link StorageQuotaException} if the owner may not store more. */
@Component
class DatasetQuotas {
    private final Store store;
    private final DatasetRows rows;
    private final DatasetCleaner cleaner;
    private final DatasetProperties limits;

    DatasetQuotas(Store store, DatasetRows rows, DatasetCleaner cleaner, DatasetProperties limits) {
        this.store = store;
        this.rows = rows;
        this.cleaner = cleaner;
        this.limits = limits;
    }

    /**
     * Checks whether an owner may store one more data set, of so many bytes. It also begins the removal of data sets that nobody needs, so
     * that a later try may find room.
     */
    void check(String owner, long bytes) {
        cleaner.cleanInTime();
        check(store.with(() -> rows.usage(owner)), bytes);
    }

    /**
     * Checks the same before it is known what comes. What the name stands for now may be the same; to store the same again takes nothing,
     * and must not be refused. Whoever stores it checks again.
     */
    void check(String owner, String name, Predicate<Dataset> maybeSame, long bytes) {
        if (store.with(() -> rows.find(owner, name)).filter(maybeSame).isEmpty()) {
            check(owner, bytes);
        } else {
            // Also what is stored already takes room on the disk while it comes.
            checkBytes(bytes);
        }
    }

    /** Checks the same where it is known what the owner has stored. */
    void check(DatasetRows.Usage usage, long bytes) {
        StorageQuotaException.check("chainrule.datasets.count", "data sets", usage.count() + 1L, limits.count());
        if (bytes > 0) {
            checkBytes(usage.bytes() + bytes);
        }
    }

    private void checkBytes(long bytes) {
        StorageQuotaException.check("chainrule.datasets.bytes", "bytes of data sets", bytes, limits.bytes());
    }
}
