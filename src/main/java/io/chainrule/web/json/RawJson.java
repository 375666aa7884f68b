package io.chainrule.web.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A part of a body whose form depends on another part, so that it is read later.
 *
 * @param text the same JSON, with the same characters of each number; half of a surrogate pair, which UTF-8 cannot encode, is an escape
 */
public record RawJson(String text) {
    private static final JsonFactory FACTORY = new JsonFactory();

    static RawJson read(JsonParser parser) {
        // Jackson makes such escapes where it writes bytes, and not where it writes characters.
        ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), utf8)) {
            copyToken(parser, generator);
            while (!generator.streamWriteContext().inRoot()) {
                parser.nextToken();
                copyToken(parser, generator);
            }
        }
        return new RawJson(utf8.toString(StandardCharsets.UTF_8));
    }

    /** Numbers are not converted, since a conversion could lose the sign of a zero. */
    private static void copyToken(JsonParser parser, JsonGenerator generator) {
        switch (parser.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getString());
            case null, default -> generator.copyCurrentEvent(parser);
        }
    }
}
