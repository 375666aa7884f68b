package io.chainrule.web.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads an axis of a declared shape: a length ({@link Integer}) or the name of a free axis ({@link String}). */
public final class AxisDeserializer extends ReportingDeserializer<Object> {
    private static final String NAME = "[A-Za-z_][A-Za-z0-9_]{0,62}";

    public AxisDeserializer() {
        super(Object.class, AxisDeserializer::axis, "n");
    }

    private static Object axis(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return Numbers.length(parser);
        }
        String name = parser.getString();
        if (!name.matches(NAME)) {
            throw BadValueException.invalid(parser, "the name of a free axis is a word of letters, digits and '_'", NAME, name);
        }
        return name;
    }
}
