package io.chainrule.core.expression;

import java.util.List;

/** Parses the headers of loops. */
record LoopSyntax(Tokens tokens, Cursor cursor, ExpressionSyntax expressions) {
    /** Parses the header of a loop, such as {@code for i in 0:10:2:}, up to the body. */
    void parse() {
        cursor.advance();
        LoopNames loops = new LoopNames(tokens);
        List<Integer> names = loops.of(cursor.at());
        SyntaxErrors.checkName(tokens, cursor.at(), "no loop can count with it");
        for (int name : names) {
            SyntaxErrors.checkName(tokens, name, "no loop can count with it");
        }
        cursor.moveTo(names.size() < 2 ? cursor.after(cursor.at()) : loops.end(cursor.at()));
        if (cursor.kind() != TokenKind.NAME || !tokens.text(cursor.at()).equals("in")) {
            throw cursor.unexpected("'in' stands behind the name that a loop counts with, not " + tokens.quoted(cursor.at()), "'in'",
                    "write for i in range(10)");
        }
        cursor.advance();
        boolean isRange = loops.runsOver(cursor.at());
        if (!isRange && cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.LEFT_PAREN
                && !tokens.text(cursor.at()).equals("len")) {
            throw cursor.unexpected("a loop runs over a range, not over " + tokens.quoted(cursor.at()), null, "write for i in range(10)");
        }
        checkIterable(isRange);
        int first = cursor.at();
        expressions.parse(isRange ? ConstantRole.ITERATION : ConstantRole.BOUND);
        if (!isRange) {
            if (!cursor.accept(TokenKind.COLON)) {
                throw cursor.unexpected("a loop runs over a slice; ':' is missing before " + tokens.quoted(cursor.at()), "':'",
                        "write for i in range(10)");
            }
            if (cursor.endsLine()) {
                throw tokens.syntaxError(first, "a loop runs over a range, and not over one number")
                        .hint("write for i in range(" + tokens.text(first, cursor.at() - 2) + ")");
            }
            expressions.parse(ConstantRole.BOUND);
            step();
        }
        if (!cursor.accept(TokenKind.COLON) && (isRange || !cursor.endsLine())) {
            throw cursor.unexpected(isRange
                    ? "':' stands behind the range of a loop"
                    : "the body of a loop stands on lines of its own, or behind ':'", null, isRange ? "write for i in range(10):" : null);
        }
    }

    /** Refuses what a loop of Python can run over, and a loop here only if it has a name. */
    private void checkIterable(boolean isRange) {
        int first = cursor.at();
        int last = new Operands(tokens).last(first);
        boolean isIterable = !isRange && tokens.kind(first) == TokenKind.NAME && last > first && !tokens.is(first, "len")
                && tokens.kind(last + 1) == TokenKind.COLON && tokens.kind(last + 2).endsStatement();
        if (isIterable) {
            String text = new Operands(tokens).shown(first, last);
            throw tokens.syntaxError(first, "a loop runs over a range or a name, not over " + text)
                    .hint("write items = " + text + " on a line before the loop, and run over items");
        }
    }

    /**
     * Parses the step, if there is one. A number after ':' is the step if the line ends or another ':' follows; otherwise it is the
     * body.
     */
    private void step() {
        int first = cursor.after(cursor.at());
        int number = tokens.kind(first) == TokenKind.MINUS ? first + 1 : first;
        boolean isStep = cursor.kind() == TokenKind.COLON && tokens.kind(number) == TokenKind.NUMBER && switch (tokens.kind(number + 1)) {
            case NEWLINE, COLON, END -> true;
            default -> false;
        };
        if (isStep) {
            cursor.advance();
            expressions.parse(ConstantRole.BOUND);
            if (tokens.number(number) == 0) {
                throw tokens.syntaxError(first, "the step of a loop is not 0");
            }
        }
    }
}
