package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads matrices as MATLAB and Julia write them, {@code [1 2; 3 4]}, for messages that show them as lists. */
final class Matrices {
    private static final int LONGEST = 20;

    private Matrices() {}

    /** How the list is written that a square bracket begins; null if it is no list of numbers and names, or if it is long. */
    static @Nullable String written(Tokens tokens, int open) {
        if (tokens.kind(open) != TokenKind.LEFT_BRACKET) {
            return null;
        }
        List<String> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        boolean isSigned = false;
        for (int at = open + 1; at < open + LONGEST; at++) {
            boolean isGlued = tokens.kind(at) == TokenKind.NAME && tokens.end(at - 1) == tokens.start(at)
                    && tokens.kind(at - 1) == TokenKind.NUMBER;
            if (isGlued) {
                return null;
            }
            switch (tokens.kind(at)) {
                case NUMBER, NAME -> {
                    row.add((isSigned ? "-" : "") + tokens.text(at));
                    isSigned = false;
                }
                case MINUS -> isSigned = true;
                case COMMA -> {
                    // Columns are separated by blanks or by commas.
                }
                case SEMICOLON, NEWLINE -> {
                    rows.add("[" + String.join(", ", row) + "]");
                    row.clear();
                }
                case RIGHT_BRACKET -> {
                    rows.add("[" + String.join(", ", row) + "]");
                    return rows.size() == 1 ? rows.getFirst() : "[" + String.join(", ", rows) + "]";
                }
                default -> {
                    return null;
                }
            }
        }
        return null;
    }

    /** The last token of the matrix that a bracket begins. */
    static int end(Tokens tokens, int open) {
        int at = open;
        while (tokens.kind(at) != TokenKind.RIGHT_BRACKET && tokens.kind(at) != TokenKind.END) {
            at++;
        }
        return at;
    }

    /** What to write instead of a semicolon in a bracket; null if the bracket is no matrix. */
    static @Nullable String hint(Tokens tokens, int open) {
        String written = written(tokens, open);
        return written == null ? null : "a matrix is written " + written;
    }
}
