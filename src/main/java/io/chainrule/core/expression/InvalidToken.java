package io.chainrule.core.expression;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Explains what the lexer could make nothing of. */
final class InvalidToken {
    private static final Map<String, String> HINTS = Map.ofEntries(Map.entry("−", "write '-'"), Map.entry("–", "write '-'"),
            Map.entry("×", "write '*'"), Map.entry("·", "write '*'"), Map.entry("⋅", "write '*'"), Map.entry("÷", "write '/'"),
            Map.entry("²", "write ^2"), Map.entry("³", "write ^3"), Map.entry("√", "write sqrt(x)"), Map.entry("≤", "write '<='"),
            Map.entry("≥", "write '>='"), Map.entry("≠", "write '!='"), Map.entry("!", "write logical_not(x)"),
            Map.entry("&", "write logical_and(a, b)"), Map.entry("|", "write logical_or(a, b)"), Map.entry("~", "write logical_not(x)"),
            Map.entry("{", "write brackets '('"), Map.entry("}", "write brackets ')'"),
            Map.entry("\\", "inside brackets a line may break without a sign"));

    private InvalidToken() {}

    static SyntaxException error(Tokens tokens, int token) {
        String text = tokens.text(token);
        if (text.startsWith("'") || text.startsWith("\"")) {
            return tokens.syntaxError(token, "the text that begins here is never closed")
                    .expected(text.substring(0, 1), "the end of the line")
                    .hint("close it on the same line; the transpose of x is x.T");
        }
        if (text.length() > 1 && Names.isPart(text.codePointBefore(text.length()))) {
            return tokens.syntaxError(token, tokens.quoted(token) + " is neither a number nor a name").hint(product(text));
        }
        SyntaxException error = tokens.syntaxError(token, tokens.quoted(token) + " means nothing in an expression");
        @Nullable
        String hint = HINTS.get(text);
        return hint == null ? error : error.hint(hint);
    }

    /** How "2x" is written. */
    private static String product(String text) {
        int letter = 0;
        while (letter < text.length() - 1 && !Names.isStart(text.codePointAt(letter))) {
            letter++;
        }
        return "a product is written " + text.substring(0, letter) + " * " + text.substring(letter);
    }
}
