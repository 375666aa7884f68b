package io.chainrule.core.expression;

/** The precedence of expressions, from loosest to tightest. SIGN is unary minus; ATOM needs no parentheses anywhere. */
public enum Precedence {
    CONDITIONAL,
    OR,
    AND,
    NOT,
    COMPARISON,
    /** NumPy's {@code |} of truth values. */
    EITHER,
    /** NumPy's {@code &} of truth values. */
    BOTH,
    SUM,
    PRODUCT,
    SIGN,
    POWER,
    ROOT,
    ATOM;

    public boolean isTighterThan(Precedence other) {
        return compareTo(other) > 0;
    }

    /** Whether {@code a ∘ b ∘ c} is {@code (a ∘ b) ∘ c}. */
    public boolean associatesLeft() {
        return this == OR || this == AND || this == SUM || this == PRODUCT;
    }
}
