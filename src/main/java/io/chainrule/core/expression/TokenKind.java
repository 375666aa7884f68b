package io.chainrule.core.expression;

enum TokenKind {
    NAME,
    NUMBER,
    TEXT,
    PLUS,
    MINUS,
    STAR,
    SLASH,
    AT,
    PERCENT,
    DOUBLE_SLASH,
    POWER,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    EQUAL,
    NOT_EQUAL,
    ASSIGN,
    LEFT_PAREN,
    RIGHT_PAREN,
    LEFT_BRACKET,
    RIGHT_BRACKET,
    COMMA,
    COLON,
    DOT,
    ELLIPSIS,
    SEMICOLON,
    NEWLINE,
    END,
    INVALID;

    boolean endsStatement() {
        return this == NEWLINE || this == SEMICOLON || this == END;
    }

    boolean opens() {
        return this == LEFT_PAREN || this == LEFT_BRACKET;
    }

    boolean closes() {
        return this == RIGHT_PAREN || this == RIGHT_BRACKET;
    }
}
