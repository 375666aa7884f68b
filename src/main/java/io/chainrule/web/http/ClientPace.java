package io.chainrule.web.http;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** Sees whether a client sends, or reads, as fast as it must. */
final class ClientPace {
    private static final double NANOS = 1e9;
    /** Digits of seconds in texts. */
    private static final int DIGITS = 3;

    /** What may be long has no deadline. */
    static final Duration FOREVER = Duration.ofDays(365);

    private final double most;
    private final double grace;
    private final long rate;
    private final long start = System.nanoTime();

    ClientPace(HttpProperties properties, Duration most) {
        this.most = seconds(most.toNanos());
        grace = seconds(properties.grace().toNanos());
        rate = properties.minimumRate();
    }

    private static double seconds(long nanos) {
        return nanos / NANOS;
    }

    /** What ends the writing to a client that reads too slowly. */
    static IOException tooSlow() {
        return new SocketTimeoutException("the client reads too slowly");
    }

    /** Nanoseconds as a text. */
    static String text(long nanos) {
        return text(seconds(nanos));
    }

    private static String text(double seconds) {
        return BigDecimal.valueOf(seconds).setScale(DIGITS, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString() + " s";
    }

    /** The refusal of a body of which so many bytes have come. */
    RequestException bodyTooSlow(long bytes) {
        return new RequestException(ErrorDetail.of(ProblemType.REQUEST_TIMEOUT, "the body came too slowly")
                .expected(
                        "all of it within " + text(most) + " (chainrule.http.body-time), and after " + text(grace)
                                + " (chainrule.http.grace) " + rate
                                + " bytes a second (chainrule.http.minimum-rate)",
                        bytes + " bytes in " + text(seconds(System.nanoTime() - start)))
                .hint("send it faster, compress it by gzip, or send less"));
    }

    /** Whether a client is too slow that has moved so many bytes since this was made. */
    boolean isTooSlow(long bytes) {
        return isTooSlow(bytes, System.nanoTime() - start);
    }

    /** Whether a client is too slow that was waited for so long while it moved so many bytes. */
    boolean isTooSlow(long bytes, long nanos) {
        double seconds = seconds(nanos);
        return seconds > most || seconds > grace && bytes < (seconds - grace) * rate;
    }
}
