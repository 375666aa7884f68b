package io.chainrule.core.expression;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The parser's position among the tokens. It keeps track of the open brackets, because line breaks inside brackets are skipped. */
final class Cursor {
    private final Tokens tokens;
    private final int maxNesting;
    private final IntList open = new IntList();
    private int at;

    Cursor(Tokens tokens, int maxNesting) {
        this.tokens = tokens;
        this.maxNesting = maxNesting;
    }

    int at() {
        return at;
    }

    TokenKind kind() {
        return tokens.kind(at);
    }

    TokenKind following() {
        return tokens.kind(after(at));
    }

    int after(int token) {
        int next = Math.min(token + 1, tokens.size() - 1);
        return nesting() > 0 && tokens.kind(next) == TokenKind.NEWLINE ? next + 1 : next;
    }

    void advance() {
        at = after(at);
    }

    /** Moves to a token inside the same brackets. */
    void moveTo(int token) {
        at = token;
    }

    boolean accept(TokenKind kind) {
        boolean found = kind() == kind;
        if (found) {
            advance();
        }
        return found;
    }

    /** Whether the line ends at the current token. */
    boolean endsLine() {
        return kind() == TokenKind.NEWLINE || kind() == TokenKind.END;
    }

    /** Moves over line breaks and semicolons to the next statement, or to the end of the text. */
    void skipSeparators() {
        while (kind().endsStatement() && kind() != TokenKind.END) {
            advance();
        }
    }

    /** Consumes an opening bracket. */
    void open() {
        if (open.size() >= maxNesting) {
            throw LimitException.moreThan("nesting", maxNesting);
        }
        open.push(at);
        advance();
    }

    /** Treats the two bars that opened a norm as bars of their own, one inside the other. */
    void splitBars() {
        open.push(open.peek() + 1);
    }

    /** Consumes the bar, or the two bars, that close the innermost open ones. */
    void closeBars(boolean areTwo) {
        open.pop();
        advance();
        if (areTwo) {
            advance();
        }
    }

    /** Consumes the bracket that closes the innermost open one. Throws an exception if the current token does not close it. */
    void close() {
        if (nesting() == 0) {
            throw closesNothing();
        }
        String needed = closing(tokens.kind(open.peek()));
        if (!kind().closes()) {
            throw unexpected(tokens.quoted(at) + " stands where ',' or " + needed + " is needed", needed, null);
        } else if (!tokens.quoted(at).equals(needed)) {
            throw tokens.syntaxError(at, tokens.located(open.peek()) + " is closed by " + tokens.quoted(at)).expected(needed,
                    tokens.quoted(at));
        }
        open.pop();
        advance();
    }

    /** The number of open brackets. */
    int nesting() {
        return open.size();
    }

    /** The token of the innermost open bracket. */
    int innermost() {
        return open.peek();
    }

    SyntaxException unexpected(String message) {
        return unexpected(message, null, null);
    }

    /**
     * Returns the error for a current token that is not allowed here. If a bracket is open at the end of the text or of the statement,
     * or where the next statement seems to begin, the error is about the bracket, which was probably never closed. A statement seems to
     * begin at a name that begins a line and is not indented deeper than the line of the bracket.
     */
    SyntaxException unexpected(String message, @Nullable String expected, @Nullable String hint) {
        if (nesting() > 0) {
            int next = kind() == TokenKind.ASSIGN ? at - 1 : at;
            if (kind() == TokenKind.END || kind() == TokenKind.SEMICOLON || beginsStatement(next)) {
                return neverClosed(next);
            }
        }
        if (kind() == TokenKind.INVALID) {
            return SyntaxErrors.invalidToken(tokens, at);
        }
        Problem problem = tokens.problem(ProblemCode.SYNTAX_ERROR, at, message).hint(hint);
        return new SyntaxException(expected == null ? problem : problem.expected(expected, tokens.quoted(at)));
    }

    SyntaxException closesNothing() {
        return tokens.syntaxError(at, tokens.quoted(at) + " closes nothing").hint("leave it out, or write the bracket that it closes");
    }

    /**
     * Skips the rest of a statement that has an error. Parsing continues at {@code resumeAt} or, if that is empty, at the end of the
     * statement.
     */
    void recover(OptionalInt resumeAt) {
        at = resumeAt.orElseGet(this::endOfStatement);
        open.clear();
    }

    /**
     * Whether the current name begins the next statement although a bracket is open, which was then never closed. A name that is
     * followed by an operator, a comma, a colon or a closing bracket continues the bracket instead.
     */
    boolean isNextStatement() {
        return nesting() > 0 && beginsStatement(at) && Operator.of(following()) == null && switch (following()) {
            case COMMA, COLON, RIGHT_PAREN, RIGHT_BRACKET, RIGHT_BRACE, BAR, DOUBLE_BAR, SUPERSCRIPT -> false;
            default -> true;
        };
    }

    private boolean beginsStatement(int token) {
        if (tokens.kind(token) != TokenKind.NAME || !tokens.startsLine(token) || token <= open.peek()) {
            return false;
        }
        return tokens.column(token) <= tokens.indentation(open.peek());
    }

    /** The error for the innermost bracket or bar, which another one closes too early. */
    SyntaxException neverClosed() {
        return neverClosed(at);
    }

    private SyntaxException neverClosed(int resumeAt) {
        int bracket = open.peek();
        Problem problem = tokens.problem(ProblemCode.SYNTAX_ERROR, bracket, tokens.located(bracket) + " is never closed")
                .hint(kind() == TokenKind.SEMICOLON
                        ? Matrices.hint(tokens, bracket)
                        : tokens.kind(bracket) == TokenKind.BAR ? "write |x| for the absolute value, a or b for a choice" : null);
        return new SyntaxException(problem.expected(closing(tokens.kind(bracket)), tokens.quoted(at)),
                resumeAt == at && !beginsStatement(at) ? OptionalInt.empty() : OptionalInt.of(resumeAt));
    }

    /**
     * Returns the next semicolon, line break or end of the text that ends the statement. Line breaks inside brackets do not, unless the
     * brackets are never closed.
     */
    private int endOfStatement() {
        int depth = open.size();
        int firstBreak = -1;
        for (int i = at;; i++) {
            TokenKind kind = tokens.kind(i);
            if (kind.endsStatement()) {
                firstBreak = firstBreak < 0 ? i : firstBreak;
                if (depth == 0 || kind == TokenKind.SEMICOLON) {
                    return i;
                } else if (kind == TokenKind.END) {
                    return firstBreak;
                }
            }
            depth += kind.opens() ? 1 : kind.closes() && depth > 0 ? -1 : 0;
        }
    }

    private static String closing(TokenKind opening) {
        return switch (opening) {
            case LEFT_PAREN -> "')'";
            case LEFT_BRACE -> "'}'";
            case BAR -> "'|'";
            case DOUBLE_BAR -> "'‖'";
            default -> "']'";
        };
    }
}
