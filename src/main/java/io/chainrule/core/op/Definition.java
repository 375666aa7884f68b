package io.chainrule.core.op;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something that is made from options, such as an optimizer or an initializer, as its catalogue knows it.
 *
 * @param formula in LaTeX
 * @param source who described it, and what it is called elsewhere
 * @param example options to show it with
 * @param factory throws {@link io.chainrule.core.graph.ProblemException} where options do not go with each other
 */
public record Definition<T>(String name, String description, String formula, @Nullable String source, List<Attribute> options,
        Map<String, Object> example, Function<Attributes, ? extends T> factory) implements Catalogue.Entry {

    /** Without an example; its defaults then show it. */
    public Definition(String name, String description, String formula, @Nullable String source, List<Attribute> options,
            Function<Attributes, ? extends T> factory) {
        this(name, description, formula, source, options, Map.of(), factory);
    }
}
