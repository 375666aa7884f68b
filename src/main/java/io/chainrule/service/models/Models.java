package io.chainrule.service.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The models that one request may call. What a name means is found once, so that it means one version throughout the request. */
public final class Models {
    private final ModelLibrary library;
    private final String owner;
    private final Map<String, String> meant;
    private final Map<String, Model> found = new LinkedHashMap<>();
    private final Map<String, Map<String, Model>> called = new LinkedHashMap<>();

    public Models(ModelLibrary library, String owner) {
        this(library, owner, Map.of());
    }

    /** The same, where some references mean a version that was found earlier: {@code digits@prod} may mean {@code digits:3}. */
    public Models(ModelLibrary library, String owner, Map<String, String> meant) {
        this.library = library;
        this.owner = owner;
        this.meant = meant;
    }

    /** The model that a reference means. Throws {@link UnknownModelException} if there is none. */
    public Model find(String reference) {
        Model known = found.get(reference);
        if (known == null) {
            known = library.find(owner, meant.getOrDefault(reference, reference));
            found.put(reference, known);
        }
        return known;
    }

    /** The models that a text calls, by name. A name that is no model is not there; it may be a mistake. */
    public Map<String, Model> called(String text, int nesting) {
        Map<String, Model> known = called.get(text);
        if (known == null) {
            known = library.called(owner, text, nesting, meant);
            called.put(text, known);
        }
        return known;
    }

    /** The version that each reference so far has meant, as {@code digits@prod} to {@code digits:3}. */
    public Map<String, String> meant() {
        Map<String, String> all = new LinkedHashMap<>();
        Stream.concat(found.keySet().stream(), called.values().stream().flatMap(models -> models.keySet().stream())).forEach(reference -> {
            ModelVersion version = library.version(owner, meant.getOrDefault(reference, reference));
            all.put(reference, version.name() + ":" + version.version());
        });
        return all;
    }

    /** What tells the versions that were found from all others. */
    public List<String> versions() {
        List<Model> all = new ArrayList<>(found.values());
        called.values().forEach(models -> all.addAll(models.values()));
        return all.stream().map(Model::digest).toList();
    }
}
