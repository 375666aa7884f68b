package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The inputs that a caller has values for.
 *
 * @param shapes their shapes, of one sample each, where they are known
 * @param areOthersScalars whether inputs without a shape are scalars
 */
public record GivenInputs(Set<String> names, Map<String, Shape> shapes, boolean areOthersScalars) {

    /** Inputs of these names, whose shapes are not known. */
    public static GivenInputs named(Set<String> names) {
        return new GivenInputs(names, Map.of(), false);
    }

    public static GivenInputs of(Map<String, Shape> shapes, boolean areOthersScalars) {
        return new GivenInputs(shapes.keySet(), shapes, areOthersScalars);
    }

    /** Whether these are all inputs that have a value, so that a program that reads another input is refused. */
    boolean areAllNamed() {
        return !shapes.isEmpty() && !areOthersScalars;
    }

    @Nullable
    Shape shape(String id, @Nullable Shape declared) {
        Shape given = shapes.get(id);
        return given != null ? given : declared == null && areOthersScalars ? Shape.SCALAR : declared;
    }

    /** The names that are read with other characters in a text, by what is read: a text is read without full-width letters. */
    Map<String, String> replaced() {
        Map<String, String> replaced = new HashMap<>();
        for (String name : names) {
            String plain = Characters.plain(name);
            if (!plain.equals(name)) {
                replaced.put(plain, name);
            }
        }
        return replaced;
    }
}
