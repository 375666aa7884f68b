package io.chainrule.core.expression;

/** Parses assignments to elements of an array, such as {@code x[0] = 1} and {@code x[mask] *= 2}. */
record ElementSyntax(Tokens tokens, Cursor cursor, SyntaxTree tree, ExpressionSyntax expressions) {
    /** Whether a name, an index and a sign that assigns stand at the token. */
    boolean isAt(int first) {
        int at = first;
        while (tokens.kind(first) == TokenKind.NAME && tokens.kind(at + 1) == TokenKind.LEFT_BRACKET) {
            at = new Operands(tokens).closing(at + 1);
        }
        return at > first && (tokens.kind(at + 1) == TokenKind.ASSIGN || tokens.kind(at + 1) == TokenKind.UPDATE);
    }

    /** Parses the whole statement. */
    void parse() {
        int name = cursor.at();
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
