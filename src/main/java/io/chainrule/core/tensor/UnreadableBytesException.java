package io.chainrule.core.tensor;

import org.jspecify.annotations.Nullable;

/** Bytes are not what they are read as: they are of another version of the program or of other work, or are broken. */
public class UnreadableBytesException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public UnreadableBytesException(String message) {
        super(message);
    }

    public UnreadableBytesException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
