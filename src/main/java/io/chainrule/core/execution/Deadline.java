package io.chainrule.core.execution;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A point in time after which {@link #check} stops the work. */
public final class Deadline implements Checkpoint {
    private final long end;
    private final Duration allowed;

    private Deadline(Duration allowed) {
        this.allowed = allowed;
        this.end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(allowed);
    }

    public static Deadline after(Duration allowed) {
        return new Deadline(allowed);
    }

    public Duration allowed() {
        return allowed;
    }

    /** The time that is left; zero once it is over. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Throws {@link DeadlineExceededException} once the time is over. */
    @Override
    public void check() {
        if (System.nanoTime() - end > 0) {
            throw new DeadlineExceededException(allowed);
        }
    }
}
