package io.chainrule.web.problem;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidNullException;

/** Translates the JSON reader's exceptions into errors, without the parts of their messages that describe the reader itself. */
public final class UnreadableBody {
    /** Parts of messages that describe the reader's source and settings, which do not help a client. */
    private static final Pattern JARGON = Pattern.compile(
            "\\s*\\((?:start marker|for \\w+ starting|consider enabling).*|: enable `.*|, from `[^`]*`", Pattern.DOTALL);

    /** What Jackson says of a control character within a string; the group is the character's code. */
    private static final Pattern CONTROL_CHARACTER = Pattern.compile("Illegal unquoted character \\(\\(CTRL-CHAR, code (\\d+)\\)\\).*",
            Pattern.DOTALL);

    private UnreadableBody() {}

    /** The error for a text that is not JSON; {@code cause} is what its reader says, null where it is empty. */
    public static ErrorDetail error(@Nullable Throwable cause) {
        return switch (cause) {
            case null -> malformed("the body is empty; a JSON object is needed").at("");
            case DatabindException e -> malformed(String.valueOf(e.getOriginalMessage()).contains("No content")
                    ? "the body is empty; a JSON object is needed"
                    : "the body goes on after its end").at("");
            case JacksonIOException _ -> brokenOff();
            case JacksonException e -> syntax(e);
            default -> brokenOff();
        };
    }

    /** The error for a value of a type that its place does not allow. */
    public static ErrorDetail mismatch(DatabindException e) {
        JsonPointer pointer = JsonPointer.empty();
        for (JacksonException.Reference step : e.getPath()) {
            pointer = step.getPropertyName() == null
                    ? pointer.appendIndex(step.getIndex())
                    : pointer.appendProperty(step.getPropertyName());
        }
        String message = e instanceof InvalidNullException ? "null stands where a value must be" : "the value has the wrong type";
        return ErrorDetail.of(ProblemType.WRONG_TYPE, message).at(pointer.toString());
    }

    private static ErrorDetail syntax(JacksonException e) {
        Matcher control = CONTROL_CHARACTER.matcher(e.getOriginalMessage());
        ErrorDetail error = control.matches()
                ? unescaped(Integer.parseInt(control.group(1)))
                : malformed(JARGON.matcher(e.getOriginalMessage()).replaceAll("")).hint(JsonSlips.hint(e.getOriginalMessage()));
        TokenStreamLocation location = e.getLocation();
        if (location != null) {
            error = error.position(location.getLineNr(), location.getColumnNr());
        }
        return e.processor() instanceof JsonParser parser ? error.at(parser.streamReadContext().pathAsPointer().toString()) : error;
    }

    private static ErrorDetail unescaped(int character) {
        return switch (character) {
            case '\n', '\r' -> malformed("a string goes over the end of a line; JSON writes a line break in a string as \\n")
                    .expected("\\n", "a line break");
            case '\t' -> malformed("a tab stands in a string; JSON writes it as \\t").expected("\\t", "a tab");
            default -> {
                String escaped = "\\u%04x".formatted(character);
                yield malformed("a control character stands in a string; JSON writes it as " + escaped).expected(escaped, null);
            }
        };
    }

    private static ErrorDetail brokenOff() {
        return ErrorDetail.of(ProblemType.BAD_REQUEST, "the body could not be read to its end")
                .hint("it is cut, or its gzip data are damaged; send it again");
    }

    private static ErrorDetail malformed(String message) {
        return ErrorDetail.of(ProblemType.MALFORMED_JSON, message);
    }
}
