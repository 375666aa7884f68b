package io.chainrule.core.expression;

/** Parses assignments to elements of an array, such as {@code x[0] = 1}, {@code x[mask] *= 2} and {@code np.add.at(x, i, y)}. */
record ElementSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, ExpressionSyntax expressions) {
    private static final int NONE = -1;

    /** The name of the array whose elements the statement at the token assigns; −1 if it assigns none. */
    int target(int first) {
        int at = first;
        while (tokens.kind(first) == TokenKind.NAME && tokens.kind(at + 1) == TokenKind.LEFT_BRACKET) {
            at = new Operands(tokens).closing(at + 1);
        }
        boolean isIndexed = at > first && (tokens.kind(at + 1) == TokenKind.ASSIGN || tokens.kind(at + 1) == TokenKind.UPDATE);
        return isIndexed ? first : isCall(first) ? first + 6 : NONE;
    }

    private boolean isCall(int first) {
        return tokens.kind(first) == TokenKind.NAME && tokens.kind(first + 1) == TokenKind.DOT
                && (tokens.is(first, "np") || tokens.is(first, "numpy"))
                && (tokens.is(first + 2, "add") || tokens.is(first + 2, "subtract"))
                && tokens.kind(first + 3) == TokenKind.DOT && tokens.is(first + 4, "at")
                && tokens.kind(first + 5) == TokenKind.LEFT_PAREN && tokens.kind(first + 6) == TokenKind.NAME
                && tokens.kind(first + 7) == TokenKind.COMMA;
    }

    /** Parses the rest of a call behind the name of the array, as the assignment to elements that it is. */
    private void parseCall(int name) {
        tree.add(Syntax.NAME, name);
        int target = tree.add(Syntax.TARGET, name - 1);
        cursor.moveTo(name + 2);
        int argument = tree.add(Syntax.ARGUMENT, cursor.at());
        expressions.parseUntil(TokenKind.COMMA);
        tree.setExtent(argument, tree.size());
        tree.setExtent(target, tree.add(Syntax.SUBSCRIPT, name - 1, 1));
        if (!cursor.accept(TokenKind.COMMA)) {
            throw cursor.unexpected("the array, the index and what is added are separated by commas", "','", null);
        }
        expressions.parseUntil(TokenKind.COMMA);
        if (cursor.kind() != TokenKind.RIGHT_PAREN) {
            throw cursor.unexpected("')' stands behind what is added", "')'", null);
        }
        tree.add(Syntax.ASSIGNMENT, cursor.at());
        cursor.advance();
    }

    /** Parses the whole statement, which assigns to elements of the array of this name. */
    void parse(int name) {
        if (name > cursor.at()) {
            parseCall(name);
            return;
        }
        SyntaxErrors.checkName(tokens, name, "no statement can have this name");
        int first = tree.size();
        expressions.parseUntil(TokenKind.ASSIGN);
        int index = first + 1;
        if (tree.kind(index) != Syntax.INDEX || tree.extent(index) != tree.size() - 1) {
            throw tokens.syntaxError(tree.token(tree.size() - 1), "elements are assigned by one index")
                    .hint("write " + tokens.text(name) + "[i, j] instead of " + tokens.text(name) + "[i][j]");
        }
        tree.setKind(index, Syntax.TARGET);
        int sign = cursor.at();
        cursor.advance();
        expressions.parse();
        tree.add(Syntax.ASSIGNMENT, sign);
    }
}
