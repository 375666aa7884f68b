package io.chainrule.core.expression;

/** The precedence of expressions, from loosest to tightest. SIGN is unary minus; ATOM needs no parentheses anywhere. */
enum Precedence {
    COMPARISON,
    SUM,
    PRODUCT,
    SIGN,
    POWER,
    ATOM;

    boolean isTighterThan(Precedence other) {
        return compareTo(other) > 0;
    }

    /** Whether {@code a ∘ b ∘ c} is {@code (a ∘ b) ∘ c}. */
    boolean associatesLeft() {
        return this == SUM || this == PRODUCT;
    }
}
