package io.chainrule.web.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/** Reads one value. A bad value is reported with its pointer and skipped, so that the rest of the body is checked too. */
class ReportingDeserializer<T> extends ValueDeserializer<T> {
    private final Class<?> type;
    private final Reader<T> reader;
    private final T placeholder;

    /** The placeholder stands for a bad value until the request is refused; null would be reported as a second error. */
    ReportingDeserializer(Class<?> type, Reader<T> reader, T placeholder) {
        this.type = type;
        this.reader = reader;
        this.placeholder = placeholder;
    }

    /** Reads a value from its first token to its last; throws {@link BadValueException} if the value is not of the kind that is needed. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonParser parser);
    }

    /** Jackson asks for it when values of this type are those of a list or a map that is the whole body. */
    @Override
    public Class<?> handledType() {
        return type;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
        boolean opens = parser.currentToken() == JsonToken.START_ARRAY || parser.currentToken() == JsonToken.START_OBJECT;
        int outside = parser.streamReadContext().getNestingDepth() - (opens ? 1 : 0);
        try {
            return reader.read(parser);
        } catch (BadValueException e) {
            boolean isInside = true;
            while (isInside && parser.streamReadContext().getNestingDepth() > outside) {
                isInside = parser.nextToken() != null;
            }
            Findings.report(context, e.error());
            return placeholder;
        }
    }
}
