package io.chainrule.service.run;

import org.jspecify.annotations.Nullable;

/**
 * An unforeseen exception as the log shows it: its type, its stack trace and its causes. The messages are left out, because they may quote
 * what a client sent; only those of an {@link OperatorException} are told.
 */
public final class Fault extends Exception {
    private static final long serialVersionUID = 1L;
    /** Causes may form a circle. */
    private static final int MOST_CAUSES = 20;

    private Fault(Throwable exception, @Nullable Fault cause) {
        super(exception.getClass().getName() + (exception instanceof OperatorException ? ": " + exception.getMessage() : ""), cause, false,
                true);
        setStackTrace(exception.getStackTrace());
    }

    /** The exception as it may be logged. */
    public static Fault of(Throwable exception) {
        return of(exception, MOST_CAUSES);
    }

    private static Fault of(Throwable exception, int mostCauses) {
        Throwable cause = exception.getCause();
        return new Fault(exception, cause == null || mostCauses == 0 ? null : of(cause, mostCauses - 1));
    }
}
