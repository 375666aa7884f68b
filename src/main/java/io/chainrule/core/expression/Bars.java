package io.chainrule.core.expression;

import io.chainrule.core.expression.OperatorStack.Next;

/** Parses the bars of absolute values and norms, which open and close by the same sign. */
record Bars(Tokens tokens, Cursor cursor, SyntaxTree tree, OperatorStack stack) {
    /** Consumes one bar or, for a norm, two bars, and pushes them as a bracket. */
    Next open() {
        boolean areTwo = cursor.kind() == TokenKind.BAR && isBar(cursor.at() + 1);
        stack.open(cursor.kind() == TokenKind.DOUBLE_BAR || areTwo ? Syntax.NORM : Syntax.ABS, cursor.at(), Bracket.NONE);
        if (areTwo) {
            cursor.advance();
        }
        return Next.OPERAND;
    }

    private boolean isBar(int token) {
        return tokens.kind(token) == TokenKind.BAR && tokens.end(token - 1) == tokens.start(token);
    }

    /** Whether the bars at the cursor, behind an operand, close bars. */
    boolean areClosing() {
        Bracket bracket = stack.innermost();
        return bracket != null && bracket.isBar()
                && (cursor.kind() == TokenKind.DOUBLE_BAR) == (tokens.kind(bracket.token) == TokenKind.DOUBLE_BAR);
    }

    /** Consumes the bars at the cursor and adds the node of what they close. */
    Next close() {
        Bracket bracket = stack.pop();
        boolean areTwo = bracket.closes == Syntax.NORM && cursor.kind() == TokenKind.BAR;
        if (areTwo && !isBar(cursor.at() + 1)) {
            // The two bars that opened were not those of a norm, as in ||x| - 1|.
            areTwo = false;
            bracket.closes = Syntax.ABS;
            stack.push(new Bracket(Syntax.ABS, bracket.token, Bracket.NONE, bracket.around));
            cursor.splitBars();
        }
        cursor.closeBars(areTwo);
        int order = 0;
        if (bracket.closes == Syntax.NORM && isOrder(cursor.at())) {
            order = cursor.at();
            cursor.advance();
        }
        tree.add(bracket.closes, bracket.token, order);
        return Next.OPERATOR;
    }

    /** Whether the token is the order of a norm, written as a subscript: {@code ‖x‖₁} or {@code ‖x‖_1}. */
    private boolean isOrder(int token) {
        return tokens.kind(token) == TokenKind.SUBSCRIPT
                || tokens.kind(token) == TokenKind.NAME && (tokens.text(token).startsWith("_") || tokens.is(token, "∞"))
                        && tokens.end(token - 1) == tokens.start(token);
    }
}
