package io.chainrule.service.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The models that one request may call. What a name means is found once, so that it means one version throughout the request. */
public final class Models {
    private final ModelLibrary library;
    private final String owner;
    private final Map<String, String> meant;
    private final Map<String, Found> found = new LinkedHashMap<>();
    private final Map<String, Map<String, Found>> called = new LinkedHashMap<>();

    /** Equal versions share one model, so the version that was found has to be kept beside the model. */
    private record Found(ModelVersion version, Model model) {
        String reference() {
            return version.name() + ":" + version.version();
        }
    }

    public Models(ModelLibrary library, String owner) {
        this(library, owner, Map.of());
    }

    /**
     * The same, where some references mean a version that was found earlier: {@code digits@prod} may mean {@code digits:3}, also if that
     * was deleted since.
     */
    public Models(ModelLibrary library, String owner, Map<String, String> meant) {
        this.library = library;
        this.owner = owner;
        this.meant = meant;
    }

    /** The model that a reference means. Throws {@link UnknownModelException} if there is none. */
    public Model find(String reference) {
        Found known = found.get(reference);
        if (known == null) {
            known = found(library.version(owner, reference, meant));
            found.put(reference, known);
        }
        return known.model;
    }

    /** Whether there is a model that a reference means. */
    boolean isThere(String reference) {
        return library.isThere(owner, reference, meant);
    }

    private Found found(ModelVersion version) {
        return new Found(version, library.model(version));
    }

    /** The models that a text calls, by name. A name that is no model is not there; it may be a mistake. */
    public Map<String, Model> called(String text, int nesting) {
        Map<String, Found> known = called.get(text);
        if (known == null) {
            known = new LinkedHashMap<>();
            for (var version : library.called(owner, text, nesting, meant).entrySet()) {
                known.put(version.getKey(), found(version.getValue()));
            }
            called.put(text, known);
        }
        Map<String, Model> models = new LinkedHashMap<>();
        known.forEach((name, model) -> models.put(name, model.model));
        return models;
    }

    /** The version that each reference so far has meant, as {@code digits@prod} to {@code digits:3}. */
    public Map<String, String> meant() {
        Map<String, String> all = new LinkedHashMap<>();
        found.forEach((reference, model) -> all.put(reference, model.reference()));
        called.values().forEach(models -> models.forEach((name, model) -> all.put(name, model.reference())));
        return all;
    }

    /** What tells the versions that were found from all others. */
    public List<String> versions() {
        List<Found> all = new ArrayList<>(found.values());
        called.values().forEach(models -> all.addAll(models.values()));
        return all.stream().map(found -> found.model.digest()).toList();
    }
}
