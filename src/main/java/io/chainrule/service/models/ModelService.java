package io.chainrule.service.models;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.StoredForm;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.store.Store;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/** Stores, lists and deletes models. All of an owner's models have names of their own; others' are as if they were not there. */
@Service
@EnableConfigurationProperties(ModelProperties.class)
public class ModelService {
    /** Whatever version an alias names. */
    private static final int ANY = -1;

    private final Functions functions;
    private final Store store;
    private final ModelRows rows;
    private final Contents contents;
    private final ModelLibrary library;
    private final ModelCleaner cleaner;
    private final ProgramFormat format;
    private final ModelProperties limits;

    ModelService(Functions functions, Store store, ModelRows rows, Contents contents, ModelLibrary library, ModelCleaner cleaner,
            ProgramFormat format, ModelProperties limits) {
        this.functions = functions;
        this.store = store;
        this.rows = rows;
        this.contents = contents;
        this.library = library;
        this.cleaner = cleaner;
        this.format = format;
        this.limits = limits;
    }

    /** A model that is ready to be stored, and the values that it keeps. */
    public record Prepared(ModelDefinition definition, Map<String, Tensor> values) {
        /** The same with other values, as they are after a training. Names that it does not keep are left out. */
        public Prepared with(Map<String, Tensor> others) {
            Map<String, Tensor> all = new LinkedHashMap<>(values);
            all.replaceAll((name, value) -> others.getOrDefault(name, value));
            return new Prepared(definition.keeping(kept(all)), all);
        }
    }

    /** A version, and whether it is new. */
    public record Stored(ModelVersion version, ModelDefinition definition, boolean isNew) {}

    /** Finds the form in which a model is stored. Throws {@link ProblemException} for all that is wrong with the program. */
    public Prepared prepare(String name, NewModel model) {
        checkCycles(name, model.calls());
        Map<String, Tensor> values = new LinkedHashMap<>(model.query().values());
        ModelDefinition definition = functions.prepared(buildLimits -> definition(model, values, buildLimits));
        return new Prepared(definition, values);
    }

    /**
     * Stores a new version, which the alias {@code latest} then names. If it equals the newest version, that is returned. Throws
     * {@link ModelQuotaException} if the owner would store more than it may.
     */
    public Stored put(String owner, String name, Prepared model) {
        ModelDefinition definition = model.definition;
        Map<String, Tensor> values = model.values;
        byte[] json = definition.json();
        String digest = Contents.digest(json);
        Optional<ModelVersion> same = newest(owner, name).filter(version -> version.isSame(digest));
        if (same.isPresent()) {
            return new Stored(same.get(), definition, false);
        }
        long bytes = json.length + values.values().stream().mapToLong(value -> (long) Double.BYTES * value.length()).sum();
        ModelRows.Usage usage = store.with(() -> rows.usage(owner));
        check("versions", usage.versions() + 1L, limits.versions());
        check("bytes", usage.bytes() + bytes, limits.bytes());
        values.values().forEach(contents::put);
        contents.put(json);
        Stored stored = insert(owner, new ModelVersion(name, 0, digest, bytes, definition.description(), definition.tags(), now(), null),
                definition);
        library.forget(owner, name);
        cleaner.cleanInTime();
        return stored;
    }

    private static void check(String limit, long asked, long allowed) {
        if (asked > allowed) {
            throw new ModelQuotaException(limit, asked, allowed);
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private Optional<ModelVersion> newest(String owner, String name) {
        return store.with(() -> rows.newest(owner, name));
    }

    private Stored insert(String owner, ModelVersion model, ModelDefinition definition) {
        try {
            return store.withTransaction(() -> {
                int number = rows.next(owner, model.name());
                Optional<ModelVersion> same = rows.newest(owner, model.name()).filter(version -> version.isSame(model.digest()));
                if (same.isPresent()) {
                    rows.giveBack(owner, model.name());
                    return new Stored(same.get(), definition, false);
                }
                ModelVersion version = model.numbered(number);
                rows.insert(owner, version, definition.contents(model.digest()));
                if (!rows.move(owner, model.name(), ModelName.LATEST, number, ANY)) {
                    rows.addAlias(owner, model.name(), ModelName.LATEST, number);
                }
                return new Stored(version, definition, true);
            });
        } catch (DuplicateKeyException _) {
            // Another request has made the model at the same time.
            return insert(owner, model, definition);
        }
    }

    private static void checkCycles(String name, Map<String, Model> calls) {
        for (Map.Entry<String, Model> call : calls.entrySet()) {
            if (call.getKey().equals(name) || call.getValue().definition().calls().contains(name)) {
                throw new ProblemException(Problem.of(ProblemCode.CYCLE, "a model cannot call itself: " + name + " → " + call.getKey()
                        + (call.getKey().equals(name) ? "" : " → " + name)).at(Place.setting("expression"))
                        .hint("store it under another name"));
            }
        }
    }

    /** What is to be stored; {@code values} gets the initial values of a network's parameters that were not given. */
    private ModelDefinition definition(NewModel model, Map<String, Tensor> values, BuildLimits buildLimits) {
        Query query = model.query();
        Model base = model.base();
        Map<String, ModelInput> said = new LinkedHashMap<>();
        if (base != null) {
            base.definition().inputs().forEach(input -> said.put(input.name(), input));
        }
        model.inputs().forEach(input -> said.put(input.name(), input));
        Map<String, DeclaredShape> declared = new LinkedHashMap<>();
        said.forEach((name, input) -> {
            DeclaredShape shape = input.declared();
            if (shape != null) {
                declared.put(name, shape);
            }
        });
        Source source = base == null ? query.source() : base.program().source();
        Program program = Program.of(source, buildLimits.nesting());
        if (source instanceof Source.Network) {
            Signature signature = Signature.of(new Transformation.Description(), Shapes.NONE).withMissing(Signature.Missing.DECLARED)
                    .withParameters(Shapes.ofValues(values));
            values.putAll(program.bind(signature, buildLimits).initialValues(values, query.initializerSeed(), buildLimits).all());
            declared.clear();
        }
        StoredForm form = StoredForm.of(program, said.keySet(), declared, Shapes.ofValues(values), query.output(), model.outputs().keySet(),
                buildLimits);
        List<ModelInput> inputs = form.inputs().stream().map(name -> said.getOrDefault(name, new ModelInput(name, null, null, null)))
                .toList();
        if (!form.unread().isEmpty() && !model.isTrained()) {
            throw new ProblemException(form.unread().stream().map(name -> Problem
                    .of(ProblemCode.UNKNOWN_NODE, "the program does not read '" + name + "'").at(Place.setting("inputs", name))
                    .hint(Nearest.hint(name, form.inputs()).orElse(null))).toList());
        }
        form.unread().forEach(values::remove);
        Map<String, ModelDefinition> called = new LinkedHashMap<>(base == null ? Map.of() : base.definition().models());
        Set<String> calls = new TreeSet<>(base == null ? Set.of() : base.definition().calls());
        model.calls().forEach((name, other) -> {
            calls.add(name);
            calls.addAll(other.definition().calls());
            if (form.source() instanceof Source.Text) {
                called.put(name, other.definition());
            }
        });
        return new ModelDefinition(format.write(form.source()), inputs, form.output() == null ? null : form.output().axes(), kept(values),
                model.outputs(), model.description(), model.licence(), model.tags(), called, calls);
    }

    private static Map<String, ModelDefinition.Kept> kept(Map<String, Tensor> values) {
        Map<String, ModelDefinition.Kept> kept = new LinkedHashMap<>();
        values.forEach((name, value) -> kept.put(name, new ModelDefinition.Kept(Contents.digestOf(value), value.shape().toList())));
        return kept;
    }

    /** The version that a reference means, as it is now. Throws {@link UnknownModelException} if there is none. */
    public ModelVersion find(String owner, String reference) {
        ModelName name = ModelName.of(reference).orElseThrow(() -> unknown(reference));
        return (store.isUnused() ? Optional.<ModelVersion>empty() : store.with(() -> rows.find(owner, name)))
                .orElseThrow(() -> unknown(reference));
    }

    private static UnknownModelException unknown(String reference) {
        return new UnknownModelException(reference, "there is no model '" + reference + "'");
    }

    /** What a version is, without the values that it keeps. */
    public ModelDefinition definition(ModelVersion version) {
        return ModelDefinition.read(contents.read(version.digest()));
    }

    /** The models of an owner, in the order of names after {@code after}. */
    public List<ModelVersion> all(String owner, String beginning, @Nullable String tag, String after, int most) {
        return store.isUnused() ? List.of() : store.with(() -> rows.latest(owner, beginning, tag, after, most));
    }

    /** The versions of a model before one, the newest first, those that are deleted included. Throws if there is none at all. */
    public List<ModelVersion> versions(String owner, String name, int before, int most) {
        if (store.isUnused() || newest(owner, name).isEmpty()) {
            throw unknown(name);
        }
        return store.with(() -> rows.versions(owner, name, before, most));
    }

    /** The versions that aliases name. */
    public Map<String, Integer> aliases(String owner, String name) {
        return store.isUnused() ? Map.of() : store.with(() -> rows.aliases(owner, name));
    }

    /** Deletes a version, or for 0 all, until they are removed or come back. Throws {@link UnknownModelException} if there is none. */
    public void delete(String owner, String name, int version) {
        changed(owner, name, version, store.isUnused() ? 0 : store.with(() -> rows.delete(owner, name, version, now())));
    }

    /** Brings back what has been deleted. Throws as {@link #delete}. */
    public void undelete(String owner, String name, int version) {
        changed(owner, name, version, store.isUnused() ? 0 : store.with(() -> rows.undelete(owner, name, version)));
    }

    private void changed(String owner, String name, int version, int count) {
        library.forget(owner, name);
        cleaner.cleanInTime();
        if (count == 0) {
            throw unknown(version == 0 ? name : name + ":" + version);
        }
    }

    /**
     * Makes an alias name a version. Returns false, and does nothing, unless the alias names {@code expected} now: 0 for none, −1 for any.
     * Throws {@link UnknownModelException} if there is no such version.
     */
    public boolean move(String owner, String name, String alias, int version, int expected) {
        find(owner, name + ":" + version);
        boolean isDone;
        try {
            isDone = store.withTransaction(() -> {
                if (expected != 0 && rows.move(owner, name, alias, version, expected)) {
                    return true;
                } else if (expected > 0) {
                    return false;
                }
                rows.addAlias(owner, name, alias, version);
                return true;
            });
        } catch (DuplicateKeyException _) {
            isDone = false;
        }
        library.forget(owner, name);
        return isDone;
    }

    /** Removes an alias. Returns false, and does nothing, unless it names {@code expected} now; −1 for any. */
    public boolean removeAlias(String owner, String name, String alias, int expected) {
        boolean isDone = !store.isUnused() && store.with(() -> rows.removeAlias(owner, name, alias, expected));
        library.forget(owner, name);
        return isDone;
    }
}
