package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemCode;
import java.util.Arrays;
import java.util.Objects;

/** The tokens of a text; the last one is END. They are kept in arrays, so that a million tokens need little memory. */
final class Tokens {
    private static final int LONGEST_QUOTE = 40;
    private static final int CHARACTERS_A_TOKEN = 3;
    private static final double[] POWERS_OF_TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

    private final String source;
    private TokenKind[] kinds;
    private int[] starts;
    private int[] ends;
    private int size;
    private final SourceLines lines;

    Tokens(String source) {
        int likely = source.length() / CHARACTERS_A_TOKEN + 16;
        this.source = source;
        this.kinds = new TokenKind[likely];
        this.starts = new int[likely];
        this.ends = new int[likely];
        this.lines = new SourceLines(source);
    }

    void add(TokenKind kind, int start, int end) {
        if (size == kinds.length) {
            int longer = size + (size >> 1);
            kinds = Arrays.copyOf(kinds, longer);
            starts = Arrays.copyOf(starts, longer);
            ends = Arrays.copyOf(ends, longer);
        }
        kinds[size] = kind;
        starts[size] = start;
        ends[size] = end;
        size++;
    }

    int size() {
        return size;
    }

    TokenKind kind(int token) {
        return kinds[token];
    }

    int start(int token) {
        return starts[token];
    }

    int end(int token) {
        return ends[token];
    }

    String text(int token) {
        return text(token, token);
    }

    /** Whether the token is a name, and this one. */
    boolean is(int token, String word) {
        return kinds[token] == TokenKind.NAME && ends[token] - starts[token] == word.length() && source.startsWith(word, starts[token]);
    }

    /** Whether the token is the T of a transpose that is written as a power. */
    boolean isRaisedT(int token) {
        return token > 1 && is(token, "T") && kinds[token - 1] == TokenKind.POWER;
    }

    /** The source text up to the end of a token. */
    String through(int token) {
        return source.substring(0, ends[token]);
    }

    /** The source text from one token through another. */
    String text(int first, int last) {
        return source.substring(starts[first], ends[last]);
    }

    /**
     * Returns the value of a number. Up to 15 digits, and the power of ten that they are divided by, are exact doubles, so that one
     * division rounds their quotient correctly (Clinger 1990). Other numbers need {@link Double#parseDouble}, which is slower.
     */
    double number(int token) {
        long digits = 0;
        int decimals = -1;
        for (int at = starts[token]; at < ends[token]; at++) {
            int digit = source.charAt(at) - '0';
            if (at - starts[token] > 15 || digit > 9) {
                return digit > 9 && Characters.isFraction(source.charAt(at))
                        ? Characters.fraction(source.charAt(at))
                        : Double.parseDouble(text(token));
            } else if (digit < 0) {
                decimals = 0;
            } else {
                digits = 10 * digits + digit;
                decimals += decimals < 0 ? 0 : 1;
            }
        }
        return decimals <= 0 ? digits : digits / POWERS_OF_TEN[decimals];
    }

    /** The operator that a token is, or that an assignment such as += applies. */
    Operator operator(int token) {
        return Objects.requireNonNull(kind(token) == TokenKind.UPDATE
                ? Operator.ofSymbol(source.substring(starts[token], ends[token] - 1))
                : Operator.of(kind(token)));
    }

    /** The approximate size in memory, in bytes. */
    long bytes() {
        return 2L * source.length() + 12L * kinds.length;
    }

    boolean startsLine(int token) {
        return token == 0 || kind(token - 1) == TokenKind.NEWLINE;
    }

    SourceLines lines() {
        return lines;
    }

    int column(int token) {
        return position(token).column();
    }

    /** The column of the first token in the line of a token. */
    int indentation(int token) {
        int first = token;
        while (!startsLine(first)) {
            first--;
        }
        return column(first);
    }

    Position position(int token) {
        return lines().position(start(token));
    }

    /** The token as messages quote it. */
    String quoted(int token) {
        return switch (kind(token)) {
            case END -> "the end of the text";
            case NEWLINE -> "the end of the line";
            default -> {
                String text = text(token);
                yield "'" + (text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…") + "'";
            }
        };
    }

    /** The token and where it is, for messages about another place. */
    String located(int token) {
        return quoted(token) + " at " + place(token);
    }

    String place(int token) {
        Position position = position(token);
        return "line " + position.line() + ", column " + position.column();
    }

    Problem problem(ProblemCode code, int token, String message) {
        return Problem.of(code, message).position(position(token));
    }

    SyntaxException syntaxError(int token, String message) {
        return new SyntaxException(problem(ProblemCode.SYNTAX_ERROR, token, message));
    }
}
