package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Estimates the memory that a program's names, options and arrays take. */
final class Footprint {
    private static final long BYTES_AN_OBJECT = 48;

    private Footprint() {}

    /** The memory of these graphs, counting a graph that is given twice only once. */
    static long ofGraphs(Graph... graphs) {
        return Arrays.stream(graphs).distinct().mapToLong(Graph::bytes).sum();
    }

    static long of(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> BYTES_AN_OBJECT + 2L * text.length();
            case Tensor tensor -> BYTES_AN_OBJECT + (long) Double.BYTES * tensor.length();
            case Collection<?> all -> BYTES_AN_OBJECT + all.stream().mapToLong(Footprint::of).sum();
            case Map<?, ?> map -> map.entrySet().stream()
                    .mapToLong(entry -> BYTES_AN_OBJECT + of(entry.getKey()) + of(entry.getValue())).sum();
            case Shapes shapes -> of(shapes.toMap());
            default -> BYTES_AN_OBJECT;
        };
    }
}
