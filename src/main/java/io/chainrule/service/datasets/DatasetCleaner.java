package io.chainrule.service.datasets;

import io.chainrule.service.store.Cleaning;
import io.chainrule.service.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * Removes data sets that were replaced or deleted some time ago, and files that no data set needs. Several replicas may run it at the same
 * time.
 */
@Component
class DatasetCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetCleaner.class);
    /** A file without a row in the table is kept for this long, since the row is written after the file has come. */
    private static final Duration WITHOUT_ROW = Duration.ofHours(1);
    private static final int BATCH = 100;

    private final Store store;
    private final DatasetRows rows;
    private final DatasetFiles files;
    private final ObjectProvider<DatasetNeeds> needs;
    private final Duration keepReplaced;
    private final Cleaning cleaning = new Cleaning("data sets", Duration.ofMinutes(10));

    DatasetCleaner(Store store, DatasetRows rows, DatasetFiles files, ObjectProvider<DatasetNeeds> needs, DatasetProperties properties) {
        this.store = store;
        this.rows = rows;
        this.files = files;
        this.needs = needs;
        keepReplaced = properties.keepReplaced();
    }

    /** Removes what a process has left that was killed. Nobody else uses the files of an embedded database. */
    @EventListener(ApplicationReadyEvent.class)
    void cleanAtStart() {
        if (store.isEmbedded() && !files.hasSharedFolder() && Files.isDirectory(files.folder())) {
            Instant started = Instant.now();
            cleaning.now(() -> clean(started, started));
        }
    }

    /** To be called when data sets are changed. */
    void cleanInTime() {
        cleaning.inTime(() -> clean(Instant.now(), Instant.now().minus(WITHOUT_ROW)));
    }

    /** Removes what is to be removed at a time, and files without a row that are older than another. */
    void clean(Instant now, Instant without) throws IOException {
        if (store.isUnused()) {
            return;
        }
        List<DatasetNeeds.Need> needed = needs.stream().flatMap(each -> each.all().stream()).toList();
        // The table keeps milliseconds. With finer times a data set that was just marked would count as older than now.
        Instant at = now.truncatedTo(ChronoUnit.MILLIS);
        // Each change commits by itself: two replicas that change the same rows in different orders could wait for each other for ever.
        store.with(() -> {
            needed.forEach(need -> need.versions().forEach((name, version) -> rows.use(need.owner(), name, version, at)));
            return true;
        });
        removeReplaced(at.minus(keepReplaced));
        rows.unused().forEach(store, file -> store.withTransaction(() -> {
            if (rows.forget(file)) {
                remove(file);
            }
            return true;
        }));
        // Services with another database may share the folder. Their jobs are not known here, but mark their drafts every few seconds.
        files.removeDrafts(now.minus(keepReplaced.compareTo(WITHOUT_ROW) < 0 ? WITHOUT_ROW : keepReplaced),
                needed.stream().map(DatasetNeeds.Need::draft).collect(Collectors.toSet()));
        List<String> old = files.old(without);
        // A database that knows no file may be new, and the one that knows them about to be restored.
        boolean isNew = !old.isEmpty() && !store.with(rows::isAnyKnown);
        for (String file : old) {
            if (!isNew || file.endsWith(DatasetFiles.PART)) {
                removeUnknown(file, now);
            }
        }
    }

    private void removeReplaced(Instant since) {
        List<Dataset> replaced;
        do {
            replaced = store.with(() -> {
                List<Dataset> found = rows.replaced(since, BATCH);
                found.forEach(dataset -> rows.removeReplaced(dataset, since));
                return found;
            });
        } while (replaced.size() == BATCH);
    }

    /** Removes a file that has no row. */
    private void removeUnknown(String file, Instant now) {
        try {
            store.withTransaction(() -> {
                if (!rows.isKnown(file)) {
                    // Whoever puts a file of this name into its place meanwhile waits for the end of this transaction.
                    rows.claim(file, now);
                    remove(file);
                    rows.forget(file);
                }
                return true;
            });
        } catch (DuplicateKeyException _) {
            LOG.debug("{} has just got a row", file);
        }
    }

    private void remove(String file) {
        try {
            files.remove(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
