package io.chainrule.core.tensor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A shape of which some axes are free: {@code [n, 784]}. An axis is a length ({@link Integer}), or a name ({@link String}). Axes of one
 * name have one length.
 */
public record DeclaredShape(List<Object> axes) {
    public DeclaredShape {
        axes = List.copyOf(axes);
    }

    public boolean isFree() {
        return axes.stream().anyMatch(String.class::isInstance);
    }

    /** The names of its free axes, in their order. */
    public List<String> names() {
        return axes.stream().filter(String.class::isInstance).map(String.class::cast).distinct().toList();
    }

    /**
     * Returns the shape that results if the free axes have these lengths.
     *
     * @throws NullPointerException if the map has no length for a free axis
     */
    public Shape with(Map<String, Integer> lengths) {
        return Shape.of(axes.stream().map(axis -> axis instanceof String name
                ? Objects.requireNonNull(lengths.get(name), name)
                : (Integer) axis).toList());
    }

    /**
     * Returns whether a shape fits this one. Free axes that are in the map must have these lengths. If the shape fits, the lengths of the
     * other free axes are added to the map.
     */
    public boolean fits(Shape shape, Map<String, Integer> lengths) {
        if (shape.rank() != axes.size()) {
            return false;
        }
        Map<String, Integer> found = new HashMap<>(lengths);
        for (int i = 0; i < axes.size(); i++) {
            int length = shape.dim(i);
            boolean fits = axes.get(i) instanceof String name
                    ? Objects.requireNonNullElse(found.putIfAbsent(name, length), length) == length
                    : axes.get(i).equals(length);
            if (!fits) {
                return false;
            }
        }
        lengths.putAll(found);
        return true;
    }

    /** Whether each shape that fits another one fits this one, too: free axes may have lengths there, or other names. */
    public boolean includes(DeclaredShape other) {
        if (other.axes.size() != axes.size()) {
            return false;
        }
        Map<Object, Object> meant = new HashMap<>();
        for (int i = 0; i < axes.size(); i++) {
            Object before = axes.get(i) instanceof String name ? meant.putIfAbsent(name, other.axes.get(i)) : axes.get(i);
            if (before != null && !before.equals(other.axes.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return axes.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
