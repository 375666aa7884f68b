package io.chainrule.core.tensor;

/** Work was stopped by its checkpoint. What it had computed so far is complete and may be used. */
public abstract sealed class StoppedException extends RuntimeException permits DeadlineExceededException, ShutdownException {
    private static final long serialVersionUID = 1L;

    StoppedException(String message) {
        super(message, null, false, false);
    }
}
