package io.chainrule.core.expression;

import java.util.List;
import java.util.OptionalDouble;

/** Parses the heads of functions: their parameters, with defaults and annotations. */
record DefinitionSyntax(Tokens tokens, Cursor cursor) {
    /**
     * Parses the parameters of a function or a lambda, and all that stands between them and the body. Adds the parameters to a list, which
     * has those before the error if there is one.
     */
    void parse(List<Statement.Parameter> parameters, boolean isLambda) {
        TokenKind end = isLambda ? TokenKind.COLON : TokenKind.RIGHT_PAREN;
        if (!isLambda) {
            cursor.open();
        }
        while (cursor.kind() != end) {
            int token = cursor.at();
            String parameter = tokens.text(token);
            if (cursor.kind() != TokenKind.NAME || Names.isKeyword(parameter)) {
                throw tokens.syntaxError(token, "a parameter is a name, not " + tokens.quoted(token));
            } else if (parameters.stream().anyMatch(other -> other.name().equals(parameter))) {
                throw tokens.syntaxError(token, "two parameters are called '" + parameter + "'");
            }
            cursor.advance();
            if (!isLambda && cursor.accept(TokenKind.COLON)) {
                skipAnnotation();
            }
            parameters.add(new Statement.Parameter(parameter, cursor.accept(TokenKind.ASSIGN) ? number() : null));
            if (!cursor.accept(TokenKind.COMMA)) {
                break;
            }
        }
        if (!isLambda) {
            cursor.close();
            if (tokens.text(cursor.at()).equals("->")) {
                skipAnnotation();
            }
        } else if (cursor.kind() != end) {
            throw cursor.unexpected("':' stands behind the parameters of a lambda", "':'", null);
        }
        if (cursor.kind() == TokenKind.COLON || cursor.kind() == TokenKind.ASSIGN) {
            cursor.advance();
        } else {
            throw cursor.unexpected("':' stands behind the head of a function", "':'", null);
        }
    }

    /** Skips the type of a parameter or of a result. */
    private void skipAnnotation() {
        int depth = 0;
        boolean isPart;
        do {
            depth += cursor.kind().opens() ? 1 : cursor.kind().closes() ? -1 : 0;
            cursor.advance();
            isPart = switch (cursor.kind()) {
                case COMMA, RIGHT_PAREN, ASSIGN, COLON -> depth > 0;
                case END, NEWLINE, SEMICOLON -> false;
                default -> true;
            };
        } while (isPart);
    }

    /** Parses the number that a parameter is without an argument. */
    private Double number() {
        boolean isNegative = cursor.accept(TokenKind.MINUS);
        int token = cursor.at();
        OptionalDouble word = Names.truth(tokens.text(token));
        if (cursor.kind() != TokenKind.NUMBER && word.isEmpty()) {
            throw tokens.syntaxError(token, "what a parameter is without an argument is a number, not " + tokens.quoted(token))
                    .hint("a parameter is a name, or a name and a number, as in def f(u, k=2):");
        }
        double number = word.orElseGet(() -> tokens.number(token));
        cursor.advance();
        return isNegative ? -number : number;
    }
}
