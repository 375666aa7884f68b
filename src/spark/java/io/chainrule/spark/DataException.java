package io.chainrule.spark;

import org.jspecify.annotations.Nullable;

/** Something is wrong with a data set, which another attempt would find, too. */
final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String expected;
    private final @Nullable String actual;
    private final @Nullable String hint;

    DataException(String message, @Nullable String expected, @Nullable String actual, @Nullable String hint) {
        super(message);
        this.expected = expected;
        this.actual = actual;
        this.hint = hint;
    }

    @Nullable
    String expected() {
        return expected;
    }

    @Nullable
    String actual() {
        return actual;
    }

    @Nullable
    String hint() {
        return hint;
    }
}
