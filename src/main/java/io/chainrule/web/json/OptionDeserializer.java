package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.service.program.TypeCatalogue.Option;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;

/** Reads a field that a record does not declare but a catalogue does: see {@link OptionsOf}. */
public final class OptionDeserializer extends ValueDeserializer<Object> {
    private static final ValueDeserializer<Object> ANY = new AttributeDeserializer();

    private final Map<String, Option> options;
    private final List<String> known;
    private final ValueDeserializer<?> numbers;

    /** For Jackson, which then calls {@link #createContextual} to get a deserializer that knows the record. */
    public OptionDeserializer() {
        this(Map.of(), List.of(), ANY);
    }

    private OptionDeserializer(Map<String, Option> options, List<String> known, ValueDeserializer<?> numbers) {
        this.options = options;
        this.known = known;
        this.numbers = numbers;
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        List<String> known = new ArrayList<>();
        Map<String, Option> options = Map.of();
        for (RecordComponent field : Objects.requireNonNull(property).getMember().getDeclaringClass().getRecordComponents()) {
            OptionsOf catalogue = field.getAnnotation(OptionsOf.class);
            if (catalogue == null) {
                known.add(field.getName());
            } else {
                options = catalogue.value().options();
                known.addAll(options.keySet());
            }
        }
        // Lists of options follow the same rules as lists in fields that a record declares.
        JavaType list = context.getTypeFactory().constructCollectionType(List.class, Double.class);
        return new OptionDeserializer(options, known, context.findContextualValueDeserializer(list, property));
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
        TokenStreamContext place = place(parser);
        Option option = options.get(place.currentName());
        if (option == null) {
            report(place, context);
            parser.skipChildren();
            return null;
        }
        return switch (option.form()) {
            case WHOLE_NUMBER -> context.readValue(parser, Integer.class);
            case NUMBER -> context.readValue(parser, Double.class);
            case NUMBERS -> numbers.deserialize(parser, context);
            case BOOLEAN -> context.readValue(parser, Boolean.class);
            case TEXT -> context.readValue(parser, String.class);
            case ANY -> ANY.deserialize(parser, context);
        };
    }

    /** An option that is null counts as absent. */
    @Override
    public @Nullable Object getNullValue(DeserializationContext context) {
        TokenStreamContext place = context.getParser().streamReadContext();
        if (!options.containsKey(place.currentName())) {
            report(place, context);
        }
        return null;
    }

    /** The parse context of the field. If the field's value is an array or an object, the parser is already in the value's context. */
    private static TokenStreamContext place(JsonParser parser) {
        TokenStreamContext here = parser.streamReadContext();
        boolean opens = parser.currentToken() == JsonToken.START_ARRAY || parser.currentToken() == JsonToken.START_OBJECT;
        return opens ? here.getParent() : here;
    }

    private void report(TokenStreamContext place, DeserializationContext context) {
        String name = place.currentName();
        String shown = BadValueException.shorten(name);
        Findings.report(context, ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "there is no field '" + shown + "'")
                .at(place.pathAsPointer().toString()).expected("one of " + known, shown).hint(Nearest.hint(name, known).orElse(null)));
    }
}
