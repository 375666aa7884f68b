package io.chainrule.service.run;

import io.chainrule.core.tensor.DeadlineExceededException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a request may take from when its turn began: as long as its endpoint allows, or its client wishes, if that is less. It also
 * counts for how long the request was in line, and for how long its work was thought to take.
 */
public final class RequestTime {
    private static final double NANOS = 1e9;
    private static final long NO_END = Long.MAX_VALUE / 4;

    final long begin = System.nanoTime();
    private Duration allowed;
    private @Nullable Duration wish;
    private volatile long end;
    private volatile boolean isIgnored;
    private long waited;
    private long ended;
    private double expected;

    RequestTime(Duration allowed) {
        this.allowed = allowed;
        end = begin + TimeUnit.NANOSECONDS.convert(allowed);
    }

    void allow(Duration time) {
        allowed = wish != null && wish.compareTo(time) < 0 ? wish : time;
        end = begin + TimeUnit.NANOSECONDS.convert(allowed);
    }

    Duration allowed() {
        return allowed;
    }

    boolean shorten(Duration time) {
        wish = time;
        boolean isShorter = time.compareTo(allowed) < 0;
        allow(allowed);
        return isShorter;
    }

    void addWait(long nanos) {
        waited += nanos;
    }

    /** Notes for how long a part of the work is thought to take. */
    void expect(double seconds) {
        expected += seconds;
    }

    long waitedNanos() {
        return waited;
    }

    /** Notes that the answer is made. */
    void end() {
        ended = System.nanoTime();
    }

    /** The nanoseconds from when the turn began until the answer was made, or until now. */
    public long takenNanos() {
        return (ended == 0 ? System.nanoTime() : ended) - begin;
    }

    /** The seconds that the request was in line. */
    public double waited() {
        return waited / NANOS;
    }

    /** The seconds that the work was thought to take; 0 if it was refused before that was known. */
    public double expected() {
        return expected;
    }

    /** The nanoseconds until it is over; negative afterwards. */
    long left(long now) {
        return isIgnored ? NO_END : end - now;
    }

    /** Runs work that is not stopped when the request's time is over. */
    <T extends @Nullable Object> T ignored(Supplier<T> work) {
        boolean wasIgnored = isIgnored;
        isIgnored = true;
        try {
            return work.get();
        } finally {
            isIgnored = wasIgnored;
        }
    }

    /** Runs work that is not stopped when the time of the request is over that this thread handles, if it handles one. */
    public static <T extends @Nullable Object> T untimed(Supplier<T> work) {
        Turn bound = Turn.bound();
        return bound == null ? work.get() : bound.time.ignored(work);
    }

    /** Does the same with what returns nothing. */
    public static void ignoring(Runnable work) {
        untimed(() -> {
            work.run();
            return true;
        });
    }

    double secondsLeft() {
        return Math.max(0, left(System.nanoTime())) / NANOS;
    }

    void check(long now) {
        if (left(now) < 0) {
            throw new DeadlineExceededException(allowed);
        }
    }
}
