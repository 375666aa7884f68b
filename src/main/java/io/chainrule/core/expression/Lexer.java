package io.chainrule.core.expression;

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
        this.text = text;
        this.tokens = new Tokens(text);
    }

    static Tokens scan(String text) {
        return new Lexer(text).scan();
    }

    private Tokens scan() {
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (c == '\n' || c == '\r') {
                lineBreak();
            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c) || c == BYTE_ORDER_MARK) {
                at += Character.charCount(c);
            } else if (c == '#') {
                skipLine();
            } else if (Names.isStart(c)) {
                add(TokenKind.NAME, endOfName(at));
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
        while (end < text.length() && Names.isPart(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    private void number() {
        int end = endOfDigits(at);
        if (is('.', end)) {
            end = endOfDigits(end + 1);
        }
        if (is('e', end) || is('E', end)) {
            int exponent = is('+', end + 1) || is('-', end + 1) ? end + 2 : end + 1;
            end = isDigit(exponent) ? endOfDigits(exponent) : end;
        }
        int glued = endOfName(end);
        add(glued > end ? TokenKind.INVALID : TokenKind.NUMBER, glued);
    }

    private void quotedText(int quote) {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote && !isLineBreak(end)) {
            end++;
        }
        boolean closed = is((char) quote, end);
        add(closed ? TokenKind.TEXT : TokenKind.INVALID, closed ? end + 1 : end);
    }

    private void symbol(int c) {
        boolean equals = is('=', at + 1);
        switch (c) {
            case '+' -> add(TokenKind.PLUS, at + 1);
            case '-' -> add(TokenKind.MINUS, at + 1);
            case '*' -> oneOrTwo(TokenKind.STAR, is('*', at + 1), TokenKind.POWER);
            case '/' -> oneOrTwo(TokenKind.SLASH, is('/', at + 1), TokenKind.DOUBLE_SLASH);
            case '@' -> add(TokenKind.AT, at + 1);
            case '%' -> add(TokenKind.PERCENT, at + 1);
            case '^' -> add(TokenKind.POWER, at + 1);
            case '<' -> oneOrTwo(TokenKind.LESS, equals, TokenKind.LESS_EQUAL);
            case '>' -> oneOrTwo(TokenKind.GREATER, equals, TokenKind.GREATER_EQUAL);
            case '=' -> oneOrTwo(TokenKind.ASSIGN, equals, TokenKind.EQUAL);
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
            default -> add(TokenKind.INVALID, at + Character.charCount(c));
        }
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
