package io.chainrule.service.datasets;

import io.chainrule.service.store.ArrivingFile;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Checks the quotas of data sets. Each method throws {@link StorageQuotaException} if the owner may not store more. */
@Component
class DatasetQuotas {
    private static final String BYTES = "chainrule.datasets.bytes";

    private final Store store;
    private final DatasetRows rows;
    private final DatasetCleaner cleaner;
    private final DatasetFiles files;
    private final ObjectProvider<DatasetNeeds> needs;
    private final DatasetProperties limits;

    DatasetQuotas(Store store, DatasetRows rows, DatasetCleaner cleaner, DatasetFiles files, ObjectProvider<DatasetNeeds> needs,
            DatasetProperties limits) {
        this.store = store;
        this.rows = rows;
        this.cleaner = cleaner;
        this.files = files;
        this.needs = needs;
        this.limits = limits;
    }

    /**
     * The bytes for which a data set needs room: its own and, unless it is a draft itself, what its owner's maps have written so far. Files
     * at a location are not kept.
     */
    long needed(Dataset asked, boolean isDraft) {
        if (asked.location() != null) {
            return 0;
        }
        return isDraft || asked.bytes() == 0 ? asked.bytes() : asked.bytes() + drafts(asked.owner());
    }

    private long drafts(String owner) {
        List<String> drafts = needs.stream().flatMap(each -> each.drafts(owner).stream()).toList();
        try {
            long bytes = 0;
            for (String draft : drafts) {
                bytes += files.draft(draft).bytes();
            }
            return bytes;
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }

    /**
     * Checks whether an owner may store one more data set, with so many bytes besides those that are stored. It also begins the removal of
     * data sets that nobody needs, so that a later try may find room.
     */
    void check(String owner, long bytes) {
        check(usage(owner), bytes);
    }

    /** Checks whether an owner may store what its maps have written so far, as one more data set. */
    void checkDrafts(String owner) {
        check(owner, drafts(owner));
    }

    private DatasetRows.Usage usage(String owner) {
        cleaner.cleanInTime();
        return store.with(() -> rows.usage(owner));
    }

    /**
     * Checks the same before it is known what comes. What the name stands for now may be the same; to store the same again takes nothing,
     * and must not be refused. Whoever stores it checks again. Throws {@link io.chainrule.service.run.OverloadedException} if there is no
     * room beside others that the owner sends.
     */
    void check(String owner, String name, Predicate<Dataset> maybeSame, ArrivingFile file) {
        long stored = 0;
        if (store.with(() -> rows.find(owner, name)).filter(maybeSame).isEmpty()) {
            long drafts = file.bytes() > 0 ? drafts(owner) : 0;
            DatasetRows.Usage usage = usage(owner);
            check(usage, file.bytes() + drafts);
            stored = usage.bytes() + drafts;
        }
        file.checkBesideOthers(BYTES, stored, limits.bytes());
    }

    /** Checks the same where it is known what the owner has stored. */
    void check(DatasetRows.Usage usage, long bytes) {
        StorageQuotaException.check("chainrule.datasets.count", "data sets", usage.count() + 1L, limits.count(),
                StorageQuotaException.DELETE);
        if (bytes > 0) {
            StorageQuotaException.check(BYTES, "bytes of data sets", usage.bytes() + bytes, limits.bytes(), StorageQuotaException.DELETE);
        }
    }
}
