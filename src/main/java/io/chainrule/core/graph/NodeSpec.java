package io.chainrule.core.graph;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One node of a program written as a list of nodes. {@code inputs} holds ids ({@link String}) and numbers
 * ({@link Double}); attributes hold {@link Double}, {@link Boolean}, {@link String} and lists of these. For op
 * {@code constant} the attribute {@code value} is a {@link io.chainrule.core.tensor.Tensor}; for op "input" the
 * attribute {@code shape}, if there, a list of numbers.
 */
public record NodeSpec(@Nullable String id, @Nullable String op, List<Object> inputs, Map<String, Object> attributes) {
    /** The same with attributes in the order of their names. */
    public NodeSpec sorted() {
        return new NodeSpec(id, op, inputs, Collections.unmodifiableSortedMap(new TreeMap<>(attributes)));
    }
}
