package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reports fields that a record does not have and values that are no record, list or map, and passes over them. */
final class RecordProblems extends DeserializationProblemHandler {

    @Override
    public boolean handleUnknownProperty(DeserializationContext context, JsonParser parser, ValueDeserializer<?> deserializer, Object bean,
            String name) {
        List<String> known = deserializer.getKnownPropertyNames().stream().map(String::valueOf).toList();
        ErrorDetail error = ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "there is no field '" + BadValueException.shorten(name) + "'")
                .expected("one of " + known, BadValueException.shorten(name)).hint(Nearest.hint(name, known).orElse(null));
        report(context, parser, BadValueException.at(parser, error));
        return true;
    }

    @Override
    public Object handleUnexpectedToken(DeserializationContext context, JavaType target, JsonToken token, JsonParser parser,
            String message) {
        report(context, parser, BadValueException.wrongType(parser, target.isCollectionLikeType() ? "an array" : "an object"));
        return placeholder(context, target);
    }

    /** Called where a scalar stands for a record. */
    @Override
    public Object handleMissingInstantiator(DeserializationContext context, Class<?> target, ValueInstantiator instantiator,
            JsonParser parser,
            String message) {
        report(context, parser, BadValueException.wrongType(parser, "an object"));
        return placeholder(context, context.constructType(target));
    }

    /** An empty list, map or record: null would look like an error of its own. */
    private static Object placeholder(DeserializationContext context, JavaType target) {
        JsonNodeFactory nodes = context.getNodeFactory();
        return context.readTreeAsValue(target.isCollectionLikeType() ? nodes.arrayNode() : nodes.objectNode(), target);
    }

    private static void report(DeserializationContext context, JsonParser parser, BadValueException problem) {
        Findings.report(context, problem.error());
        parser.skipChildren();
    }
}
