package io.chainrule.service.models;

import io.chainrule.service.run.Budget;
import io.chainrule.service.store.ArrivingFile;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.service.store.Terms;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/** Stores, lists and deletes models. All of an owner's models have names of their own; others' are as if they were not there. */
@Service
@EnableConfigurationProperties(ModelProperties.class)
public class ModelService {
    private static final int TRIES = 3;
    /** Stands for whatever version an alias names. */
    public static final Set<Integer> ANY = Set.of(-1);

    private final Store store;
    private final ModelRows rows;
    private final Contents contents;
    private final ModelLibrary library;
    private final ModelCleaner cleaner;
    private final ModelProperties limits;

    ModelService(Store store, ModelRows rows, Contents contents, ModelLibrary library, ModelCleaner cleaner,
            ModelProperties limits) {
        this.store = store;
        this.rows = rows;
        this.contents = contents;
        this.library = library;
        this.cleaner = cleaner;
        this.limits = limits;
    }

    /** A version, and whether it is new. */
    public record Stored(ModelVersion version, ModelDefinition definition, boolean isNew) {}

    /**
     * Stores a new version, which the alias {@code latest} then names. If it equals the version that {@code latest} names now, that is
     * returned. Throws {@link StorageQuotaException} if the owner would store more than it may. Its terms are given
     * the version that {@code latest} names.
     */
    public Stored put(String owner, String name, PreparedModel model, Terms<ModelVersion, Stored> terms) {
        return put(owner, name, model.definition(), terms, added -> model.definition().kept()
                .forEach((input, kept) -> contents.put(kept.digest(), Objects.requireNonNull(model.values().get(input)), added)));
    }

    /** Does the same with values that {@code keeping} keeps; it runs unless the version is there, or would be more than may be stored. */
    Stored put(String owner, String name, ModelDefinition definition, Terms<ModelVersion, Stored> terms, Consumer<Contents.Added> keeping) {
        byte[] json = definition.json();
        String digest = Contents.digest(json);
        Optional<ModelVersion> same = store.with(() -> latest(owner, name, digest, terms.expected()));
        if (same.isPresent()) {
            Stored stored = new Stored(same.get(), definition, false);
            return store.withTransaction(terms.guard().apply(() -> stored));
        }
        long bytes = json.length + definition.keptBytes();
        checkQuotas(owner, bytes);
        Contents.Added added = new Contents.Added();
        try {
            keeping.accept(added);
            contents.put(json, added);
            ModelVersion asked = new ModelVersion(name, 0, digest, bytes, definition.description(), definition.licence(),
                    definition.tags(), now(), null);
            Stored stored = insert(owner, asked, definition, terms, TRIES);
            library.forget(owner, name);
            return stored;
        } catch (RuntimeException | Error e) {
            contents.remove(added, e);
            throw e;
        } finally {
            cleaner.cleanInTime();
        }
    }

    /** Throws {@link StorageQuotaException} if an owner may not store a version of so many bytes more. */
    private void checkQuotas(String owner, long bytes) {
        try {
            checkUsage(store.with(() -> rows.usage(owner)), bytes);
        } finally {
            // Deleted versions may be what fills the quota, and an owner who may store nothing changes nothing else.
            cleaner.cleanInTime();
        }
    }

    /**
     * Throws {@link StorageQuotaException} if there is no such model and an owner may store nothing more. The size that counts is known
     * after the file has come, and the file of an existing model may equal its latest version and take no room. Throws
     * {@link io.chainrule.service.run.OverloadedException} if there is no room beside others that the owner sends, and as {@code expected}.
     */
    public void checkBefore(String owner, String name, ArrivingFile file, Consumer<Optional<ModelVersion>> expected) {
        expected.accept(store.with(() -> rows.find(owner, ModelName.latest(name))));
        long stored = 0;
        if (store.with(() -> rows.newest(owner, name)).isEmpty()) {
            checkQuotas(owner, 1);
            stored = store.with(() -> rows.usage(owner)).bytes();
        }
        file.checkBesideOthers("chainrule.models.bytes", stored, limits.bytes());
    }

    private void checkUsage(ModelRows.Usage usage, long bytes) {
        check("versions", usage.versions() + 1L, limits.versions());
        check("bytes", usage.bytes() + bytes, limits.bytes());
    }

    private static void check(String limit, long asked, long allowed) {
        StorageQuotaException.check("chainrule.models." + limit, limit + " of models", asked, allowed,
                limit.equals("aliases") ? "remove an alias, or move one" : StorageQuotaException.DELETE);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The version that the alias {@code latest} names, if its definition has this digest, unless {@code expected} throws. */
    private Optional<ModelVersion> latest(String owner, String name, String digest, Consumer<Optional<ModelVersion>> expected) {
        Optional<ModelVersion> latest = rows.find(owner, ModelName.latest(name));
        expected.accept(latest);
        return latest.filter(version -> version.digest().equals(digest));
    }

    private Stored insert(String owner, ModelVersion model, ModelDefinition definition, Terms<ModelVersion, Stored> terms, int tries) {
        try {
            return store.withTransaction(terms.guard().apply(() -> {
                int number = rows.next(owner, model.name());
                Optional<ModelVersion> same = latest(owner, model.name(), model.digest(), terms.expected());
                if (same.isPresent()) {
                    rows.giveBack(owner, model.name());
                    return new Stored(same.get(), definition, false);
                }
                rows.claimOwner(owner);
                checkUsage(rows.usage(owner), model.bytes());
                ModelVersion version = model.numbered(number);
                insert(owner, version, definition.contents(model.digest()));
                nameLatest(owner, model.name(), number);
                return new Stored(version, definition, true);
            }));
        } catch (DuplicateKeyException e) {
            // Another request has made the model at the same time.
            if (tries == 1) {
                throw store.unavailable(e);
            }
            return insert(owner, model, definition, terms, tries - 1);
        }
    }

    /**
     * Throws {@link StoreUnavailableException} if one of the contents that a version needs is missing. They were used a short time ago, so
     * that nobody removes them before the transaction ends. It does not lock them, since versions of all owners share them.
     */
    private void insert(String owner, ModelVersion version, Set<String> needed) {
        rows.insert(owner, version);
        if (rows.need(owner, version, needed, Instant.now().minus(ModelCleaner.WITHOUT_VERSION.dividedBy(2))) < needed.size()) {
            throw new StoreUnavailableException(new IllegalStateException("what the model keeps has been removed meanwhile"));
        }
    }

    private void nameLatest(String owner, String name, int version) {
        if (!rows.move(owner, name, ModelName.LATEST, version, ANY)) {
            rows.addAlias(owner, name, ModelName.LATEST, version);
        }
    }

    /** The version that a reference means, as it is now. Throws {@link UnknownModelException} if there is none. */
    public ModelVersion find(String owner, String reference) {
        ModelName name = ModelName.of(reference).orElseThrow(() -> library.unknown(owner, reference));
        return (store.isUnused() ? Optional.<ModelVersion>empty() : store.with(() -> rows.find(owner, name)))
                .orElseThrow(() -> library.unknown(owner, reference));
    }

    /** What a version is, without the values that it keeps. */
    public ModelDefinition definition(ModelVersion version) {
        byte[] json = contents.read(version.digest());
        Budget.addToLatest(ModelLibrary.memory(json));
        return ModelDefinition.read(json);
    }

    /**
     * The models of an owner, in the order of names after {@code after}: those of which a version is there, or those of which all are
     * deleted.
     */
    public List<ModelVersion> all(String owner, boolean isDeleted, String beginning, @Nullable String tag, @Nullable String licence,
            String after, int most) {
        return store.isUnused() ? List.of() : store.with(() -> rows.all(owner, isDeleted, beginning, tag, licence, after, most));
    }

    /** The versions of a model before one, the newest first, those that are deleted included. Throws if there is none at all. */
    public List<ModelVersion> versions(String owner, String name, int before, int most) {
        checkExists(owner, name);
        return store.with(() -> rows.versions(owner, name, before, most));
    }

    private void checkExists(String owner, String name) {
        if (store.isUnused() || store.with(() -> rows.newest(owner, name)).isEmpty()) {
            throw library.unknown(owner, name);
        }
    }

    /** The versions that aliases name. Throws {@link UnknownModelException} if there is no such model. */
    public Map<String, Integer> aliases(String owner, String name) {
        checkExists(owner, name);
        return store.with(() -> rows.aliases(owner, name));
    }

    /**
     * Deletes a version, or for 0 all, until they are removed or come back. If the alias {@code latest} names one of these, it names the
     * newest that is left from then on. Throws {@link UnknownModelException} if there is none. {@code expected} may refuse it as for a put.
     */
    public void delete(String owner, String name, int version, Consumer<Optional<ModelVersion>> expected) {
        change(owner, name, version, () -> {
            Optional<ModelVersion> found = present(owner, name, version);
            found.ifPresent(_ -> expected.accept(found));
            return rows.delete(owner, name, version, now());
        });
    }

    /**
     * Brings back what has been deleted, and does nothing where nothing is. If the alias {@code latest} names no version that is there, it
     * names the newest one that is from then on. Throws as {@link #delete}.
     */
    public void undelete(String owner, String name, int version) {
        change(owner, name, version, () -> {
            int changed = rows.undelete(owner, name, version);
            return changed == 0 && present(owner, name, version).isPresent() ? 1 : changed;
        });
    }

    /** A version unless it is deleted, or for 0 the one that the alias {@code latest} names. */
    private Optional<ModelVersion> present(String owner, String name, int version) {
        return rows.find(owner, version == 0 ? ModelName.latest(name) : new ModelName(name, version, null));
    }

    /** Changes whether versions are deleted. Throws if the change, which tells how many it concerns, concerns none. */
    private void change(String owner, String name, int version, IntSupplier change) {
        int count = store.isUnused() ? 0 : store.withTransaction(() -> {
            rows.lock(owner, name);
            int changed = change.getAsInt();
            if (rows.find(owner, ModelName.latest(name)).isEmpty()) {
                rows.newestAlive(owner, name).ifPresent(newest -> nameLatest(owner, name, newest));
            }
            return changed;
        });
        library.forget(owner, name);
        cleaner.cleanInTime();
        if (count == 0) {
            throw library.unknown(owner, version == 0 ? name : name + ":" + version);
        }
    }

    /**
     * Makes an alias name a version. Returns false, and does nothing, unless the alias names one of {@code expected} now, or no version if
     * these are none. Throws {@link UnknownModelException} if there is no such version.
     */
    public boolean move(String owner, String name, String alias, int version, Set<Integer> expected) {
        find(owner, name + ":" + version);
        boolean isDone = store.withTransaction(() -> {
            rows.lock(owner, name);
            // The version may have been removed until others let this transaction go on.
            find(owner, name + ":" + version);
            if (!expected.isEmpty()) {
                return rows.move(owner, name, alias, version, expected);
            }
            Map<String, Integer> aliases = rows.aliases(owner, name);
            if (aliases.containsKey(alias)) {
                return false;
            }
            check("aliases", aliases.size() + 1L, limits.aliases());
            rows.addAlias(owner, name, alias, version);
            return true;
        });
        library.forget(owner, name);
        return isDone;
    }

    /**
     * Removes an alias. Returns false, and does nothing, unless it names one of {@code expected} now. Throws {@link UnknownModelException}
     * if there is no such model.
     */
    public boolean removeAlias(String owner, String name, String alias, Set<Integer> expected) {
        checkExists(owner, name);
        boolean isDone = store.withTransaction(() -> rows.removeAlias(owner, name, alias, expected));
        library.forget(owner, name);
        return isDone;
    }
}
