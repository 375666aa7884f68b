package io.chainrule.service.diagnostics;

import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A remark on an answer that is no error. {@code phase} ("forward", "backward") and {@code count} are null where they do not apply.
 *
 * @param path ids of nodes from {@code node} to the output, or to the node where its gradient is lost
 * @param operands values of the operands of the op in question, by id; null where they are too large to be shown
 */
public record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message,
        List<String> path,
        Map<String, @Nullable Tensor> operands) {
    public static Diagnostic of(String kind, String node, String message) {
        return new Diagnostic(kind, node, null, null, message, List.of(), Map.of());
    }
}
