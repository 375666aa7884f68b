package io.chainrule.core;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Collection;
import java.util.Map;

/** Checks the values of a call against what its function takes. Errors tell what was expected. */
final class Arguments {
    private Arguments() {}

    /** Returns the value with this name; {@code kind} says what it is to the function, such as "input", and appears in error messages. */
    static Tensor get(Map<String, Tensor> given, String kind, String name, Shape shape) {
        Tensor value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "no value was given for the " + kind + " '" + name + "' of shape " + shape + ", but for " + given.keySet());
        }
        if (!value.shape().equals(shape)) {
            throw new IllegalArgumentException("the " + kind + " '" + name + "' has shape " + shape + ", its value has " + value.shape());
        }
        return value;
    }

    static void refuseOthers(Map<String, Tensor> given, String kind, Collection<String> known) {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("the function has no " + kind + " '" + name + "', it has " + known
                        + Nearest.hint(name, known).map(hint -> "; " + hint).orElse(""));
            }
        }
    }
}
