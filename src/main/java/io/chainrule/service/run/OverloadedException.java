package io.chainrule.service.run;

import java.time.Duration;

/** The service has no capacity for this request now; the same request may succeed later. */
public final class OverloadedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What there is not enough of. */
    public enum Resource {
        CORES,
        MEMORY,
        TRAININGS,
        /** The server that signs the clients' tokens does not answer. */
        IDENTITY_PROVIDER
    }

    private final Resource resource;
    private final Duration retryAfter;

    public OverloadedException(Duration retryAfter) {
        this(Resource.MEMORY, "the requests at work leave no memory for this one", retryAfter);
    }

    /** {@code reason} says in words that the resource is exhausted. */
    public OverloadedException(Resource resource, String reason, Duration retryAfter) {
        super(reason + "; try again in " + retryAfter.toSeconds() + " s", null, false, false);
        this.resource = resource;
        this.retryAfter = retryAfter;
    }

    /** So many requests are in line, and for so long there is no room for this one. */
    static OverloadedException queued(int waiting, Duration retryAfter) {
        Duration seconds = Duration.ofSeconds(Math.max(1, retryAfter.plusMillis(999).toSeconds()));
        return new OverloadedException(Resource.CORES,
                "all cores are at work, and " + (waiting == 1 ? "1 request waits" : waiting + " requests wait") + " for one", seconds);
    }

    public Resource resource() {
        return resource;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
