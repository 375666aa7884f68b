package io.chainrule.spark;

import org.jspecify.annotations.Nullable;

/** Something is wrong with a data set, or with where results are to go, which another attempt would find, too. */
final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String expected;
    private final @Nullable String actual;
    private final @Nullable String hint;
    private final @Nullable String place;

    /** @param place the field of the request where it is wrong; null if it is in the rows */
    DataException(String message, @Nullable String expected, @Nullable String actual, @Nullable String hint, @Nullable String place) {
        super(message);
        this.expected = expected;
        this.actual = actual;
        this.hint = hint;
        this.place = place;
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

    @Nullable
    String place() {
        return place;
    }
}
