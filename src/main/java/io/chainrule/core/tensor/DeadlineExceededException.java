package io.chainrule.core.tensor;

import java.time.Duration;

/** Work was stopped because the time allowed for it was over. */
public final class DeadlineExceededException extends StoppedException {
    private static final long serialVersionUID = 1L;

    private final Duration allowed;

    public DeadlineExceededException(Duration allowed) {
        super("not done within " + allowed.toMillis() + " ms");
        this.allowed = allowed;
    }

    public Duration allowed() {
        return allowed;
    }
}
