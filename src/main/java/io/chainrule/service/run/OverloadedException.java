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
        /** Clients that follow jobs. */
        STREAMS,
        /** Places for files that clients send. */
        UPLOADS,
        DISK,
        /** The server that signs the clients' tokens does not answer. */
        IDENTITY_PROVIDER
    }

    private final Resource resource;
    private final Duration retryAfter;

    /**
     * {@code reason} says in words that the resource is exhausted. The time is rounded up to a whole number of seconds, and is one at
     * least.
     */
    public OverloadedException(Resource resource, String reason, Duration retryAfter) {
        this(resource, reason, Math.max(1, retryAfter.plusMillis(999).toSeconds()));
    }

    private OverloadedException(Resource resource, String reason, long seconds) {
        super(reason + "; try again in " + seconds + " s", null, false, false);
        this.resource = resource;
        retryAfter = Duration.ofSeconds(seconds);
    }

    /** So many requests are in line, and for so long there is no room for this one. */
    static OverloadedException queued(int waiting, Duration retryAfter) {
        return new OverloadedException(Resource.CORES, "all cores are at work, and " + line(waiting) + " for one", retryAfter);
    }

    /** So many requests wait for memory already. */
    static OverloadedException ofMemory(int waiting, Duration retryAfter) {
        return new OverloadedException(Resource.MEMORY,
                "the requests at work leave no memory for this one, and " + line(waiting) + " for some", retryAfter);
    }

    private static String line(int waiting) {
        return waiting == 1 ? "1 request waits" : waiting + " requests wait";
    }

    public Resource resource() {
        return resource;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
