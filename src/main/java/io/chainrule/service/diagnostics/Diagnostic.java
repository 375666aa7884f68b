package io.chainrule.service.diagnostics;

import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A remark on a result that is not an error. {@code phase} ("forward", "backward") and {@code count} are null where they do not apply.
 *
 * @param path the ids of the nodes from {@code node} to the output, or to the node where its gradient is lost
 * @param operands the values of the op's operands, by id; null for a value that is too large to be shown
 */
public record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message,
        List<String> path,
        Map<String, @Nullable Tensor> operands) {
    public static Diagnostic of(String kind, @Nullable String node, String message) {
        return new Diagnostic(kind, node, null, null, message, List.of(), Map.of());
    }
}
