package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;

/** Reads what stands in the brackets of {@code x[...]}: whole numbers, slices, an ellipsis. */
final class IndexReader {
    private final Tokens tokens;
    private final Cursor cursor;

    IndexReader(Tokens tokens, Cursor cursor) {
        this.tokens = tokens;
        this.cursor = cursor;
    }

    /** The items, numbers ({@link Double}) and texts like "1:3"; the cursor is at the opening bracket before and behind the closing one after. */
    List<Object> read() {
        List<Object> items = new ArrayList<>();
        cursor.open();
        do {
            items.add(item());
        } while (cursor.accept(TokenKind.COMMA) && cursor.kind() != TokenKind.RIGHT_BRACKET);
        cursor.close();
        return items;
    }

    private Object item() {
        if (cursor.accept(TokenKind.ELLIPSIS)) {
            return "...";
        }
        String start = bound();
        if (cursor.kind() != TokenKind.COLON) {
            if (start.isEmpty()) {
                throw noIndex();
            }
            return Double.valueOf(start);
        }
        StringBuilder slice = new StringBuilder(start);
        for (int colons = 0; colons < 2 && cursor.accept(TokenKind.COLON); colons++) {
            String bound = bound();
            slice.append(colons == 0 || !bound.isEmpty() ? ":" : "").append(bound);
        }
        return slice.toString();
    }

    /** A whole number as text, empty where there is none. */
    private String bound() {
        int token = cursor.at();
        String sign = cursor.accept(TokenKind.MINUS) ? "-" : "";
        if (cursor.kind() != TokenKind.NUMBER) {
            if (cursor.at() != token) {
                throw noIndex();
            }
            return "";
        }
        double value = tokens.number(cursor.at());
        if (value != Math.rint(value) || value > Integer.MAX_VALUE) {
            throw tokens.syntaxError(token, "an index is a whole number, not " + tokens.quoted(cursor.at())).expected("a whole number",
                    tokens.quoted(cursor.at()));
        }
        cursor.advance();
        return sign + (int) value;
    }

    private SyntaxException noIndex() {
        String wanted = "a whole number, a slice like 1:3, or ...";
        return cursor.unexpected("an index is " + wanted + ", not " + tokens.quoted(cursor.at()), wanted, null);
    }
}
