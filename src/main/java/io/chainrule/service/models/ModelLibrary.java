package io.chainrule.service.models;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.chainrule.core.Program;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.KeptMemory;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Finds the model that a request names, and keeps called models in memory. It remembers for half a second which version a name refers to.
 * If another replica moves an alias, this replica may therefore use the former version for up to a second.
 */
@Component
public class ModelLibrary implements MeterBinder {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLibrary.class);
    /**
     * How long an answer of the store is remembered, and the longest a query may take for its answer to be remembered. So a change by
     * another replica is seen after at most twice this time.
     */
    private static final Duration REMEMBERED = Duration.ofMillis(500);
    private static final int MOST_REMEMBERED = 100_000;
    /** Models that no request uses take at most this part of the memory that requests share, as do all that one request calls. */
    private static final int PART_OF_BUDGET = 2;
    private static final int MOST_CALLED = 1_000;
    private static final long BYTES_OF_CALLS = 1 << 20;
    private static final int BYTES_A_CALL = 200;
    /** The memory that each byte of a definition takes while it is read, also within long texts, as arrays are in Base64. */
    static final int PER_BYTE = 4;
    /** The memory that each part of a definition takes, such as an element of a list. */
    private static final int PER_PART = 64;
    /** Nodes of programs take no more than this for each byte. */
    private static final int MOST_PER_BYTE = 16;

    private final Store store;
    private final ModelRows rows;
    private final Contents contents;
    private final ProgramFormat format;
    private final Cache<Asked, Optional<ModelVersion>> meant = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED)
            .expireAfterWrite(REMEMBERED).executor(Runnable::run).build();
    /** Texts that may call models, and the names that they call. */
    private final Cache<String, Set<String>> calls = Caffeine.newBuilder().maximumWeight(BYTES_OF_CALLS)
            .<String, Set<String>>weigher((text, names) -> BYTES_A_CALL * (1 + names.size()) + 2 * text.length()).executor(Runnable::run)
            .build();
    /** The number of changes so far. A version that was looked up before a change must not be remembered after it. */
    private final AtomicLong changes = new AtomicLong();
    private final KeptMemory<String, Model> ready;
    private final long most;
    private final LongAdder loads = new LongAdder();

    private record Asked(String owner, ModelName name) {}

    /** The state before a query, by which it is decided whether the answer may be remembered. */
    private record Look(long changes, long began) {}

    ModelLibrary(Store store, ModelRows rows, Contents contents, ProgramFormat format, Budget budget) {
        this.store = store;
        this.rows = rows;
        this.contents = contents;
        this.format = format;
        most = budget.total() / PART_OF_BUDGET;
        ready = new KeptMemory<>(budget, most);
    }

    /** The most bytes of memory that a model may take, and that all models may take together that one request calls. */
    long most() {
        return most;
    }

    /** This limit as error messages tell it. */
    String mostText() {
        return "at most " + most + " bytes, which is half of chainrule.limits.shared-bytes";
    }

    /** The memory that a definition takes while it is read, beside its own bytes. */
    static long memory(byte[] json) {
        long parts = 0;
        for (byte sign : json) {
            if (sign == ',' || sign == ':' || sign == '[' || sign == '{') {
                parts++;
            }
        }
        return Math.min((long) MOST_PER_BYTE * json.length, (long) PER_BYTE * json.length + PER_PART * parts);
    }

    /**
     * Returns the version that a reference names. Throws {@link UnknownModelException} if there is none.
     *
     * @param meant versions that some references mean, also if they are deleted, by these references
     */
    ModelVersion version(String owner, String reference, Map<String, String> meant) {
        return ofReference(owner, reference, meant)
                .orElseThrow(() -> unknown(owner, reference));
    }

    /** Returns the same as the store has it now, whatever is remembered. */
    ModelVersion current(String owner, String reference, Map<String, String> meant) {
        return ofReferenceNow(owner, reference, meant).orElseThrow(() -> unknown(owner, reference));
    }

    private Optional<ModelVersion> ofReferenceNow(String owner, String reference, Map<String, String> meant) {
        return meant.containsKey(reference) || store.isUnused()
                ? ofReference(owner, reference, meant)
                : ModelName.of(reference).flatMap(name -> lookUp(new Asked(owner, name)));
    }

    /** The exception for a reference that names no version, or one that is deleted. */
    UnknownModelException unknown(String owner, String reference) {
        return new UnknownModelException(reference, "there is no model '" + reference + "'", store.isUnused()
                ? null
                : ModelName.of(reference).flatMap(name -> store.with(() -> rows.deleted(owner, name))).orElse(null));
    }

    /** Whether a reference names a version. */
    boolean isThere(String owner, String reference, Map<String, String> meant) {
        return ofReference(owner, reference, meant).isPresent();
    }

    private Optional<ModelVersion> ofReference(String owner, String reference, Map<String, String> meant) {
        String known = meant.get(reference);
        return known == null
                ? ModelName.of(reference).flatMap(name -> version(owner, name))
                : ModelName.of(known).flatMap(name -> store.with(() -> rows.numbered(owner, name)));
    }

    private Optional<ModelVersion> version(String owner, ModelName name) {
        if (store.isUnused()) {
            return Optional.empty();
        }
        Asked asked = new Asked(owner, name);
        Optional<ModelVersion> known = meant.getIfPresent(asked);
        return known == null ? lookUp(asked) : known;
    }

    /**
     * Asks the store outside of the cache's own loading. A request that waits for such a load would keep its permit to compute, and the
     * request that loads needs a permit to go on.
     */
    private Optional<ModelVersion> lookUp(Asked asked) {
        Look look = new Look(changes.get(), System.nanoTime());
        Optional<ModelVersion> found = store.with(() -> rows.find(asked.owner, asked.name));
        remember(asked, found, look);
        return found;
    }

    /** Remembers the version that was found, unless a model has changed since or the query took too long. */
    private void remember(Asked asked, Optional<ModelVersion> found, Look look) {
        if (System.nanoTime() - look.began > REMEMBERED.toNanos()) {
            return;
        }
        meant.put(asked, found);
        if (changes.get() != look.changes) {
            meant.invalidate(asked);
        }
    }

    /** Forgets which versions the names of a model refer to. */
    void forget(String owner, String name) {
        changes.incrementAndGet();
        meant.asMap().keySet().removeIf(asked -> asked.owner.equals(owner) && asked.name.name().equals(name));
    }

    /** Asks the store once for the versions that the alias {@code latest} names, if these are several names. */
    private Map<String, Optional<ModelVersion>> latest(String owner, List<String> names) {
        Map<String, Optional<ModelVersion>> latest = new HashMap<>();
        if (names.size() > 1 && !store.isUnused()) {
            Look look = new Look(changes.get(), System.nanoTime());
            names.forEach(name -> latest.put(name, Optional.empty()));
            store.with(() -> rows.latest(owner, names)).forEach(version -> latest.put(version.name(), Optional.of(version)));
            latest.forEach((name, found) -> remember(new Asked(owner, ModelName.latest(name)), found, look));
        }
        return latest;
    }

    /** The names that a program calls and that nothing else defines. */
    Set<String> calls(Source source, int nesting) {
        if (!(source instanceof Source.Text(String text, _))) {
            return Program.of(source, nesting).unknownCalls();
        }
        return CalledNames.mayCall(text) ? calls.get(text, _ -> Program.of(source, nesting).unknownCalls()) : Set.of();
    }

    /**
     * Returns the versions that a program calls, by reference; the first thousand are looked up. One that is no model is left out, since it
     * may be a mistake.
     *
     * @param meant versions that some references mean, also if they are deleted
     * @param isNow whether the store is asked, whatever is remembered
     */
    Map<String, ModelVersion> called(String owner, Set<String> references, Map<String, String> meant, boolean isNow) {
        Map<String, ModelVersion> called = new LinkedHashMap<>();
        List<String> names = references.stream().filter(reference -> ModelName.of(reference).isPresent()).limit(MOST_CALLED).toList();
        Map<String, Optional<ModelVersion>> latest = latest(owner, names.stream().filter(name -> ModelName.isLegal(name)
                && !meant.containsKey(name) && (isNow || this.meant.getIfPresent(new Asked(owner, ModelName.latest(name))) == null))
                .toList());
        for (String name : names) {
            Optional<ModelVersion> known = latest.get(name);
            (known != null ? known : isNow ? ofReferenceNow(owner, name, meant) : ofReference(owner, name, meant))
                    .ifPresent(version -> called.put(name, version));
        }
        return called;
    }

    /** The model that a version is. Throws {@link StoreUnavailableException} if this version of the service cannot read it. */
    Model model(ModelVersion version) {
        return ready.get(version.digest(), () -> {
            byte[] json = contents.read(version.digest());
            long bytes = version.bytes() + memory(json);
            return new KeptMemory.Loading<>(bytes, () -> load(version, json, bytes));
        });
    }

    private Model load(ModelVersion version, byte[] json, long bytes) {
        loads.increment();
        ModelDefinition definition;
        StoredProgram program;
        try {
            definition = ModelDefinition.read(json);
            program = definition.stored(format);
            checkOps(program.source());
        } catch (RuntimeException e) {
            String what = "the model '" + version.name() + ":" + version.version() + "'";
            LOG.warn("{} cannot be read, as if another version of the service had stored it", what, e);
            throw StoreUnavailableException.ofOtherVersion(what, e);
        }
        Map<String, Tensor> values = new LinkedHashMap<>();
        definition.kept().forEach((name, value) -> values.put(name, contents.read(value.digest(), Shape.of(value.shape())).unchanging()));
        return new Model(version.digest(), definition, program, values, bytes);
    }

    private static void checkOps(Source source) {
        if (source instanceof Source.Nodes nodes) {
            Set<String> unknown = new HashSet<>(Program.of(nodes, 0).unknownCalls());
            unknown.removeAll(nodes.models().keySet());
            if (!unknown.isEmpty()) {
                throw new IllegalStateException("there are no ops " + unknown);
            }
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("chainrule.models.loaded", loads, LongAdder::sum)
                .description("Versions of models that were read from the database with all that they keep").register(registry);
    }
}
