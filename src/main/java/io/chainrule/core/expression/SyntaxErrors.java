package io.chainrule.core.expression;

import io.chainrule.core.op.OpCatalogue;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of syntax errors at the cursor. */
final class SyntaxErrors {
    private static final Map<String, String> SYMBOLS = Map.ofEntries(
            Map.entry("!", "write not x, or exp(lgamma(x + 1)) for the factorial of x"), Map.entry("&", "write a and b"),
            Map.entry("&&", "write a and b"), Map.entry("|", "write a or b"), Map.entry("~", "write not x"),
            Map.entry("{", "write brackets '('"), Map.entry("}", "write brackets ')'"), Map.entry("?", "write where(condition, a, b)"),
            Map.entry("←", "write '='"), Map.entry("≔", "write '='"), Map.entry("≈", "write isclose by abs(a - b) < 1e-6"),
            Map.entry("°", "write * pi / 180"), Map.entry("'", "the transpose of x is x.T"), Map.entry("∈", "write for i in range(3)"),
            Map.entry("∂", "gradients are in the answer of /v1/gradient"), Map.entry("∇", "gradients are in the answer of /v1/gradient"),
            Map.entry("∫", "there are no integrals; sum(f(x) * dx) adds up slices"), Map.entry("$", "write the name alone"),
            Map.entry("\\", "inside brackets a line may break without a sign; for A \\ b write solve(A, b)"));
    /** Signs of two characters that other languages have. */
    private static final Map<String, String> FOREIGN = Map.of("=>", "write '>='", "=<", "write '<='", "<>", "write '!='", ":=", "write '='",
            "<<", "'<<' shifts bits; write x * 2^n", ">>", "'>>' shifts bits; write x / 2^n", "->", "write a function as f(x) = …");

    private SyntaxErrors() {}

    /** Whether a sign of another language stands at an offset of a text. */
    static boolean isForeign(String text, int offset) {
        return offset + 2 <= text.length() && switch (text.charAt(offset + 1)) {
            case '>', '<', '=' -> FOREIGN.containsKey(text.substring(offset, offset + 2));
            default -> false;
        };
    }

    /** Refuses a word of the language where a name is bound; the consequence says so. */
    static void checkName(Tokens tokens, int token, String consequence) {
        if (Names.isKeyword(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; " + consequence);
        }
    }

    /** The error where a value is expected. */
    static SyntaxException missingValue(Tokens tokens, Cursor cursor, @Nullable ConstantRole role) {
        int token = cursor.at();
        TokenKind kind = cursor.kind();
        if (role != null) {
            return cursor.unexpected(role.what() + " is " + role.wanted() + ", not " + tokens.quoted(token), role.wanted(), role.hint());
        } else if (kind.closes() && cursor.nesting() == 0) {
            return cursor.closesNothing();
        }
        boolean isFirst = token == 0 || tokens.kind(token - 1).endsStatement();
        String message = "a value is missing " + (isFirst
                ? "before " + tokens.quoted(token)
                : kind.endsStatement()
                        ? "after " + tokens.quoted(token - 1)
                        : "between " + tokens.quoted(token - 1) + " and " + tokens.quoted(token));
        return cursor.unexpected(message, null, null);
    }

    /** The error where a value has been parsed and the token that follows cannot continue the expression. */
    static SyntaxException missingOperator(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        String quoted = tokens.quoted(token);
        return switch (cursor.kind()) {
            case ASSIGN, UPDATE -> isElement(tokens, token)
                    ? cursor.unexpected("an element of an array cannot be bound", null,
                            "write a new array, such as where(mask, value, x) or concatenate([x[:i], [value], x[i + 1:]])")
                    : cursor.unexpected(quoted + " binds a name, and only at the start of a statement", null, "to compare, write '=='");
            case COLON, ELLIPSIS -> cursor.unexpected(quoted + " belongs in an index, as in x[1:3] or x[..., 0]");
            case INVALID -> cursor.unexpected("");
            case BAR, DOUBLE_BAR -> cursor.nesting() > 0
                    ? cursor.neverClosed()
                    : cursor.unexpected("nothing is open that " + quoted + " closes", null,
                            "write a or b for a choice, |x| for the absolute value, ‖x‖ for the norm");
            case LEFT_PAREN -> cursor.unexpected("the value before '(' is no function", null,
                    layer(tokens, token) + "to multiply, write '*' before '('; a function is called once, f(x)");
            default -> cursor.unexpected("an operator is missing before " + quoted, null, hint(tokens, cursor));
        };
    }

    /** Whether the statement that contains this token begins with an index of a name. */
    private static boolean isElement(Tokens tokens, int token) {
        int first = token;
        while (first > 0 && !tokens.kind(first - 1).endsStatement()) {
            first--;
        }
        return tokens.kind(first) == TokenKind.NAME && tokens.kind(first + 1) == TokenKind.LEFT_BRACKET;
    }

    /** Names the op that a layer of another library is, as in {@code nn.ReLU()(x)}, or the path before the brackets. */
    private static String layer(Tokens tokens, int token) {
        int at = token - 1;
        int depth = 0;
        do {
            depth += tokens.kind(at).closes() ? 1 : tokens.kind(at).opens() ? -1 : 0;
            at--;
        } while (depth > 0 && at > 0);
        int first = at;
        while (first > 1 && tokens.kind(first - 1) == TokenKind.DOT) {
            first -= 2;
        }
        if (first == at || tokens.kind(at) != TokenKind.NAME) {
            return "";
        }
        String op = tokens.text(at).toLowerCase(Locale.ROOT);
        return "there is no " + tokens.text(first, at) + " here"
                + (OpCatalogue.find(op) != null
                        ? "; write " + op + "(x); "
                        : "; layers are in networks, and ops such as linear(x, W, b); ");
    }

    private static String hint(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        boolean isRaised = tokens.kind(token - 1) == TokenKind.SUPERSCRIPT && token > 1;
        String before = tokens.text(isRaised ? token - 2 : token - 1, token - 1);
        String after = tokens.text(token);
        if (tokens.kind(token - 1) == TokenKind.NEWLINE) {
            return cursor.nesting() > 0 ? "items are separated by ','" : "a product is written with '*'";
        }
        if (tokens.is(token - 1, "lambda")) {
            return "a lambda is bound to a name, f = lambda u: u^2, and called by it";
        }
        boolean isCall = tokens.kind(token - 1) == TokenKind.NAME && (OpCatalogue.find(before) != null || Library.bare().has(before))
                && tokens.kind(token) != TokenKind.NUMBER;
        if (isCall) {
            return "write " + before + "(" + after + "), or " + before + " * " + after + " for a product";
        }
        return "a product is written " + before + " * " + after + ", a matrix product " + before + " @ " + after
                + (cursor.nesting() > 0 ? "; items are separated by ','" : "");
    }

    /** The error for text that is no token. */
    static SyntaxException invalidToken(Tokens tokens, int token) {
        String text = tokens.text(token);
        if (text.startsWith("'") || text.startsWith("\"")) {
            return tokens.syntaxError(token, "the text that begins here is never closed")
                    .expected(text.substring(0, 1), "the end of the line")
                    .hint("close it on the same line; the transpose of x is x.T");
        }
        if (text.length() > 1 && text.codePoints().anyMatch(Names::isStart)) {
            String digits = text.replace("_", "");
            return tokens.syntaxError(token, tokens.quoted(token) + " is neither a number nor a name")
                    .hint(digits.chars().allMatch(Character::isDigit) ? "write " + digits : product(text));
        } else if (Character.isDigit(text.charAt(0))) {
            return tokens.syntaxError(token, tokens.quoted(token) + " is no number");
        }
        SyntaxException error = tokens.syntaxError(token, tokens.quoted(token) + " means nothing in an expression");
        @Nullable
        String hint = text.length() == 2 && FOREIGN.containsKey(text) ? FOREIGN.get(text) : SYMBOLS.get(text);
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
