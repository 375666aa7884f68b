package io.chainrule.core.grade;

import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** What right lines use of inputs beyond that they are numbers, such as that a matrix is symmetric. */
final class Remarks {
    /** The values where an input lacks what random inputs keep of it, by input. */
    private final Map<Integer, List<Map<Integer, Tensor>>> softened = new LinkedHashMap<>();
    private final Map<Integer, String> keys = new LinkedHashMap<>();

    Remarks(Points points, Runs runs) {
        for (int input : points.kept()) {
            softened.put(input, points.soft(input).stream().map(runs::at).toList());
            keys.put(input, points.kind(input).remark());
        }
    }

    /**
     * An input that a line depends on so.
     *
     * @param key that of the text
     */
    record Remark(int input, String key) {}

    /** The first input without which a line would not be right; {@code isRight} tells it of values that were found. */
    Optional<Remark> of(Predicate<Map<Integer, Tensor>> isRight) {
        return softened.entrySet().stream().filter(soft -> !soft.getValue().stream().allMatch(isRight)).map(Map.Entry::getKey).findFirst()
                .map(input -> new Remark(input, Objects.requireNonNull(keys.get(input))));
    }
}
