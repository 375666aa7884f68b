package io.chainrule.service.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The time of the cores that a turn has had, in seconds: its own while it held a permit, and that of threads that helped it. */
final class UsedTime {
    /**
     * Tiny work is taken to have run for the time that has passed only after more than so many looks. Between two looks its thread may have
     * stood still, as while memory is collected.
     */
    static final int LOOKS = 5;
    /** For so long work that is not tiny computes before it looks whether work that is due earlier waits for its permit. */
    private static final long QUANTUM = TimeUnit.MILLISECONDS.toNanos(20);
    private static final double NANOS = 1e9;

    /** What has been charged as work of the turn's size. */
    double ofSize;
    /** What has been charged in all. */
    double inAll;
    /** The part of {@link #inAll} that cores of other machines have worked. */
    double elsewhere;
    private int looks;
    private volatile long chargedFrom;
    /** The nanoseconds of helpers that are not charged yet. */
    private final AtomicLong helped = new AtomicLong();

    /** For how many nanoseconds work of a size computes before it looks whether others go first. */
    static long quantum(WorkSize size) {
        return size == WorkSize.TINY ? (long) (size.most / LOOKS * NANOS) : QUANTUM;
    }

    /** The turn has its permit from now on; returns what time it is. */
    long begin() {
        long now = System.nanoTime();
        chargedFrom = now;
        return now;
    }

    /** The work is of another size from now on. */
    void restart() {
        ofSize = 0;
        looks = 0;
    }

    /** Whether the turn has run for longer than so many seconds as work of this size. Each call counts as a look at the work. */
    boolean exceeds(WorkSize size, double seconds) {
        looks++;
        return (looks > LOOKS || size != WorkSize.TINY) && ofSize + notCharged() > seconds;
    }

    /** Adds nanoseconds of another thread. */
    void add(long nanos) {
        helped.addAndGet(nanos);
    }

    /** The time since the permit was granted, or since it was charged last. */
    double notCharged() {
        return (System.nanoTime() - chargedFrom + helped.get()) / NANOS;
    }

    /** Charges that time, and returns it. */
    double charge() {
        long before = chargedFrom;
        double seconds = (begin() - before + helped.getAndSet(0)) / NANOS;
        ofSize += seconds;
        inAll += seconds;
        return seconds;
    }
}
