package io.chainrule.service.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.tensor.DeclaredShape;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An input that each call of a model gives.
 *
 * @param shape its lengths and the names of its free axes; null if it may have any shape
 * @param range the least and the largest value that make sense; null if all do
 * @param text what it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelInput(String name, @Nullable List<Object> shape, @Nullable List<Double> range, @Nullable String text) {
    public @Nullable DeclaredShape declared() {
        return shape == null ? null : new DeclaredShape(shape);
    }

    /** The shapes of those inputs that have one. */
    static Map<String, DeclaredShape> declared(Collection<ModelInput> inputs) {
        Map<String, DeclaredShape> declared = new LinkedHashMap<>();
        for (ModelInput input : inputs) {
            DeclaredShape shape = input.declared();
            if (shape != null) {
                declared.put(input.name(), shape);
            }
        }
        return declared;
    }

    ModelInput withShape(@Nullable DeclaredShape other) {
        return new ModelInput(name, other == null ? null : other.axes(), range, text);
    }
}
