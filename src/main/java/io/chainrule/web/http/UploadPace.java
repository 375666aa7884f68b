package io.chainrule.web.http;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sees whether a client sends a file as fast as it must, now and not on average: it may be behind the minimum rate by the grace, and what
 * it sends faster only makes up for that. Time counts while the client is waited for, not while the disk is.
 */
final class UploadPace {
    private final HttpProperties properties;
    private final LongSupplier clock;
    private final long start;
    private final long grace;
    private final double nanosOfByte;
    /** For how many nanoseconds the client may still send nothing. */
    private double left;
    private boolean isWaiting;
    private long since;
    private long bytes;

    /** @param clock tells nanoseconds, as {@link System#nanoTime} */
    UploadPace(HttpProperties properties, LongSupplier clock) {
        this.properties = properties;
        this.clock = clock;
        start = clock.getAsLong();
        grace = properties.grace().toNanos();
        nanosOfByte = (double) TimeUnit.SECONDS.toNanos(1) / properties.minimumRate();
        left = grace;
    }

    /** Begins to wait for the client. */
    synchronized void await() {
        since = clock.getAsLong();
        isWaiting = true;
    }

    /** Ends the wait: so many bytes have come. */
    synchronized void came(int more) {
        left = Math.min((double) grace, left - waited() + more * nanosOfByte);
        isWaiting = false;
        bytes += more;
    }

    private long waited() {
        return isWaiting ? clock.getAsLong() - since : 0;
    }

    synchronized boolean isTooSlow() {
        return left < waited();
    }

    /** The refusal of what has come so far. */
    synchronized RequestException tooSlow() {
        return new RequestException(ErrorDetail.of(ProblemType.REQUEST_TIMEOUT, "the file came too slowly")
                .expected(properties.minimumRate() + " bytes a second (chainrule.http.minimum-rate), and never "
                        + ClientPace.text(grace) + " (chainrule.http.grace) later than that",
                        bytes + " bytes in " + ClientPace.text(clock.getAsLong() - start))
                .hint("send it faster, and without a pause; nothing of it was kept"));
    }
}
