package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/** Unrolls loops: sends the parser back to the start of a body until all passes are done. */
final class LoopReader {
    private static final String ROLE = "a bound of a loop";
    private static final String WANTED = "a whole number";

    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final WholeNumberReader numbers;
    private final Deque<Loop> open = new ArrayDeque<>();

    LoopReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, Problems problems, WholeNumberReader numbers) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
        this.numbers = numbers;
    }

    /** Whether a statement begins like {@code for i}. */
    boolean isLoop(int first) {
        return tokens.kind(first) == TokenKind.NAME && tokens.text(first).equals("for") && cursor.following() == TokenKind.NAME;
    }

    /** Reads {@code for i in 0:10:2:}; what follows is the body. */
    void begin() {
        int first = cursor.at();
        int column = lineColumn(first);
        int before = problems.total();
        Loop.Header header;
        boolean endsInColon = false;
        try {
            header = header();
            endsInColon = cursor.accept(TokenKind.COLON);
            if (!endsInColon && cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END) {
                throw cursor.unexpected("the body of a loop stands on lines of its own, or behind ':'");
            }
        } catch (SyntaxException e) {
            problems.add(e.problem());
            cursor.recover(e.resumeAt());
            String variable = tokens.text(first + 1);
            header = new Loop.Header(Names.isKeyword(variable) ? null : variable, 0, 1, 0);
        }
        boolean isBroken = problems.total() > before;
        while (isBroken && cursor.kind() == TokenKind.SEMICOLON) {
            skipStatement();
        }
        boolean isInline = cursor.kind() != TokenKind.NEWLINE && cursor.kind() != TokenKind.END;
        if (!isInline) {
            cursor.accept(TokenKind.NEWLINE);
            if (!tokens.startsLine(cursor.at()) || cursor.kind() == TokenKind.END || column(cursor.at()) <= column) {
                if (!isBroken) {
                    problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, first, "the loop has no body")
                            .hint("indent the statements that are repeated"));
                }
                return;
            }
        }
        writer.checkPasses(header.passes());
        boolean isRead = !isBroken && header.passes() > 0 && !writer.isPaused();
        Loop loop = new Loop(header, column, isInline, cursor.at(), writer.site(), writer.pause(!isRead), before);
        loop.remaining = isRead ? header.passes() : 1;
        open.push(loop);
        beginPass(loop);
    }

    /** At the end of a body goes to the next pass, or on behind the loop; answers whether it did. */
    boolean endPass() {
        Loop loop = open.peek();
        if (loop == null || !isAtEnd(loop)) {
            return false;
        }
        loop.length = Math.max(loop.length, cursor.at() - loop.body);
        loop.remaining--;
        if (loop.remaining > 0 && problems.total() == loop.problemsBefore) {
            loop.value += loop.step;
            cursor.moveTo(loop.body);
            beginPass(loop);
        } else {
            open.pop();
            writer.returnTo(loop.site);
            writer.pause(loop.wasPaused);
            scope.endCount(loop.variable);
        }
        return true;
    }

    /** Says where a line of a body is indented otherwise than its first. */
    void checkIndentation() {
        Loop loop = open.peek();
        if (loop == null || loop.isInline || !tokens.startsLine(cursor.at())) {
            return;
        }
        int column = column(cursor.at());
        loop.bodyColumn = loop.bodyColumn == 0 ? column : loop.bodyColumn;
        if (column != loop.bodyColumn) {
            problems.add(tokens
                    .problem(ProblemCode.SYNTAX_ERROR, cursor.at(),
                            "this line begins in column " + column + ", the first of the loop's body in column " + loop.bodyColumn)
                    .hint("all lines of a body are indented equally deep"));
        }
    }

    private void beginPass(Loop loop) {
        if (loop.variable != null) {
            scope.count(loop.variable, loop.value);
            writer.enter(new Site.Pass(loop.site, loop.variable, loop.value), loop.length);
        }
    }

    private boolean isAtEnd(Loop loop) {
        if (cursor.kind() == TokenKind.END) {
            return true;
        } else if (loop.isInline) {
            return cursor.kind() == TokenKind.NEWLINE;
        }
        return cursor.kind() != TokenKind.NEWLINE && tokens.startsLine(cursor.at()) && column(cursor.at()) <= loop.column;
    }

    private Loop.Header header() {
        cursor.advance();
        int variable = cursor.at();
        if (Names.isKeyword(tokens.text(variable))) {
            throw tokens.syntaxError(variable, tokens.quoted(variable) + " is a word of the language; no loop can count with it");
        }
        scope.checkCount(variable);
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || !tokens.text(cursor.at()).equals("in")) {
            throw cursor.unexpected("'in' stands behind the name that a loop counts with, not " + tokens.quoted(cursor.at()), "'in'",
                    "write for i in 0:10");
        }
        cursor.advance();
        if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.LEFT_PAREN) {
            throw cursor.unexpected("a loop runs over a slice, not over " + tokens.quoted(cursor.at()), null, "write for i in 0:10");
        }
        OptionalLong start = numbers.read(ROLE, WANTED);
        if (!cursor.accept(TokenKind.COLON)) {
            throw cursor.unexpected("a loop runs over a slice; ':' is missing before " + tokens.quoted(cursor.at()), "':'",
                    "write for i in 0:10");
        }
        OptionalLong stop = numbers.read(ROLE, WANTED);
        int stepAt = cursor.after(cursor.at());
        OptionalLong step = OptionalLong.of(1);
        if (cursor.kind() == TokenKind.COLON && isStep(stepAt)) {
            cursor.advance();
            step = numbers.read("the step of a loop", WANTED);
        }
        if (step.isPresent() && step.getAsLong() == 0) {
            throw tokens.syntaxError(stepAt, "the step of a loop is not 0");
        }
        return Loop.Header.of(tokens.text(variable), start.orElse(0), stop.orElse(0), step.orElse(1));
    }

    /** Whether a number stands here, and behind it the end of the loop's line; else it is the body. */
    private boolean isStep(int token) {
        int number = tokens.kind(token) == TokenKind.MINUS ? token + 1 : token;
        return tokens.kind(number) == TokenKind.NUMBER && switch (tokens.kind(number + 1)) {
            case NEWLINE, COLON, END -> true;
            default -> false;
        };
    }

    private void skipStatement() {
        do {
            cursor.advance();
        } while (!cursor.kind().endsStatement());
    }

    private int column(int token) {
        return tokens.position(token).column();
    }

    private int lineColumn(int token) {
        int first = token;
        while (!tokens.startsLine(first)) {
            first--;
        }
        return column(first);
    }
}
