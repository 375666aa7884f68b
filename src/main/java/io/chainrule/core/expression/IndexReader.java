package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what stands in the brackets of {@code x[...]}: whole numbers, slices, an ellipsis. */
final class IndexReader {
    private static final String ROLE = "an index";
    private static final String WANTED = "a whole number, a slice like 1:3, or ...";

    private final Tokens tokens;
    private final Cursor cursor;
    private final WholeNumberReader numbers;
    private boolean known;

    IndexReader(Tokens tokens, Cursor cursor, WholeNumberReader numbers) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.numbers = numbers;
    }

    /**
     * The items, numbers ({@link Double}) and texts like "1:3"; empty where a number in them is not known. The cursor is at
     * the opening bracket before and behind the closing one after.
     */
    Optional<List<Object>> read() {
        List<Object> items = new ArrayList<>();
        known = true;
        cursor.open();
        do {
            items.add(item());
        } while (cursor.accept(TokenKind.COMMA) && cursor.kind() != TokenKind.RIGHT_BRACKET);
        cursor.close();
        return known ? Optional.of(items) : Optional.empty();
    }

    private Object item() {
        if (cursor.accept(TokenKind.ELLIPSIS)) {
            return "...";
        }
        String start = bound();
        if (cursor.kind() != TokenKind.COLON) {
            if (start.isEmpty()) {
                throw numbers.notWhole(ROLE, WANTED);
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
        if (!numbers.begins()) {
            return "";
        }
        int token = cursor.at();
        OptionalLong number = numbers.read(ROLE, WANTED);
        known &= number.isPresent();
        long value = number.orElse(0);
        if (Math.abs(value) > Integer.MAX_VALUE) {
            throw tokens.syntaxError(token, "the index " + value + " is too large");
        }
        return Long.toString(value);
    }
}
