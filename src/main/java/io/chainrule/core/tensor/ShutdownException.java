package io.chainrule.core.tensor;

/** Work was stopped because the process is shutting down. */
public final class ShutdownException extends StoppedException {
    private static final long serialVersionUID = 1L;

    public ShutdownException() {
        super("the service is shutting down");
    }
}
