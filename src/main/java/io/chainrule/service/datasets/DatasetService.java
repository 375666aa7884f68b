package io.chainrule.service.datasets;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.store.ArrivingFile;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/** Stores, lists and deletes data sets, and opens them. All are of an owner; others' are as if they were not there. */
@Service
@EnableConfigurationProperties(DatasetProperties.class)
public class DatasetService {
    private static final int TRIES = 3;

    private final Store store;
    private final DatasetRows rows;
    private final DatasetFiles files;
    private final Locations locations;
    private final DatasetCleaner cleaner;
    private final DatasetQuotas quotas;
    private final FirstReading reader;
    private final DatasetProperties limits;

    DatasetService(Store store, DatasetRows rows, DatasetFiles files, Locations locations, DatasetCleaner cleaner, DatasetQuotas quotas,
            FirstReading reader, DatasetProperties limits) {
        this.store = store;
        this.rows = rows;
        this.files = files;
        this.locations = locations;
        this.cleaner = cleaner;
        this.quotas = quotas;
        this.reader = reader;
        this.limits = limits;
    }

    /** A data set, what was found in it, and whether it is new. */
    public record Stored(Dataset dataset, Layout layout, boolean isNew) {}

    /** Whether files may be stored: replicas that share a database have to share a folder, which has to be named. */
    public boolean isShared() {
        return files.isShared();
    }

    /** Throws {@link StorageQuotaException} if an owner may store no more data sets. It begins the removal of those that nobody needs. */
    public void checkQuotas(String owner) {
        quotas.check(owner, 0);
    }

    /** Throws {@link StorageQuotaException} if the drafts of an owner's maps, with what it has stored, are more than it may store. */
    public void checkDrafts(String owner) {
        quotas.checkDrafts(owner);
    }

    /**
     * Throws {@link StorageQuotaException} if an owner may not store a file that comes, unless it may be there already, and
     * {@link io.chainrule.service.run.OverloadedException} if the disk has no room. The SHA-256 is null if nobody has told it.
     */
    public void checkQuotas(String owner, String name, ArrivingFile file, @Nullable String sha256) {
        quotas.check(owner, name, known -> known.mayBe(file, sha256), file);
        files.checkRoom(file.isWhole() ? file.bytes() : 0);
    }

    /** Calls {@code expected} with what a name stands for now, so that it may refuse a change. */
    public void check(String owner, String name, Consumer<Optional<Dataset>> expected) {
        expected.accept(store.isUnused() ? Optional.empty() : store.with(() -> rows.find(owner, name)));
    }

    /**
     * Stores a file in place of what the name stands for now. If that is the same file, it is returned. Otherwise the file is read once,
     * and moved. Throws {@link ProblemException} for what is wrong with its form, and {@link StorageQuotaException}.
     */
    public Stored put(String owner, String name, DatasetFormat format, Path file, long bytes, String sha256, Terms<Dataset, Stored> terms) {
        return put(new Dataset(owner, name, 0, format, null, sha256, bytes, 0, now()), file, false, terms,
                () -> reader.scan(format, file, bytes, limits.checkTime()));
    }

    /** @param stays whether the file is a draft, which keeps the name that it has, and has been counted with other drafts */
    private Stored put(Dataset asked, Path file, boolean stays, Terms<Dataset, Stored> terms, Supplier<Layout> reading) {
        check(asked.owner(), asked.name(), terms.expected());
        Optional<Stored> same = same(asked);
        if (same.isEmpty()) {
            quotas.check(asked.owner(), quotas.needed(asked, stays));
        } else if (!stays && files.has(asked.sha256())) {
            return store.withTransaction(terms.guard().apply(same::get));
        }
        Layout layout = reading.get();
        Path part = files.bring(file, stays);
        try {
            return insert(asked.counted(layout.rows()), layout, part, stays, terms, TRIES);
        } finally {
            DatasetFiles.takeBack(part, file, stays);
        }
    }

    /** Where the parts of a data set are kept that a job makes. */
    public DatasetDraft draft(String id) {
        return files.draft(id);
    }

    /** Stores a file of results, and then removes it from its draft, which keeps what cannot be stored. Throws as the other does. */
    public Stored put(String owner, String name, WrittenFile file, Terms<Dataset, Stored> terms) {
        Dataset asked = new Dataset(owner, name, 0, file.format(), null, file.sha256(), file.bytes(), 0, now());
        Stored stored = put(asked, file.path(), true, terms, () -> reader.scan(file, limits.checkTime()));
        // Nobody may write to a file that is stored.
        DatasetFiles.deleteIfExists(file.path());
        return stored;
    }

    /**
     * Names files that are there already. Of those on this machine the rows are counted; others are left to an engine that can read them.
     * Throws as {@link #put}.
     */
    public Stored register(String owner, String name, DatasetFormat format, String url, Consumer<Optional<Dataset>> expected) {
        check(owner, name, expected);
        Locations.Location location = locations.read(url);
        quotas.check(owner, name, known -> location.toString().equals(known.location()), new ArrivingFile(0, true, 0));
        Dataset asked = new Dataset(owner, name, 0, format, location.toString(), "", 0, -1, now());
        if (!location.isLocal()) {
            return insert(asked, new Layout(List.of(), List.of(), List.of(), false, null, null), null, false, Terms.expecting(expected),
                    TRIES);
        }
        try {
            FirstReading.Found found = reader.read(format, locations.files(location), limits.checkTime());
            Layout layout = found.layout();
            return insert(new Dataset(owner, name, 0, format, location.toString(), found.sha256(), layout.bytes(), layout.rows(),
                    asked.createdAt()), layout, null, false, Terms.expecting(expected), TRIES);
        } catch (NoSuchFileException | AccessDeniedException _) {
            throw Locations.missing(location);
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private Optional<Stored> same(Dataset asked) {
        return store.with(() -> rows.find(asked.owner(), asked.name()).filter(known -> known.isSame(asked))
                .map(known -> new Stored(known, Layout.read(rows.layout(known)), false)));
    }

    /** Writes the row of a data set and gives its file its name; others see both or nothing. */
    private Stored insert(Dataset dataset, Layout layout, @Nullable Path part, boolean isDraft, Terms<Dataset, Stored> terms, int tries) {
        try {
            return stored(dataset, layout, part, isDraft, terms);
        } catch (DuplicateKeyException e) {
            // Another request has stored the same file, or the first of this name, at the same time.
            if (tries == 1) {
                throw store.unavailable(e);
            }
            return insert(dataset, layout, part, isDraft, terms, tries - 1);
        } catch (UncheckedIOException e) {
            throw store.unavailable(e);
        } finally {
            cleaner.cleanInTime();
        }
    }

    private Stored stored(Dataset dataset, Layout layout, @Nullable Path part, boolean isDraft, Terms<Dataset, Stored> terms) {
        return store.withTransaction(terms.guard().apply(() -> {
            // What others store for this owner at the same time counts as well.
            rows.claimOwner(dataset.owner());
            int number = rows.next(dataset.owner(), dataset.name());
            Optional<Dataset> now = rows.find(dataset.owner(), dataset.name());
            terms.expected().accept(now);
            Optional<Dataset> same = now.filter(known -> known.isSame(dataset))
                    // Files at a location may have changed. Results without rows have equal bytes whatever their columns are.
                    .filter(known -> part != null && !isDraft || layout.isSame(Layout.read(rows.layout(known))));
            if (same.isPresent()) {
                if (part != null && !files.has(dataset.sha256())) {
                    files.place(part, dataset.sha256());
                }
                return new Stored(same.get(), layout, false);
            }
            quotas.check(rows.usage(dataset.owner()), quotas.needed(dataset, isDraft));
            Dataset numbered = dataset.numbered(number);
            if (part != null) {
                rows.claim(dataset.sha256(), dataset.createdAt());
                files.place(part, dataset.sha256());
            }
            rows.replace(dataset.owner(), dataset.name(), now());
            rows.insert(numbered, layout.json());
            return new Stored(numbered, layout, true);
        }));
    }

    /** What a name stands for now. Throws {@link UnknownDatasetException} if there is nothing. */
    public Dataset find(String owner, String name) {
        return (store.isUnused() ? Optional.<Dataset>empty() : store.with(() -> rows.find(owner, name)))
                .orElseThrow(() -> new UnknownDatasetException(name));
    }

    /** What was stored under a number, also if it has been replaced since. Throws {@link UnknownDatasetException} if it is not there. */
    public Dataset find(String owner, String name, int version) {
        return store.with(() -> rows.find(owner, name, version)).orElseThrow(() -> new UnknownDatasetException(name));
    }

    /** What was found when the rows were read once. */
    public Layout layout(Dataset dataset) {
        return Layout.read(store.with(() -> rows.layout(dataset)));
    }

    /** The data sets of an owner, in the order of names after {@code after}. */
    public List<Dataset> all(String owner, String beginning, String after, int most) {
        cleaner.cleanInTime();
        return store.isUnused() ? List.of() : store.with(() -> rows.all(owner, beginning, after, most));
    }

    /** Deletes a data set if {@code expected} accepts it. Throws {@link UnknownDatasetException} if there is none. */
    public void delete(String owner, String name, Consumer<Optional<Dataset>> expected) {
        boolean isDone = !store.isUnused() && store.withTransaction(() -> {
            rows.lock(owner, name);
            Optional<Dataset> now = rows.find(owner, name);
            now.ifPresent(_ -> expected.accept(now));
            return rows.replace(owner, name, now());
        });
        if (!isDone) {
            throw new UnknownDatasetException(name);
        }
        cleaner.cleanInTime();
    }

    /**
     * Notes that a data set is being read, so that it stays for {@code chainrule.datasets.keep-replaced} from now on, also if it is
     * replaced or deleted. Whoever reads it for longer calls this again.
     */
    public void use(Dataset dataset) {
        store.with(() -> {
            rows.use(dataset.owner(), dataset.name(), dataset.version(), now());
            return true;
        });
    }

    /**
     * The file of a data set; null if the service does not keep it. Throws {@link io.chainrule.service.store.StoreUnavailableException} if
     * the disk does not have it now.
     */
    public @Nullable Path file(Dataset dataset) {
        return dataset.location() == null ? files.kept(dataset.sha256()) : null;
    }

    /** Opens a data set for Spark. Throws {@link ProblemException} if nothing may be read there, or if Spark does not see a file. */
    public RowSource locate(Dataset dataset) throws IOException {
        String location = dataset.location();
        if (location == null || dataset.isLocal()) {
            RowSource source = open(dataset);
            source.files().forEach(file -> Locations.checkSeenBySpark(String.valueOf(file.getFileName())));
            return source;
        }
        locations.read(location);
        return unread(dataset);
    }

    /** A data set of which nothing is read any more, so that its files may have changed or be gone. */
    public RowSource unread(Dataset dataset) {
        return new RowSource(dataset, layout(dataset), List.of());
    }

    /** Opens a data set whose files this machine can read. Throws {@link ProblemException} if it cannot, and as {@link #file}. */
    public RowSource open(Dataset dataset) throws IOException {
        if (dataset.format() == DatasetFormat.PARQUET) {
            files.prepareLibraries();
        }
        String location = dataset.location();
        List<RowFile> paths = location == null
                ? List.of(RowFile.own(files.kept(dataset.sha256())))
                : locations.local(location);
        Layout layout = layout(dataset);
        List<String> names = paths.stream().map(path -> path.nameAmong(paths)).toList();
        if (location != null && !names.equals(layout.files().stream().map(Layout.DataFile::name).toList())) {
            throw RowSource.changed(dataset);
        }
        return new RowSource(dataset, layout, paths);
    }
}
