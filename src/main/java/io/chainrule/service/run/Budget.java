package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The memory that all requests at work share, in estimated bytes. A request that does not fit is refused; it does not wait. A
 * reservation that a thread makes while it holds another becomes part of the outer one when it is closed, so that a request's memory is
 * released when its answer has been written, not before.
 */
@Component
public final class Budget {
    /** What {@link LimitException} calls it. */
    static final String LIMIT = "shared-bytes";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final ThreadLocal<@Nullable Reservation> INNERMOST = new ThreadLocal<>();

    private final long total;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong kept = new AtomicLong();
    private LongUnaryOperator reclaim = _ -> 0;

    public Budget(Limits limits) {
        this.total = limits.sharedBytes() > 0 ? limits.sharedBytes() : Runtime.getRuntime().maxMemory() / 10 * 7;
    }

    /** A share of the budget, given back on close. */
    public final class Reservation implements AutoCloseable {
        private final @Nullable Reservation outer;
        private long bytes;

        private Reservation(@Nullable Reservation outer, long bytes) {
            this.outer = outer;
            this.bytes = bytes;
        }

        /** Takes more of the budget; the same exceptions as {@link Budget#reserve}. */
        public void add(long more) {
            take(more, held(this) + more);
            bytes += more;
        }

        /** Releases all bytes of this reservation now, before it is closed. */
        public void release() {
            used.addAndGet(-bytes);
            bytes = 0;
        }

        @Override
        public void close() {
            if (outer != null) {
                outer.bytes += bytes;
                INNERMOST.set(outer);
            } else {
                used.addAndGet(-bytes);
                INNERMOST.remove();
            }
            bytes = 0;
        }
    }

    /**
     * Takes a share; {@link OverloadedException} where other requests hold too much, {@link LimitException}
     * where it would not fit into the empty budget either.
     */
    public Reservation reserve(long bytes) {
        take(bytes, held(INNERMOST.get()) + bytes);
        Reservation reservation = new Reservation(INNERMOST.get(), bytes);
        INNERMOST.set(reservation);
        return reservation;
    }

    /** {@code held} is the request's sum after taking these bytes. If they do not fit, the cache is asked to release memory. */
    private void take(long bytes, long held) {
        LimitException.check(LIMIT, held, total);
        long wanted = used.addAndGet(bytes) + kept.get() - total;
        while (wanted > 0) {
            if (reclaim.applyAsLong(wanted) == 0) {
                used.addAndGet(-bytes);
                throw new OverloadedException(RETRY_AFTER);
            }
            wanted = used.get() + kept.get() - total;
        }
    }

    /** Takes bytes for data kept between requests; false if they do not fit. The caller releases them by {@link #giveBack}. */
    boolean keep(long bytes) {
        boolean fits = kept.addAndGet(bytes) + used.get() <= total;
        if (!fits) {
            giveBack(bytes);
        }
        return fits;
    }

    void giveBack(long bytes) {
        kept.addAndGet(-bytes);
    }

    /** Sets the function that is called when memory is short: from the bytes that are missing to the bytes that were released. */
    void reclaimFrom(LongUnaryOperator keeper) {
        reclaim = keeper;
    }

    private static long held(@Nullable Reservation innermost) {
        long held = 0;
        for (Reservation reservation = innermost; reservation != null; reservation = reservation.outer) {
            held += reservation.bytes;
        }
        return held;
    }

    public long total() {
        return total;
    }

    /** What is kept between requests. */
    long kept() {
        return kept.get();
    }

    public long used() {
        return used.get();
    }
}
