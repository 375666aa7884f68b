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
    /** A dot in the middle of the line, as in x·y. */
    MIDDLE_DOT,
    /** ×. */
    CROSS,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    EQUAL,
    NOT_EQUAL,
    ASSIGN,
    /** An assignment that applies an operator, such as +=. */
    UPDATE,
    ROOT,
    CUBE_ROOT,
    /** Successive superscripts. */
    SUPERSCRIPT,
    /** Subscript digits that follow no name. */
    SUBSCRIPT,
    /** One, as in NumPy's and of truth values. */
    AMPERSAND,
    TILDE,
    BAR,
    DOUBLE_BAR,
    LEFT_BRACE,
    RIGHT_BRACE,
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
        return this == LEFT_PAREN || this == LEFT_BRACKET || this == LEFT_BRACE;
    }

    boolean closes() {
        return this == RIGHT_PAREN || this == RIGHT_BRACKET || this == RIGHT_BRACE;
    }
}
