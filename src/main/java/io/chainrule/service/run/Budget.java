package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The memory that all running requests share, in estimated bytes. A request that does not fit waits a moment, and is refused then; one
 * whose body is long is refused before it is read. If a thread makes a reservation while it holds another, closing the inner one adds its
 * bytes to the outer one. A request's memory is therefore not released before its answer has been written. The reservation of long work
 * is different: what is reserved directly within it is released when it is closed. What a request uses of {@link KeptMemory} cannot be
 * dropped until the request ends, and counts as its own beside its reservations.
 */
@Component
public final class Budget {
    /** The name of this limit in a {@link LimitException}. */
    public static final String LIMIT = "shared-bytes";
    /** What classes, connections and stacks take of the heap, with 1,700 requests under way. */
    private static final long BESIDE = 96L << 20;
    /** Of a small heap this part at least is for requests. */
    private static final int LEAST_PART = 4;
    /** A request that holds no more than this part of the budget is not kept waiting by those who hold, or wait for, more. */
    private static final int PART_OF_LITTLE = 1_000;
    /** All requests that hold little may together take this part of the budget beyond its total. */
    private static final int PART_FOR_LITTLE = 16;
    private static final ThreadLocal<@Nullable Reservation> INNERMOST = new ThreadLocal<>();

    private final long total;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong kept = new AtomicLong();
    private final MemoryLine line;
    private final List<LongUnaryOperator> keepers = new CopyOnWriteArrayList<>();

    public Budget(Limits limits) {
        this.total = limits.sharedBytes() > 0 ? limits.sharedBytes() : ofHeap(Runtime.getRuntime().maxMemory());
        line = new MemoryLine(total, limits.memoryWait(), bytes -> tryTake(bytes, total), this::free);
    }

    /**
     * What lives long has two thirds of the heap with the JVM's serial collector, which it takes for small machines; when these fill up, it
     * does nothing but collect. Other collectors need some of the heap free too.
     */
    static long ofHeap(long heap) {
        return Math.max(heap / LEAST_PART, heap / 10 * 6 - BESIDE);
    }

    /** A share of the budget, which is returned when it is closed. */
    public final class Reservation implements AutoCloseable {
        private final @Nullable Reservation outer;
        private final boolean isOfLong;
        private long bytes;

        private Reservation(@Nullable Reservation outer, boolean isOfLong, long bytes) {
            this.outer = outer;
            this.isOfLong = isOfLong;
            this.bytes = bytes;
        }

        /** Takes more of the budget. Throws the same exceptions as {@link Budget#reserve}. */
        public void add(long more) {
            take(more, held(this) + more);
            bytes += more;
        }

        private void addToOutermost(long more) {
            take(more, held(this) + more);
            Reservation outermost = this;
            while (outermost.outer != null) {
                outermost = outermost.outer;
            }
            outermost.bytes += more;
        }

        /** Releases some of its bytes now, before it is closed. */
        public void giveBack(long some) {
            bytes -= some;
            free(some);
        }

        /** Releases what it has beyond so many bytes now, before it is closed. */
        public void keep(long most) {
            giveBack(Math.max(0, bytes - most));
        }

        /** Releases all bytes of this reservation now, before it is closed. */
        public void release() {
            free(bytes);
            bytes = 0;
        }

        /** Adds its bytes to the reservation around it now, if there is one, also where that is of long work. */
        public void passOn() {
            if (outer != null) {
                outer.bytes += bytes;
                bytes = 0;
            }
        }

        @Override
        public void close() {
            if (outer == null) {
                INNERMOST.remove();
                release();
                return;
            }
            INNERMOST.set(outer);
            if (outer.isOfLong) {
                release();
            } else {
                passOn();
            }
        }
    }

    /**
     * Takes a share. Throws {@link OverloadedException} if other requests hold too much for too long, and
     * {@link LimitException} if the share is larger than what the budget has beside what this thread's request holds and uses already.
     */
    public Reservation reserve(long bytes) {
        return reserve(bytes, false);
    }

    /** Takes a share for long work, such as a job, which does one thing after another. Throws as {@link #reserve} does. */
    public Reservation reserveForLong(long bytes) {
        return reserve(bytes, true);
    }

    private Reservation reserve(long bytes, boolean isOfLong) {
        take(bytes, held(INNERMOST.get()) + bytes);
        Reservation reservation = new Reservation(INNERMOST.get(), isOfLong, bytes);
        INNERMOST.set(reservation);
        return reservation;
    }

    /** Takes more for what this thread's request has reserved last, if it has reserved anything. Throws as {@link #reserve} does. */
    public static void addToLatest(long bytes) {
        Reservation latest = INNERMOST.get();
        if (latest != null && bytes > 0) {
            latest.add(bytes);
        }
    }

    /**
     * Takes more for what this thread's request or job keeps until it ends, if it has reserved anything. Throws as {@link #reserve} does.
     */
    public static void addToOutermost(long bytes) {
        Reservation latest = INNERMOST.get();
        if (latest != null && bytes > 0) {
            latest.addToOutermost(bytes);
        }
    }

    /** Throws {@link OverloadedException} if others wait for memory, or their reservations leave less; not if it is little. Takes none. */
    public void check(long bytes) {
        if (bytes > total / PART_OF_LITTLE && (!line.isEmpty() || used.get() + bytes > total)) {
            throw line.full();
        }
    }

    /** Takes bytes, or waits for them; {@code held} is all that the request has reserved after that. */
    private void take(long bytes, long held) {
        checkFits(held);
        boolean isLittle = held <= total / PART_OF_LITTLE;
        if ((isLittle || line.isEmpty()) && tryTake(bytes, isLittle ? total + total / PART_FOR_LITTLE : total)) {
            return;
        }
        line.await(bytes, held - bytes);
    }

    /** Throws {@link LimitException} if the reservations of this thread's request cannot be so many bytes, whatever others hold. */
    void checkFits(long reserved) {
        LimitException.check(LIMIT, reserved + inUse(), total);
    }

    /** The kept bytes that this thread's request uses. */
    private static long inUse() {
        Turn turn = Turn.bound();
        return turn == null ? 0 : turn.kept.bytes();
    }

    /** Takes bytes if they fit; returns whether they do. If not, caches are asked to release memory first. */
    private boolean tryTake(long bytes, long most) {
        while (true) {
            long before = used.get();
            long missing = before + bytes + kept.get() - most;
            if (missing <= 0) {
                if (used.compareAndSet(before, before + bytes)) {
                    return true;
                }
            } else if (keepers.stream().noneMatch(keeper -> keeper.applyAsLong(missing) > 0)) {
                return false;
            }
        }
    }

    private void free(long bytes) {
        used.addAndGet(-bytes);
        line.serve();
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

    /** Has those served who wait for memory, as when a request has ended that used data which is kept. */
    void serve() {
        line.serve();
    }

    /**
     * Adds a function that is called when memory is short. It takes the number of bytes that are missing and returns the number that it
     * released.
     */
    void reclaimFrom(LongUnaryOperator keeper) {
        keepers.add(keeper);
    }

    /** The bytes that this thread's request may take of the whole budget, besides those that it holds and uses. */
    long left() {
        return total - held(INNERMOST.get()) - inUse();
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

    /** How many requests wait for memory. */
    int waiting() {
        return line.length();
    }

    public long used() {
        return used.get();
    }
}
