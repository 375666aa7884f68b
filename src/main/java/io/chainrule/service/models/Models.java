package io.chainrule.service.models;

import io.chainrule.core.Source;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The models that one request may call. What a name means is found once, so that it means one version throughout the request. */
public final class Models {
    private static final int MOST_NAMED = 5;

    private final ModelLibrary library;
    private final String owner;
    private final Map<String, String> meant;
    private final Map<String, Found> found = new LinkedHashMap<>();
    /** The models that were found, by their digests. All of them stay in memory until the request ends. */
    private final Map<String, Found> held = new LinkedHashMap<>();
    private long heldBytes;

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

    /**
     * The model that a reference means. Throws {@link UnknownModelException} if there is none, and {@link ProblemException} if it takes
     * more memory together with those that were found before than models may.
     */
    public Model find(String reference) {
        Found known = found.get(reference);
        return (known == null ? found(reference, library.version(owner, reference, meant)) : known).model;
    }

    /**
     * The model that a reference means in the store now, not as other requests have found it before. For a model that is stored again,
     * trained or fitted.
     */
    public Model current(String reference) {
        Found known = found.get(reference);
        return (known == null ? found(reference, library.current(owner, reference, meant)) : known).model;
    }

    private Found found(String reference, ModelVersion version) {
        Found made = found(version);
        found.put(reference, made);
        return made;
    }

    /** Whether there is a model that a reference means. */
    boolean isThere(String reference) {
        return library.isThere(owner, reference, meant);
    }

    private Found found(ModelVersion version) {
        Found made = new Found(version, library.model(version));
        if (held.putIfAbsent(version.digest(), made) == null) {
            heldBytes += made.model.bytes();
            if (held.size() > 1 && heldBytes > library.most()) {
                throw tooMuch();
            }
        }
        return made;
    }

    private ProblemException tooMuch() {
        String largest = held.values().stream().sorted(Comparator.comparingLong((Found each) -> each.model.bytes()).reversed())
                .limit(MOST_NAMED).map(each -> each.reference() + " (" + each.model.bytes() + " bytes)").collect(Collectors.joining(", "));
        return new ProblemException(Problem
                .of(ProblemCode.INVALID_VALUE,
                        "the models that are called take more memory together than models may; the largest: " + largest)
                .expected(library.mostText(), heldBytes + " bytes or more")
                .hint("call fewer of them in one request, or ask whoever runs the service for more memory"));
    }

    /**
     * The models that a program calls, by the references in it. A name that is no model is not there; it may be a mistake. Throws
     * {@link ProblemException} if they take more memory together than models may.
     *
     * @param isNow whether they are those that the store has now, as {@link #current} has it: for a program that is stored with them
     */
    public Map<String, Model> called(Source source, int nesting, boolean isNow) {
        return called(library.calls(source, nesting), isNow);
    }

    /** The models of these references that there are. */
    public Map<String, Model> called(Set<String> references) {
        return called(references, false);
    }

    private Map<String, Model> called(Set<String> references, boolean isNow) {
        Set<String> unknown = new LinkedHashSet<>(references);
        unknown.removeAll(found.keySet());
        library.called(owner, unknown, meant, isNow).forEach(this::found);
        Map<String, Model> models = new LinkedHashMap<>();
        for (String reference : references) {
            Found model = found.get(reference);
            if (model != null) {
                models.put(reference, model.model);
            }
        }
        return models;
    }

    /** The same problems. Where one is about a call that may mean a model, and that is deleted, its hint says how it comes back. */
    public ProblemException withDeleted(ProblemException found) {
        Map<String, Optional<String>> deleted = new HashMap<>();
        return found.with(problem -> {
            String name = problem.model();
            if (name == null || deleted.size() == MOST_NAMED && !deleted.containsKey(name)) {
                return problem;
            }
            return deleted.computeIfAbsent(name, asked -> Optional.ofNullable(library.unknown(owner, asked).deleted()))
                    .map(model -> problem.hint("a model of this name has been deleted; POST /v1/models/" + model
                            + "/undelete brings it back"))
                    .orElse(problem);
        });
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
