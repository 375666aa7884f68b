package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;

/** Reads the value of an attribute: a number, a boolean, a text, or a list of these. */
final class AttributeReader {
    /** No attribute needs more than two; what checks and prints attributes may recurse. */
    static final int MAX_DEPTH = 16;

    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;

    AttributeReader(Tokens tokens, Cursor cursor, Scope scope) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
    }

    /** The value at the cursor, which is then behind it. */
    Object read(String attribute) {
        Deque<List<Object>> lists = new ArrayDeque<>();
        while (true) {
            Object value;
            if (cursor.kind() == TokenKind.LEFT_BRACKET && lists.size() < MAX_DEPTH) {
                lists.push(new ArrayList<>());
                cursor.open();
                if (cursor.kind() != TokenKind.RIGHT_BRACKET) {
                    continue;
                }
                cursor.close();
                value = lists.pop();
            } else {
                value = scalar(attribute);
            }
            while (true) {
                if (lists.isEmpty()) {
                    return value;
                }
                lists.element().add(value);
                if (cursor.accept(TokenKind.COMMA) && cursor.kind() != TokenKind.RIGHT_BRACKET) {
                    break;
                }
                cursor.close();
                value = lists.pop();
            }
        }
    }

    private Object scalar(String attribute) {
        int token = cursor.at();
        TokenKind kind = cursor.kind();
        boolean signed = kind == TokenKind.MINUS || kind == TokenKind.PLUS;
        int valueToken = signed ? cursor.after(token) : token;
        String text = tokens.text(valueToken);
        OptionalDouble number = switch (tokens.kind(valueToken)) {
            case NUMBER -> OptionalDouble.of(tokens.number(valueToken));
            case NAME -> scope.isFixed(valueToken) ? scope.number(valueToken) : Names.constant(text);
            default -> OptionalDouble.empty();
        };
        Object value;
        if (number.isPresent()) {
            value = kind == TokenKind.MINUS ? -number.getAsDouble() : number.getAsDouble();
        } else if (kind == TokenKind.TEXT) {
            value = text.substring(1, text.length() - 1);
        } else if (kind == TokenKind.NAME && (text.equals("true") || text.equals("True"))) {
            value = true;
        } else if (kind == TokenKind.NAME && (text.equals("false") || text.equals("False"))) {
            value = false;
        } else {
            String wanted = "a number, true, false, 'text' or a list of these";
            throw cursor.unexpected("attribute '" + attribute + "' is " + wanted + ", not " + tokens.quoted(token), wanted, null);
        }
        cursor.moveTo(valueToken);
        cursor.advance();
        return value;
    }
}
