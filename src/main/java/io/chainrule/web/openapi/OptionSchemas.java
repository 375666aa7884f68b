package io.chainrule.web.openapi;

import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.service.program.TypeCatalogue.Option;
import io.chainrule.web.json.CodesOf;
import io.chainrule.web.json.OptionsOf;
import io.swagger.v3.oas.models.SpecVersion;
import io.swagger.v3.oas.models.media.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Adds the options that a catalogue declares to the schema of a record: see {@link OptionsOf}. */
final class OptionSchemas {
    private OptionSchemas() {}

    /** Adds the options to a schema, and the names of the types to the field that chooses one. */
    static void add(OptionsOf options, Schema<?> model) {
        TypeCatalogue catalogue = options.value();
        setNames(Objects.requireNonNull(model.getProperties().get(options.chosenBy())), catalogue);
        catalogue.options().forEach((name, option) -> model.addProperty(name, schema(option)));
    }

    private static void setNames(Schema<?> type, TypeCatalogue catalogue) {
        setEnum(type, catalogue.names());
    }

    /** Sets the values of a text to the codes of an enum: see {@link CodesOf}. */
    static void setCodes(Schema<?> text, Class<? extends Enum<?>> codes) {
        setEnum(text, Stream.of(codes.getEnumConstants()).map(code -> code.name().toLowerCase(Locale.ROOT).replace('_', '-')).toList());
    }

    @SuppressWarnings("unchecked")
    private static void setEnum(Schema<?> text, Collection<String> values) {
        ((Schema<String>) text).setEnum(new ArrayList<>(values));
    }

    private static Schema<?> schema(Option option) {
        Schema<?> schema = switch (option.form()) {
            case WHOLE_NUMBER -> typed("integer").format("int32");
            case NUMBER -> typed("number").format("double");
            case NUMBERS -> typed("array").items(typed("number").format("double"));
            case BOOLEAN -> typed("boolean");
            case TEXT -> typed("string");
            case ANY -> new Schema<>(SpecVersion.V31);
        };
        schema.description(option.description());
        if (option.example() != null) {
            schema.example(option.example());
        }
        if (schema.getTypes() != null) {
            // Null is allowed because an optional field that is null counts as absent.
            schema.addType("null");
        }
        return schema;
    }

    private static Schema<?> typed(String type) {
        Schema<?> schema = new Schema<>(SpecVersion.V31);
        schema.setTypes(new LinkedHashSet<>(Set.of(type)));
        return schema;
    }
}
