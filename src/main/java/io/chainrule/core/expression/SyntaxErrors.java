package io.chainrule.core.expression;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of syntax errors at the cursor. */
final class SyntaxErrors {
    private static final Map<String, String> WORDS = Map.of("and", "write logical_and(a, b)", "or", "write logical_or(a, b)", "if",
            "write where(condition, a, b)");

    private static final Map<String, String> SYMBOLS = Map.ofEntries(Map.entry("−", "write '-'"), Map.entry("–", "write '-'"),
            Map.entry("×", "write '*'"), Map.entry("·", "write '*'"), Map.entry("⋅", "write '*'"), Map.entry("÷", "write '/'"),
            Map.entry("²", "write ^2"), Map.entry("³", "write ^3"), Map.entry("√", "write sqrt(x)"), Map.entry("≤", "write '<='"),
            Map.entry("≥", "write '>='"), Map.entry("≠", "write '!='"), Map.entry("!", "write logical_not(x)"),
            Map.entry("&", "write logical_and(a, b)"), Map.entry("|", "write logical_or(a, b)"), Map.entry("~", "write logical_not(x)"),
            Map.entry("{", "write brackets '('"), Map.entry("}", "write brackets ')'"),
            Map.entry("\\", "inside brackets a line may break without a sign"));

    private SyntaxErrors() {}

    /** The error where a value is expected. */
    static SyntaxException missingValue(Tokens tokens, Cursor cursor, @Nullable ConstantRole role) {
        int token = cursor.at();
        TokenKind kind = cursor.kind();
        if (role != null) {
            return cursor.unexpected(role.what() + " is " + role.wanted() + ", not " + tokens.quoted(token), role.wanted(), null);
        } else if (kind.closes() && cursor.nesting() == 0) {
            return cursor.closesNothing();
        }
        boolean isFirst = token == 0 || tokens.kind(token - 1).endsStatement();
        String message = "a value is missing " + (isFirst
                ? "before " + tokens.quoted(token)
                : kind.endsStatement()
                        ? "after " + tokens.quoted(token - 1)
                        : "between " + tokens.quoted(token - 1) + " and " + tokens.quoted(token));
        boolean updates = kind == TokenKind.ASSIGN && !isFirst && Operator.of(tokens.kind(token - 1)) != null;
        return cursor.unexpected(message, null, updates ? "to update x, write x = x " + tokens.text(token - 1) + " …" : null);
    }

    /** The error where a value has been parsed and the token that follows cannot continue the expression. */
    static SyntaxException missingOperator(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        String quoted = tokens.quoted(token);
        return switch (cursor.kind()) {
            case ASSIGN -> cursor.unexpected("'=' binds a name, and only at the start of a statement", null, "to compare, write '=='");
            case COLON, ELLIPSIS -> cursor.unexpected(quoted + " belongs in an index, as in x[1:3] or x[..., 0]");
            case INVALID -> cursor.unexpected("");
            default -> {
                String word = WORDS.get(tokens.text(token));
                yield cursor.unexpected("an operator is missing before " + quoted, null, word == null ? separator(cursor) : word);
            }
        };
    }

    private static String separator(Cursor cursor) {
        return "a product is written with '*'" + (cursor.nesting() > 0 ? ", items are separated by ','" : "");
    }

    /** The error for text that is no token. */
    static SyntaxException invalidToken(Tokens tokens, int token) {
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
        String hint = SYMBOLS.get(text);
        return hint == null ? error : error.hint(hint);
    }

    /** Returns a hint on how to write a product such as "2x". */
    private static String product(String text) {
        int letter = 0;
        while (letter < text.length() - 1 && !Names.isStart(text.codePointAt(letter))) {
            letter++;
        }
        return "a product is written " + text.substring(0, letter) + " * " + text.substring(letter);
    }
}
