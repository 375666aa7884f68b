package io.chainrule.service.run;

import org.jspecify.annotations.Nullable;

/** Something that whoever runs the service has set up does not work. The message is for the log and says what to look at. */
public final class OperatorException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public OperatorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
