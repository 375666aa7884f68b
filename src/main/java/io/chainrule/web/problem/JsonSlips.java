package io.chainrule.web.problem;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells what to write for what other languages have and JSON has not, by what the reader says of it. */
final class JsonSlips {
    private static final Map<Pattern, String> HINTS = new LinkedHashMap<>();

    static {
        add("Non-standard token '-?(NaN|Infinity)'.*", "write it in quotes, \"NaN\", \"Infinity\" or \"-Infinity\"");
        add("Unrecognized token '-?(nan|inf|Inf|infinity)'.*", "write \"NaN\", \"Infinity\" or \"-Infinity\", in quotes");
        add("Unrecognized token '(None|undefined|nil)'.*", "every input is a number or an array; leave the field out");
        add("Unrecognized token '(True|TRUE)'.*", "write true");
        add("Unrecognized token '(False|FALSE)'.*", "write false");
        add("Unexpected character \\('['‘’“”].*", "JSON writes texts and names in double quotes, \"x\"");
        add(".*Decimal point not followed by a digit.*", "a digit follows the point, as in 1.0");
        add("Unexpected character \\('}'.*double-quote.*|Unexpected character \\(']'.*expected a value.*",
                "a comma stands before the closing bracket; leave it out");
        add("Unexpected character \\('[},]'.*expected a value.*", "a value is missing before it");
        add("Unexpected character \\('[#/]'.*", "JSON has no comments; leave them out");
        add("Unexpected character \\('\\.'.*", "a number begins with a digit, as in 0.5");
        add("Unexpected character \\('\\+'.*", "leave the '+' out");
        add(".*[Ll]eading zero.*", "leave the zeros before the number out");
        add("Unexpected character \\('[\\p{L}_]'.*double-quote to start property name.*", "JSON writes names in double quotes, \"x\"");
        add("Unexpected character \\('[xXbB]'.*", "JSON writes numbers in decimal");
        add("Unexpected character .*expecting comma.*", "a comma or a closing bracket is missing before it");
        add("Unrecognized character escape.*", "a backslash is written twice in a JSON string");
        add("Unexpected end-of-input.*", "the body ends too early: a bracket or a quote is not closed");
        add("Illegal character \\(\\(CTRL-CHAR, code 31\\)\\).*", "a body in gzip needs the header Content-Encoding: gzip");
        add("Invalid UTF-8.*", "send the body in UTF-8, or name its encoding in the charset of Content-Type");
    }

    private JsonSlips() {}

    private static void add(String message, String hint) {
        HINTS.put(Pattern.compile(message, Pattern.DOTALL), hint);
    }

    /** Returns how to mend the error that a message of the JSON reader describes; null if that is not known. */
    static @Nullable String hint(String message) {
        return HINTS.entrySet().stream().filter(entry -> entry.getKey().matcher(message).matches()).map(Map.Entry::getValue).findFirst()
                .orElse(null);
    }
}
