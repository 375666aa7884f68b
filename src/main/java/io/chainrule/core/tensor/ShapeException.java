package io.chainrule.core.tensor;

import org.jspecify.annotations.Nullable;

/** Shapes that do not fit an operation; says what was expected and what was there. */
public final class ShapeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String expected;
    private final @Nullable String actual;
    private @Nullable String attribute;

    public ShapeException(String message) {
        this(message, null, null);
    }

    public ShapeException(String message, @Nullable String expected, @Nullable String actual) {
        super(message, null, false, false);
        this.expected = expected;
        this.actual = actual;
    }

    /** Names the attribute that is at fault, where it is not an operand. */
    public ShapeException by(String nameOfAttribute) {
        attribute = nameOfAttribute;
        return this;
    }

    public @Nullable String attribute() {
        return attribute;
    }

    public @Nullable String expected() {
        return expected;
    }

    public @Nullable String actual() {
        return actual;
    }
}
