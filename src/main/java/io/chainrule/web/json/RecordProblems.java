package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.deser.ValueInstantiator;

/** Reports and skips unknown fields, and values that are not the record, list or map that is needed. */
final class RecordProblems extends DeserializationProblemHandler {
    /** Fields of the same meaning in other services and libraries. */
    private static final Map<String, String> SYNONYMS = Map.ofEntries(Map.entry("expr", "expression"), Map.entry("program", "expression"),
            Map.entry("code", "expression"), Map.entry("formula", "expression"), Map.entry("function", "expression"),
            Map.entry("f", "expression"), Map.entry("text", "expression"), Map.entry("source", "expression"),
            Map.entry("variables", "inputs"), Map.entry("vars", "inputs"), Map.entry("values", "inputs"), Map.entry("args", "inputs"),
            Map.entry("arguments", "inputs"), Map.entry("at", "inputs"), Map.entry("point", "inputs"), Map.entry("data", "inputs"),
            Map.entry("params", "parameters"), Map.entry("weights", "parameters"), Map.entry("with_respect_to", "wrt"),
            Map.entry("respect_to", "wrt"), Map.entry("by", "wrt"), Map.entry("argnums", "wrt"), Map.entry("model", "network"),
            Map.entry("net", "network"), Map.entry("reduction", "reduce"), Map.entry("outputs", "output"),
            Map.entry("tangent", "tangents"), Map.entry("vector", "vectors"), Map.entry("v", "vectors"));

    /** Jackson calls this after it has read the record: the context's parser is behind the record, and {@code copy} reads the field. */
    @Override
    public boolean handleUnknownProperty(DeserializationContext context, JsonParser copy, ValueDeserializer<?> deserializer, Object bean,
            String name) {
        List<String> known = deserializer.getKnownPropertyNames().stream().map(String::valueOf).toList();
        String shown = BadValueException.shorten(name);
        JsonPointer place = context.getParser().streamReadContext().pathAsPointer().appendProperty(name);
        Findings.report(context, ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "there is no field '" + shown + "'").at(place.toString())
                .expected("one of " + known, shown).hint(meant(name, known)));
        copy.skipChildren();
        return true;
    }

    /** The field that a name without one may mean; null if there is none. */
    private static @Nullable String meant(String name, List<String> known) {
        String synonym = SYNONYMS.get(name.toLowerCase(Locale.ROOT));
        return synonym != null && known.contains(synonym) ? "did you mean '" + synonym + "'?" : Nearest.hint(name, known).orElse(null);
    }

    @Override
    public Object handleUnexpectedToken(DeserializationContext context, JavaType target, JsonToken token, JsonParser parser,
            String message) {
        report(context, parser, BadValueException.wrongType(parser, target.isCollectionLikeType() ? "an array" : "an object"));
        return placeholder(context, target);
    }

    /** Jackson calls this for a scalar where a record is needed. */
    @Override
    public Object handleMissingInstantiator(DeserializationContext context, Class<?> target, ValueInstantiator instantiator,
            JsonParser parser,
            String message) {
        report(context, parser, BadValueException.wrongType(parser, "an object"));
        return placeholder(context, context.constructType(target));
    }

    /** An empty list, map or record in place of the bad value; null would be reported as a second error. */
    private static Object placeholder(DeserializationContext context, JavaType target) {
        if (target.isCollectionLikeType()) {
            return new ArrayList<>();
        }
        return target.isMapLikeType() ? new LinkedHashMap<>() : context.readTreeAsValue(context.getNodeFactory().objectNode(), target);
    }

    private static void report(DeserializationContext context, JsonParser parser, BadValueException problem) {
        Findings.report(context, problem.error());
        parser.skipChildren();
    }
}
