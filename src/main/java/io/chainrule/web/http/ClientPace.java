package io.chainrule.web.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** Sees whether a client sends, or reads, as fast as it must. */
final class ClientPace {
    private static final double NANOS = 1e9;

    private final double most;
    private final double grace;
    private final long rate;
    private final long start = System.nanoTime();

    ClientPace(HttpProperties properties, Duration most) {
        this.most = most.toNanos() / NANOS;
        grace = properties.grace().toNanos() / NANOS;
        rate = properties.minimumRate();
    }

    /** What ends the writing to a client that reads too slowly. */
    static IOException tooSlow() {
        return new SocketTimeoutException("the client reads too slowly");
    }

    /** Whether a client is too slow that has moved so many bytes since this was made. */
    boolean isTooSlow(long bytes) {
        return isTooSlow(bytes, System.nanoTime() - start);
    }

    /** Whether a client is too slow that was waited for so long while it moved so many bytes. */
    boolean isTooSlow(long bytes, long nanos) {
        double seconds = nanos / NANOS;
        return seconds > most || seconds > grace && bytes < (seconds - grace) * rate;
    }
}
