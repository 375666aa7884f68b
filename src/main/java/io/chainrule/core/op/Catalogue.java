package io.chainrule.core.op;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All there is of one kind, by name, in the order in which it is told. */
public final class Catalogue<E extends Catalogue.Entry> {
    private final String kind;
    private final Map<String, E> byName = new LinkedHashMap<>();

    /** What every catalogue tells of what it has. */
    public interface Entry {
        String name();

        /** What it does, in a sentence or two. */
        String description();

        /** In LaTeX, or null. */
        @Nullable
        String formula();

        /** Who described it, and what it is called elsewhere; or null. */
        @Nullable
        String source();

        List<Attribute> options();

        /** Options to show it with. */
        Map<String, Object> example();
    }

    /** {@code kind} is what messages call an entry: "optimizer". */
    public Catalogue(String kind, Collection<? extends E> entries) {
        this.kind = kind;
        for (E entry : entries) {
            if (byName.put(entry.name(), entry) != null) {
                throw new IllegalStateException("two of the kind " + kind + " are called " + entry.name());
            }
        }
    }

    public String kind() {
        return kind;
    }

    public @Nullable E find(String name) {
        return byName.get(name);
    }

    public Collection<E> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** For a name that none has. */
    public Problem unknown(ProblemCode code, String name) {
        return Problem.of(code, "there is no " + kind + " '" + name + "'").expected("one of " + names(), name)
                .hint(Nearest.hint(name, names()).orElse(null));
    }
}
