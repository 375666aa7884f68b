package io.chainrule.service.program;

import io.chainrule.core.network.ExampleSpec;
import io.chainrule.service.program.CatalogueService.OpAttribute;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A type of layer, loss, initializer, optimizer or schedule. Formula in LaTeX. */
public record TypeSummary(String name, String description, @Nullable String formula, @Nullable String source, List<OpAttribute> options,
        @Nullable Details details, Example example) {

    /** Details that only some catalogues have. */
    public sealed interface Details {
        /** The axes of the input and of the output; {@code nested} if the layer contains layers. */
        record OfLayer(List<String> input, List<String> output, boolean nested, List<Parameter> parameters) implements Details {}

        /** A parameter of a layer in words. */
        record Parameter(String name, String shape, String initial) {}

        /** The op that it is, and the shape of its target in words. */
        record OfLoss(String op, String target) implements Details {}
    }

    /** A request that shows it. */
    public sealed interface Example {
        record Network(ExampleSpec spec) implements Example {}

        /** A training whose optimizer, or schedule, is of this type. */
        record Training(TypeCatalogue kind, String type, Map<String, Object> options) implements Example {}
    }
}
