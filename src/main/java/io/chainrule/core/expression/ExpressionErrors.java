package io.chainrule.core.expression;

import io.chainrule.core.op.OpCatalogue;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says in plain words what an expression lacks at the cursor. */
final class ExpressionErrors {
    private static final Map<String, String> WORDS = Map.of("and", "write logical_and(a, b)", "or", "write logical_or(a, b)", "if",
            "write where(condition, a, b)");

    private ExpressionErrors() {}

    /** A value should stand here. */
    static SyntaxException missingValue(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        TokenKind kind = cursor.kind();
        if (kind == TokenKind.TEXT) {
            return cursor.unexpected("a text stands only as the value of an attribute");
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

    /** A value has been read, and what follows cannot go on from it. */
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

    /** A dot and something other than T. */
    static SyntaxException unknownMember(Tokens tokens, Cursor cursor) {
        String name = tokens.quoted(cursor.at());
        return cursor.unexpected(name + " means nothing after '.'", "'T'", memberHint(tokens.text(cursor.at())));
    }

    private static String memberHint(String name) {
        @Nullable
        String write = OpCatalogue.find(name) != null ? name + "(…)" : Names.constant(name).isPresent() ? name : null;
        return write == null ? "only .T, the transpose, follows a value" : "write " + write;
    }
}
