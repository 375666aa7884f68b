package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The names that a loop, or a list that is written once for all its items, counts with: {@code i}, or {@code i, (a, b)}. */
record LoopNames(Tokens tokens) {
    private static final Set<String> ITERATIONS = Set.of("range", "zip", "enumerate", "reversed");

    /** Returns the token of {@code in} behind the names that begin at a token. Throws an exception if there are none. */
    int end(int first) {
        int at = first;
        while (isPart(at)) {
            at++;
        }
        if (at == first || tokens.kind(at - 1) == TokenKind.COMMA || !tokens.is(at, "in")) {
            throw tokens.syntaxError(first, "'for' counts with a name").hint("write for i in range(3)");
        }
        return at;
    }

    /** Whether what a loop of Python runs over stands at a token, and no slice. */
    boolean runsOver(int token) {
        return tokens.kind(token) == TokenKind.LEFT_BRACKET || isTuple(token)
                || tokens.kind(token) == TokenKind.NAME && switch (tokens.kind(token + 1)) {
                    case LEFT_PAREN -> ITERATIONS.contains(tokens.text(token));
                    case COLON -> tokens.kind(token + 2).endsStatement();
                    default -> false;
                };
    }

    private boolean isTuple(int token) {
        return tokens.kind(token) == TokenKind.LEFT_PAREN && tokens.kind(new Operands(tokens).closing(token) + 1) == TokenKind.COLON
                && new PythonStatements(tokens).hasItems(token);
    }

    private boolean isPart(int token) {
        return switch (tokens.kind(token)) {
            case NAME -> !tokens.is(token, "in");
            case COMMA, LEFT_PAREN, RIGHT_PAREN -> true;
            default -> false;
        };
    }

    /** The tokens of the names that begin at a token. */
    List<Integer> of(int first) {
        List<Integer> names = new ArrayList<>();
        for (int at = first; isPart(at); at++) {
            if (tokens.kind(at) == TokenKind.NAME) {
                names.add(at);
            }
        }
        return names;
    }
}
