package io.chainrule.web.json;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A value that cannot be used, at the parser's current position. */
final class BadValueException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_QUOTE = 40;
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,17}(\\.\\d{1,17})?");

    private final transient ErrorDetail error;

    private BadValueException(ErrorDetail error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    static BadValueException wrongType(JsonParser parser, String expected) {
        String actual = describe(parser);
        ErrorDetail error = ErrorDetail.of(ProblemType.WRONG_TYPE, "expected " + expected + ", found " + actual).expected(expected, actual);
        return at(parser, error.hint(instead(parser, expected)));
    }

    static BadValueException invalid(JsonParser parser, String message, @Nullable String expected, @Nullable String actual) {
        return at(parser, ErrorDetail.of(ProblemType.INVALID_VALUE, message).expected(expected, actual));
    }

    static BadValueException notOneOf(JsonParser parser, String found, List<String> choices) {
        ErrorDetail error = ErrorDetail.of(ProblemType.INVALID_VALUE, "'" + shorten(found) + "' is none of " + choices);
        return at(parser, error.expected("one of " + choices, shorten(found)).hint(Nearest.hint(found, choices).orElse(null)));
    }

    static BadValueException at(JsonParser parser, ErrorDetail error) {
        return at(parser, "", error);
    }

    /** An error at a place inside the value that was read last. */
    static BadValueException at(JsonParser parser, String inside, ErrorDetail error) {
        return new BadValueException(error.at(parser.streamReadContext().pathAsPointer() + inside));
    }

    ErrorDetail error() {
        return error;
    }

    /** What to send instead of a value of a type that is often sent in place of the expected one; null if nothing is known. */
    private static @Nullable String instead(JsonParser parser, String expected) {
        boolean isText = parser.currentToken() == JsonToken.VALUE_STRING;
        String text = isText ? parser.getString() : "";
        boolean isWhole = parser.streamReadContext().pathAsPointer().toString().isEmpty();
        if (isText && isWhole && text.stripLeading().startsWith("{")) {
            return "the body is JSON within a string; send the object itself";
        } else if (isText && expected.equals("an array")) {
            return "write [\"" + shorten(text) + "\"]";
        } else if (isText && expected.startsWith("a number") && NUMBER.matcher(text).matches()) {
            return "write " + text + ", without quotes";
        } else if (parser.currentToken() == JsonToken.START_ARRAY && expected.equals("a string")) {
            return "write one string, with \\n between the lines";
        }
        return parser.currentToken() == JsonToken.START_ARRAY && expected.equals("an object") && !isWhole
                ? "write each value with its name, {\"x\": 1}"
                : null;
    }

    private static String describe(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case VALUE_STRING -> "the string \"" + shorten(parser.getString()) + '"';
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shorten(parser.getString());
            case START_ARRAY, END_ARRAY -> "an array";
            case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "an object";
            case VALUE_NULL -> "null";
            case null, default -> parser.getString();
        };
    }

    static String shorten(String text) {
        if (text.length() <= LONGEST_QUOTE) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(LONGEST_QUOTE - 1)) ? LONGEST_QUOTE - 1 : LONGEST_QUOTE) + '…';
    }
}
