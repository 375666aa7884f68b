package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shapes of named arrays. Their order is the order in which functions take scalars and list gradients, so it counts for equality. */
public final class Shapes {
    public static final Shapes NONE = new Shapes(Map.of());

    private final Map<String, Shape> byName;

    private Shapes(Map<String, Shape> byName) {
        this.byName = byName;
    }

    /**
     * Shapes from names that are each followed by their dimensions: {@code of("W", 2, 3, "x", 3, "b")}. A name without dimensions is a
     * scalar.
     */
    public static Shapes of(Object... namesAndDimensions) {
        Map<String, List<Integer>> found = new LinkedHashMap<>();
        List<Integer> dimensions = new ArrayList<>();
        for (Object item : namesAndDimensions) {
            switch (item) {
                case String name -> {
                    dimensions = new ArrayList<>();
                    if (found.put(name, dimensions) != null) {
                        throw new IllegalArgumentException("'" + name + "' has two shapes");
                    }
                }
                case Integer dimension when !found.isEmpty() -> dimensions.add(dimension);
                default -> throw new IllegalArgumentException("a name, or a dimension after a name, was expected, not " + item);
            }
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        found.forEach((name, dims) -> shapes.put(name, Shape.of(dims)));
        return new Shapes(shapes);
    }

    /** Shapes in the map's order. */
    public static Shapes of(Map<String, Shape> shapes) {
        return new Shapes(new LinkedHashMap<>(shapes));
    }

    /** The shapes of values, in the map's order. */
    public static Shapes ofValues(Map<String, Tensor> values) {
        Map<String, Shape> shapes = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((name, value) -> shapes.put(name, value.shape()));
        return new Shapes(shapes);
    }

    /** The names, in order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    public @Nullable Shape get(String name) {
        return byName.get(name);
    }

    public boolean contains(String name) {
        return byName.containsKey(name);
    }

    public boolean isEmpty() {
        return byName.isEmpty();
    }

    /** A copy that the caller may change, in the same order. */
    public Map<String, Shape> toMap() {
        return new LinkedHashMap<>(byName);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Shapes shapes) || byName.size() != shapes.byName.size()) {
            return false;
        }
        Iterator<Map.Entry<String, Shape>> theirs = shapes.byName.entrySet().iterator();
        for (Map.Entry<String, Shape> entry : byName.entrySet()) {
            if (!entry.equals(theirs.next())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return byName.hashCode();
    }

    @Override
    public String toString() {
        return byName.toString();
    }
}
