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
 * @param numbers what was measured, by name
 * @param remedy a sentence that says what helps, or null
 */
public record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message,
        List<String> path,
        Map<String, @Nullable Tensor> operands, Map<String, Double> numbers, @Nullable String remedy) {

    Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message, List<String> path,
            Map<String, @Nullable Tensor> operands) {
        this(kind, node, phase, count, message, path, operands, Map.of(), null);
    }

    /** The same in other words; without a remedy where it has none in them. */
    public Diagnostic in(String words, @Nullable String otherRemedy) {
        return new Diagnostic(kind, node, phase, count, words, path, operands, numbers, otherRemedy);
    }

    public static Diagnostic of(String kind, @Nullable String node, String message) {
        return new Diagnostic(kind, node, null, null, message, List.of(), Map.of());
    }

    /** A remark on where a value or a gradient stopped being finite. */
    public static Diagnostic nonFinite(@Nullable String node, @Nullable String phase, String message) {
        return new Diagnostic("non-finite", node, phase, null, message, List.of(), Map.of());
    }

    /** Something that is likely to go wrong, with the numbers that show it and what helps. */
    public static Diagnostic trouble(String kind, @Nullable String node, Map<String, Double> numbers, String message, String remedy) {
        return new Diagnostic(kind, node, null, null, message, List.of(), Map.of(), numbers, remedy);
    }
}
