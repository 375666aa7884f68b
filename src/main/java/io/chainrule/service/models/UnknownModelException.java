package io.chainrule.service.models;

import org.jspecify.annotations.Nullable;

/** There is no model, version or alias of a name that was asked for. */
public final class UnknownModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String asked;
    private final @Nullable String deleted;

    /** @param deleted what has been deleted and can be brought back, as {@code digits:3}; null if there is nothing */
    UnknownModelException(String asked, String message, @Nullable String deleted) {
        super(message);
        this.asked = asked;
        this.deleted = deleted;
    }

    /** The name, perhaps with a version, of what has been deleted and can be brought back; null if there is nothing. */
    public @Nullable String deleted() {
        return deleted;
    }

    /** The reference as it was asked for. */
    public String asked() {
        return asked;
    }
}
