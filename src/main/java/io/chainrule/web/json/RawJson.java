package io.chainrule.web.json;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A part of a body whose form depends on another part, so that it is read later.
 *
 * @param text the same JSON, with the same numbers
 */
public record RawJson(String text) {
    private static final JsonFactory FACTORY = new JsonFactory();

    static RawJson read(JsonParser parser) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            generator.copyCurrentStructureExact(parser);
        }
        return new RawJson(text.toString());
    }
}
