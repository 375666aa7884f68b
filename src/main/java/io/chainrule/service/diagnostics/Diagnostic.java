package io.chainrule.service.diagnostics;

import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is worth knowing of an answer. {@code phase} ("forward", "backward") and {@code count} where they apply.
 *
 * @param path ids of nodes from the one that is meant to the output, or to where something happens to its gradient
 * @param operands values that the op at the place had before it; null where they are too large to be shown
 */
public record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message,
        List<String> path,
        Map<String, @Nullable Tensor> operands) {
    public static Diagnostic of(String kind, String node, String message) {
        return new Diagnostic(kind, node, null, null, message, List.of(), Map.of());
    }
}
