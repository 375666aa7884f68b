package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The memory that all running requests share, in estimated bytes. A request that does not fit is refused; it does not wait. If a thread
 * makes a reservation while it holds another, closing the inner one adds its bytes to the outer one. A request's memory is therefore not
 * released before its answer has been written.
 */
@Component
public final class Budget {
    /** The name of this limit in a {@link LimitException}. */
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

    /** A share of the budget, which is returned when it is closed. */
    public final class Reservation implements AutoCloseable {
        private final @Nullable Reservation outer;
        private long bytes;

        private Reservation(@Nullable Reservation outer, long bytes) {
            this.outer = outer;
            this.bytes = bytes;
        }

        /** Takes more of the budget. Throws the same exceptions as {@link Budget#reserve}. */
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
     * Takes a share. Throws {@link OverloadedException} if other requests hold too much, and {@link LimitException} if the share would not
     * fit even into an empty budget.
     */
    public Reservation reserve(long bytes) {
        take(bytes, held(INNERMOST.get()) + bytes);
        Reservation reservation = new Reservation(INNERMOST.get(), bytes);
        INNERMOST.set(reservation);
        return reservation;
    }

    /** Takes bytes; {@code held} is the request's total after that. If they do not fit, the cache is asked to release memory. */
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

    /**
     * Takes bytes for data that is kept between requests; returns false if they do not fit. The caller releases them by {@link #giveBack}.
     */
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

    /**
     * Sets the function that is called when memory is short. It takes the number of bytes that are missing and returns the number that it
     * released.
     */
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

    /** The bytes of data that is kept between requests. */
    long kept() {
        return kept.get();
    }

    public long used() {
        return used.get();
    }
}
