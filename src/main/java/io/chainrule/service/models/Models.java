package io.chainrule.service.models;

import io.chainrule.core.Source;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The models that one request may call. What a name means is found once, so that it means one version throughout the request. */
public final class Models {
    private final ModelLibrary library;
    private final String owner;
    private final Map<String, String> meant;
    private final Map<String, Found> found = new LinkedHashMap<>();

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

    /** The models that a program calls, by the references in it. A name that is no model is not there; it may be a mistake. */
    public Map<String, Model> called(Source source, int nesting) {
        return called(library.calls(source, nesting));
    }

    /** The models of these references that there are. */
    public Map<String, Model> called(Set<String> references) {
        Set<String> unknown = new LinkedHashSet<>(references);
        unknown.removeAll(found.keySet());
        library.called(owner, unknown, meant).forEach((reference, version) -> found.put(reference, found(version)));
        Map<String, Model> models = new LinkedHashMap<>();
        for (String reference : references) {
            Found model = found.get(reference);
            if (model != null) {
                models.put(reference, model.model);
            }
        }
        return models;
    }

    /** The version that each reference so far has meant, as {@code digits@prod} to {@code digits:3}. */
    public Map<String, String> meant() {
        Map<String, String> all = new LinkedHashMap<>();
        found.forEach((reference, model) -> all.put(reference, model.reference()));
        return all;
    }

    /** What tells the versions that were found from all others. */
    public List<String> versions() {
        return found.values().stream().map(model -> model.model.digest()).toList();
    }
}
