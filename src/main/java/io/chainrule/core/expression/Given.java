package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a text is given by its caller: inputs that have values, and models.
 *
 * @param names of the inputs
 * @param shapes of the inputs, of one sample each, where they are known; also of names that are inputs only if the text reads them as such
 * @param others what inputs without a shape are
 * @param models what the text may call, besides ops and functions of its own
 */
public record Given(Set<String> names, Map<String, Shape> shapes, Others others, Map<String, ? extends ModelFunction> models) {
    /** What inputs are that have no shape. */
    public enum Others {
        /** They are scalars. */
        SCALARS,
        /** They have no values, and may be mistakes. */
        WITHOUT_VALUE,
        /** They have values of any shape later: a stored program is the same for all of them. */
        OF_ANY_SHAPE
    }

    /** Inputs of these names, whose shapes are not known. */
    public static Given named(Set<String> names) {
        return new Given(names, Map.of(), Others.WITHOUT_VALUE, Map.of());
    }

    /** Whether these are all inputs that have a value, so that a program that reads another input is refused. */
    boolean areAllNamed() {
        return !shapes.isEmpty() && others == Others.WITHOUT_VALUE && names.containsAll(shapes.keySet());
    }

    @Nullable
    Shape shape(String id, @Nullable Shape declared) {
        Shape given = shapes.get(id);
        return given != null ? given : declared == null && others == Others.SCALARS ? Shape.SCALAR : declared;
    }

    /** The names that are read with other characters in a text, by what is read: a text is read without full-width letters. */
    Map<String, String> replaced() {
        Map<String, String> replaced = new HashMap<>();
        Stream.concat(names.stream(), shapes.keySet().stream()).forEach(name -> {
            String plain = Characters.plain(name);
            if (!plain.equals(name)) {
                replaced.put(plain, name);
            }
        });
        return replaced;
    }
}
