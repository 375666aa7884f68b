package io.chainrule.service.diagnostics;

import io.chainrule.core.language.Language;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A remark on a result that is not an error. {@code phase} ("forward", "backward") and {@code count} are null where they do not apply.
 *
 * @param said what is remarked
 * @param path the ids of the nodes from {@code node} to the output, or to the node where its gradient is lost
 * @param operands the values of the op's operands, by id; null for a value that is too large to be shown
 * @param numbers what was measured, by name
 * @param helps a sentence that says what helps, or null
 */
public record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, Phrase said,
        List<String> path,
        Map<String, @Nullable Tensor> operands, Map<String, Double> numbers, @Nullable Phrase helps) {

    Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, Phrase said, List<String> path,
            Map<String, @Nullable Tensor> operands) {
        this(kind, node, phase, count, said, path, operands, Map.of(), null);
    }

    /** What is remarked, in words. */
    public String message(Language language) {
        return said.in(language);
    }

    /** What helps, in words; null where nothing is said of it. */
    public @Nullable String remedy(Language language) {
        return helps == null ? null : helps.in(language);
    }

    public static Diagnostic of(String kind, @Nullable String node, Phrase said) {
        return new Diagnostic(kind, node, null, null, said, List.of(), Map.of());
    }

    /** A remark on where a value or a gradient stopped being finite. */
    public static Diagnostic nonFinite(@Nullable String node, @Nullable String phase, Phrase said) {
        return new Diagnostic("non-finite", node, phase, null, said, List.of(), Map.of());
    }

    /** Something that is likely to go wrong, with the numbers that show it and what helps. */
    public static Diagnostic trouble(String kind, @Nullable String node, Map<String, Double> numbers, Phrase said, Phrase helps) {
        return new Diagnostic(kind, node, null, null, said, List.of(), Map.of(), numbers, helps);
    }
}
