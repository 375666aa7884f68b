package io.chainrule.service.program;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.network.Initializers;
import io.chainrule.core.network.LayerCatalogue;
import io.chainrule.core.network.LossType;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The catalogues of the parts of a request that have a type, such as layers and optimizers. The options of a type are fields beside the
 * field that names the type.
 */
public enum TypeCatalogue {
    LAYERS(LayerCatalogue.LAYERS),
    LOSSES(LossType.LOSSES),
    INITIALIZERS(Initializers.INITIALIZERS),
    OPTIMIZERS(Optimizer.CATALOGUE),
    SCHEDULES(Schedule.CATALOGUE);

    private final Catalogue<?> catalogue;

    TypeCatalogue(Catalogue<?> catalogue) {
        this.catalogue = catalogue;
    }

    /** The JSON form of an option's value. */
    public enum Form {
        WHOLE_NUMBER,
        NUMBER,
        NUMBERS,
        BOOLEAN,
        TEXT,
        ANY
    }

    /** An option that at least one of the types has; {@code example} is null if there is none. */
    public record Option(Form form, String description, @Nullable Object example) {}

    public Collection<String> names() {
        return catalogue.names();
    }

    public Collection<? extends Catalogue.Entry> all() {
        return catalogue.all();
    }

    public Optional<Catalogue.Entry> find(String name) {
        return Optional.ofNullable(catalogue.find(name));
    }

    /** The problem that no type of this catalogue has this name. */
    public Problem unknown(String name) {
        return catalogue.unknown(ProblemCode.INVALID_VALUE, name);
    }

    /** The options of all types, by name. */
    public Map<String, Option> options() {
        Map<String, Map<Attribute, List<String>>> owners = new LinkedHashMap<>();
        catalogue.all().forEach(type -> collect(type.name(), type.options(), owners));
        if (this == LAYERS) {
            LayerCatalogue.activationOptions().forEach((activation, options) -> collect(activation, options, owners));
        }
        Map<String, Option> options = new LinkedHashMap<>();
        owners.forEach((name, declared) -> options.put(name, option(name, declared)));
        return options;
    }

    private static void collect(String type, List<Attribute> options, Map<String, Map<Attribute, List<String>>> owners) {
        options.forEach(option -> owners.computeIfAbsent(option.name(), _ -> new LinkedHashMap<>())
                .computeIfAbsent(option, _ -> new ArrayList<>()).add(type));
    }

    /**
     * Merges the declarations of an option that several types have. The description names the types that share each declaration, unless all
     * types do.
     */
    private Option option(String name, Map<Attribute, List<String>> declared) {
        String description = declared.entrySet().stream()
                .map(each -> (each.getValue().size() == names().size() ? "" : String.join(", ", each.getValue()) + ": ")
                        + described(each.getKey()))
                .collect(Collectors.joining(". "));
        Attribute first = declared.keySet().iterator().next();
        Object shown = catalogue.all().stream().map(type -> type.example().get(name)).filter(value -> value != null).findFirst()
                .orElse(first.defaultValue());
        return new Option(form(first.type()), description, shown);
    }

    private static String described(Attribute option) {
        String constraint = option.constraint() == null ? "" : "; " + option.constraint().text();
        Object fallback = option.defaultValue();
        return option.description() + constraint + (option.required() ? "; required" : fallback == null ? "" : "; default " + fallback);
    }

    private static Form form(Attribute.Type type) {
        return switch (type) {
            case INT -> Form.WHOLE_NUMBER;
            case NUMBER, LIMIT -> Form.NUMBER;
            case TWO_NUMBERS -> Form.NUMBERS;
            case BOOLEAN -> Form.BOOLEAN;
            case TEXT -> Form.TEXT;
            default -> Form.ANY;
        };
    }
}
