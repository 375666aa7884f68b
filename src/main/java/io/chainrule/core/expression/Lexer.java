package io.chainrule.core.expression;

import java.util.function.IntPredicate;

/**
 * Splits a text into tokens. Successive line breaks are one token; the parser decides whether it ends a statement, because that depends
 * on the open brackets. Text that is no token becomes an INVALID token, for which {@link SyntaxErrors} has a message if the parser
 * reaches it.
 */
final class Lexer {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final String text;
    private final Tokens tokens;
    private int at;

    private Lexer(String text) {
        this.text = Characters.plain(text);
        this.tokens = new Tokens(this.text);
    }

    static Tokens scan(String text) {
        return new Lexer(text).scan();
    }

    private Tokens scan() {
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (c == ' ') {
                at++;
            } else if (Names.isStart(c)) {
                add(TokenKind.NAME, endOfName(at));
            } else if (c == '\n' || c == '\r') {
                lineBreak();
            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c) || c == BYTE_ORDER_MARK) {
                at += Character.charCount(c);
            } else if (c == '#') {
                skipLine();
            } else if (c == '\\' && isLineBreak(at + 1)) {
                at += text.startsWith("\r\n", at + 1) ? 3 : 2;
            } else if (isDigit(at) || c == '.' && isDigit(at + 1)) {
                number();
            } else if (c == '\'' || c == '"') {
                quotedText(c);
            } else {
                symbol(c);
            }
        }
        add(TokenKind.END, at);
        return tokens;
    }

    private void add(TokenKind kind, int end) {
        tokens.add(kind, at, end);
        at = end;
    }

    private void lineBreak() {
        if (tokens.size() > 0 && tokens.kind(tokens.size() - 1) == TokenKind.NEWLINE) {
            at++;
        } else {
            add(TokenKind.NEWLINE, at + 1);
        }
    }

    private void skipLine() {
        while (at < text.length() && !isLineBreak(at)) {
            at++;
        }
    }

    private int endOfName(int from) {
        int end = from;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            if (!Names.isPart(c)) {
                return end;
            }
            end += Character.charCount(c);
        }
        return end;
    }

    /** Adds a number. A name may follow it directly, as in {@code 2a}, but not if the two could be a number of another language. */
    private void number() {
        int end = endOfDigits(at);
        if (is('.', end)) {
            end = endOfDigits(end + 1);
        }
        if (is('e', end) || is('E', end)) {
            int exponent = is('+', end + 1) || is('-', end + 1) ? end + 2 : end + 1;
            end = isDigit(exponent) ? endOfDigits(exponent) : end;
        }
        if (is('.', end) && isDigit(end + 1)) {
            add(TokenKind.INVALID, endOfDigits(end + 1));
            return;
        }
        int glued = endOfName(end);
        boolean isNumber = glued == end || isFactor(text.substring(at, end), text.substring(end, glued));
        add(isNumber ? TokenKind.NUMBER : TokenKind.INVALID, isNumber ? end : glued);
    }

    /** Whether a name that follows a number can only be a factor: not in {@code 0x10}, {@code 1_000}, {@code 2j} and {@code 1.0f}. */
    private static boolean isFactor(String number, String name) {
        boolean isSuffix = name.equals("j") || name.equals("J") || number.contains(".") && "fFdDlL".contains(name);
        boolean hasRadix = number.equals("0") && name.length() > 1 && "xXoObB".indexOf(name.charAt(0)) >= 0;
        return !isSuffix && !hasRadix && name.charAt(0) != '_' && !number.endsWith(".");
    }

    private void quotedText(int quote) {
        String triple = Character.toString(quote).repeat(3);
        int close = text.startsWith(triple, at) ? text.indexOf(triple, at + 3) : -1;
        if (close >= 0) {
            add(TokenKind.TEXT, close + 3);
            return;
        }
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote && !isLineBreak(end)) {
            end++;
        }
        boolean closed = is((char) quote, end);
        add(closed ? TokenKind.TEXT : TokenKind.INVALID, closed ? end + 1 : end);
    }

    private void symbol(int c) {
        if (ForeignSigns.isDouble(text, at)) {
            add(TokenKind.INVALID, at + 2);
            return;
        }
        boolean equals = is('=', at + 1);
        switch (c) {
            case '+' -> operator(TokenKind.PLUS, 1);
            case '-' -> operator(TokenKind.MINUS, 1);
            case '*' -> operator(is('*', at + 1) ? TokenKind.POWER : TokenKind.STAR, is('*', at + 1) ? 2 : 1);
            case '/' -> operator(is('/', at + 1) ? TokenKind.DOUBLE_SLASH : TokenKind.SLASH, is('/', at + 1) ? 2 : 1);
            case '@' -> operator(TokenKind.AT, 1);
            case '%' -> operator(TokenKind.PERCENT, 1);
            case '^' -> operator(TokenKind.POWER, 1);
            case '·', '⋅', '∙' -> add(TokenKind.MIDDLE_DOT, at + 1);
            case '×' -> add(TokenKind.CROSS, at + 1);
            case '≤' -> add(TokenKind.LESS_EQUAL, at + 1);
            case '≥' -> add(TokenKind.GREATER_EQUAL, at + 1);
            case '≠' -> add(TokenKind.NOT_EQUAL, at + 1);
            case '√' -> add(TokenKind.ROOT, at + 1);
            case '∛' -> add(TokenKind.CUBE_ROOT, at + 1);
            case '|' -> add(TokenKind.BAR, at + 1);
            case '‖', '∥' -> add(TokenKind.DOUBLE_BAR, at + 1);
            case '{' -> add(TokenKind.LEFT_BRACE, at + 1);
            case '}' -> add(TokenKind.RIGHT_BRACE, at + 1);
            case '…' -> add(TokenKind.ELLIPSIS, at + 1);
            case '∑', '∏', '∞' -> add(TokenKind.NAME, at + 1);
            case '<' -> oneOrTwo(TokenKind.LESS, equals, TokenKind.LESS_EQUAL);
            case '>' -> oneOrTwo(TokenKind.GREATER, equals, TokenKind.GREATER_EQUAL);
            case '=' -> oneOrTwo(TokenKind.ASSIGN, equals, TokenKind.EQUAL);
            case '&' -> oneOrTwo(TokenKind.AMPERSAND, is('&', at + 1), TokenKind.INVALID);
            case '~' -> add(TokenKind.TILDE, at + 1);
            case '!' -> oneOrTwo(TokenKind.INVALID, equals, TokenKind.NOT_EQUAL);
            case '(' -> add(TokenKind.LEFT_PAREN, at + 1);
            case ')' -> add(TokenKind.RIGHT_PAREN, at + 1);
            case '[' -> add(TokenKind.LEFT_BRACKET, at + 1);
            case ']' -> add(TokenKind.RIGHT_BRACKET, at + 1);
            case ',' -> add(TokenKind.COMMA, at + 1);
            case ':' -> add(TokenKind.COLON, at + 1);
            case ';' -> add(TokenKind.SEMICOLON, at + 1);
            case '.' -> {
                boolean ellipsis = text.startsWith("...", at);
                add(ellipsis ? TokenKind.ELLIPSIS : TokenKind.DOT, ellipsis ? at + 3 : at + 1);
            }
            default -> {
                if (Characters.isFraction(c)) {
                    add(TokenKind.NUMBER, at + 1);
                } else if (Characters.isSuperscript(c)) {
                    add(TokenKind.SUPERSCRIPT, endOf(Characters::isSuperscript));
                } else if (Characters.isSubscriptDigit(c)) {
                    add(TokenKind.SUBSCRIPT, endOf(Characters::isSubscriptDigit));
                } else {
                    add(TokenKind.INVALID, at + Character.charCount(c));
                }
            }
        }
    }

    private int endOf(IntPredicate kind) {
        int end = at;
        while (end < text.length() && kind.test(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Adds an operator of so many characters or, if '=' follows, the assignment that applies it. */
    private void operator(TokenKind kind, int length) {
        boolean isAssignment = is('=', at + length) && !is('=', at + length + 1);
        add(isAssignment ? TokenKind.UPDATE : kind, at + length + (isAssignment ? 1 : 0));
    }

    private void oneOrTwo(TokenKind one, boolean isTwo, TokenKind two) {
        add(isTwo ? two : one, isTwo ? at + 2 : at + 1);
    }

    private int endOfDigits(int from) {
        int end = from;
        while (isDigit(end)) {
            end++;
        }
        return end;
    }

    private boolean isDigit(int offset) {
        return offset < text.length() && text.charAt(offset) >= '0' && text.charAt(offset) <= '9';
    }

    private boolean isLineBreak(int offset) {
        return is('\n', offset) || is('\r', offset);
    }

    private boolean is(char c, int offset) {
        return offset < text.length() && text.charAt(offset) == c;
    }
}
