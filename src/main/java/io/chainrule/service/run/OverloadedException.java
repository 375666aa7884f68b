package io.chainrule.service.run;

import java.time.Duration;

/** The service has no capacity for this request now; the same request may succeed later. */
public final class OverloadedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public OverloadedException(Duration retryAfter) {
        this("the requests at work leave no memory for this one", retryAfter);
    }

    /** {@code reason} says which resource is exhausted. */
    public OverloadedException(String reason, Duration retryAfter) {
        super(reason + "; try again in " + retryAfter.toSeconds() + " s", null, false, false);
        this.retryAfter = retryAfter;
    }

    /** {@code waiting} requests are in line before this one, which take about as long as {@code retryAfter}. */
    static OverloadedException queued(int waiting, Duration retryAfter) {
        Duration seconds = Duration.ofSeconds(Math.max(1, retryAfter.plusMillis(999).toSeconds()));
        return new OverloadedException("all cores are at work, and " + waiting + " requests wait for one", seconds);
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
