package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Jackson calls this after it has read the record: the context's parser is behind the record, and {@code copy} reads the field. */
    @Override
    public boolean handleUnknownProperty(DeserializationContext context, JsonParser copy, ValueDeserializer<?> deserializer, Object bean,
            String name) {
        List<String> known = deserializer.getKnownPropertyNames().stream().map(String::valueOf).toList();
        String shown = BadValueException.shorten(name);
        JsonPointer place = context.getParser().streamReadContext().pathAsPointer().appendProperty(name);
        Findings.report(context, ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "there is no field '" + shown + "'").at(place.toString())
                .expected("one of " + known, shown).hint(Nearest.hint(name, known).orElse(null)));
        copy.skipChildren();
        return true;
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
