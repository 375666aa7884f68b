package io.chainrule.core.expression;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Where the parser stands among the tokens. Knows the open brackets, inside which line breaks are passed over. */
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

    /** Goes on at a token inside the same brackets. */
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

    /** Passes an opening bracket. */
    void open() {
        if (open.size() >= maxNesting) {
            throw LimitException.moreThan("nesting", maxNesting);
        }
        open.push(at);
        advance();
    }

    /** Passes the bracket that closes the innermost one, or says why it does not. */
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

    /** How deep brackets are nested here. */
    int nesting() {
        return open.size();
    }

    SyntaxException unexpected(String message) {
        return unexpected(message, null, null);
    }

    /**
     * The current token does not belong here. Where it ends the statement, or a name begins a line that is no deeper
     * indented, the bracket that is still open is to blame.
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
        return tokens.syntaxError(at, tokens.quoted(at) + " closes nothing");
    }

    /** Leaves the current statement for the token from which to go on. */
    void recover(OptionalInt resumeAt) {
        at = resumeAt.orElseGet(this::endOfStatement);
        open.clear();
    }

    /** Whether a name stands here that begins a statement rather than going on in a bracket, which was left open then. */
    boolean isNextStatement() {
        return nesting() > 0 && beginsStatement(at) && Operator.of(following()) == null && switch (following()) {
            case COMMA, COLON, RIGHT_PAREN, RIGHT_BRACKET -> false;
            default -> true;
        };
    }

    private boolean beginsStatement(int token) {
        if (tokens.kind(token) != TokenKind.NAME || !tokens.startsLine(token) || token <= open.peek()) {
            return false;
        }
        int line = open.peek();
        while (!tokens.startsLine(line)) {
            line--;
        }
        return tokens.position(token).column() <= tokens.position(line).column();
    }

    private SyntaxException neverClosed(int resumeAt) {
        int bracket = open.peek();
        Problem problem = tokens.problem(ProblemCode.SYNTAX_ERROR, bracket, tokens.located(bracket) + " is never closed");
        return new SyntaxException(problem.expected(closing(tokens.kind(bracket)), tokens.quoted(at)), OptionalInt.of(resumeAt));
    }

    /** The next separator outside brackets; if they never close, the next separator. */
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
        return opening == TokenKind.LEFT_PAREN ? "')'" : "']'";
    }
}
