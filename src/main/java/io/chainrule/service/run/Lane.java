package io.chainrule.service.run;

import io.chainrule.core.execution.ComputePool;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Permits to compute at the same time, and the line of those who wait for one. The next permit goes to the work that is due first. Work is
 * due the sooner the shorter it is, so that short work goes first and nobody waits forever.
 */
final class Lane implements ComputePool.Permits {
    private static final double WEIGHT_OF_LATEST = 0.05;

    private final ReentrantLock lock = new ReentrantLock();
    private final int permits;
    private final Bookings bookings;
    private int free;

    /** A lane for work of these sizes. */
    Lane(int permits, Set<WorkSize> sizes) {
        this.permits = permits;
        free = permits;
        bookings = new Bookings(permits, sizes);
    }

    /**
     * Gives a permit to a turn whose work is thought to take so many seconds, or puts it in line; it then has to wait until it is granted.
     * Throws {@link OverloadedException} if it would not be done in time and {@code mayRefuse}.
     */
    void enter(Turn turn, double seconds, boolean mayRefuse) {
        lock.lock();
        try {
            bookings.of(turn).book(turn, seconds);
            if (mayRefuse && isBusy()) {
                bookings.refuse(turn);
            }
            grantOrWait(turn);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a permit to a turn that had one before, or puts it in line at its old place. */
    void enterAgain(Turn turn) {
        lock.lock();
        try {
            grantOrWait(turn);
        } finally {
            lock.unlock();
        }
    }

    private void grantOrWait(Turn turn) {
        boolean isBusy = isBusy();
        bookings.add(turn);
        if (!isBusy) {
            free--;
            bookings.of(turn).grant(turn);
        }
    }

    /** Throws {@link OverloadedException} if a turn that came now would be refused. */
    void check(Turn turn, double seconds) {
        lock.lock();
        try {
            bookings.of(turn).book(turn, seconds);
            if (isBusy()) {
                bookings.refuse(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isBusy() {
        return free == 0 || bookings.next() != null;
    }

    /** Ends a turn, and hands its permit on. */
    void leave(Turn turn) {
        lock.lock();
        try {
            charge(turn);
            bookings.remove(turn);
            turn.isGranted = false;
            handOn();
        } finally {
            lock.unlock();
        }
    }

    /** Notes how long the work of a turn took that has ended. */
    void ended(Turn turn) {
        lock.lock();
        try {
            SizeShare share = bookings.of(turn);
            share.mean += WEIGHT_OF_LATEST * (turn.used.ofSize - share.mean);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a turn that gave up out of its line; returns whether it did wait. If it has just been granted, its permit is handed on. */
    boolean cancel(Turn turn) {
        lock.lock();
        try {
            bookings.remove(turn);
            boolean didWait = !turn.isGranted;
            if (turn.isGranted) {
                turn.isGranted = false;
                handOn();
            }
            return didWait;
        } finally {
            lock.unlock();
        }
    }

    private void handOn() {
        Turn next = bookings.next();
        if (next == null) {
            free++;
        } else {
            bookings.of(next).grant(next);
        }
    }

    /** Charges a turn the time since it was granted its permit, or was charged before. Returns the share of its size. */
    private SizeShare charge(Turn turn) {
        SizeShare share = bookings.of(turn);
        double seconds = turn.used.charge();
        share.use(seconds);
        turn.left.computed(seconds);
        return share;
    }

    /**
     * If a turn that waits has a smaller rank than this one, that turn gets the permit, and this one waits. Returns whether this happened.
     */
    boolean passOn(Turn turn) {
        lock.lock();
        try {
            SizeShare own = charge(turn);
            Turn next = bookings.next();
            if (next == null || next.left.booking.rank() >= turn.left.booking.rank()) {
                return false;
            }
            own.pause(turn);
            bookings.of(next).grant(next);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Raises the estimate for a turn that already holds a permit of its size. A tiny turn also gets a new rank, since longer tiny work goes
     * later.
     */
    void extend(Turn turn, double seconds) {
        lock.lock();
        try {
            charge(turn);
            if (turn.size == WorkSize.TINY) {
                bookAnew(turn, turn.size, seconds);
            }
            turn.left.seconds = Math.max(turn.left.seconds, seconds);
        } finally {
            lock.unlock();
        }
    }

    /** Books a turn as larger work, since it takes longer than was thought. It keeps its permit. */
    void demote(Turn turn, WorkSize size, double seconds) {
        lock.lock();
        try {
            charge(turn);
            bookAnew(turn, size, seconds);
        } finally {
            lock.unlock();
        }
    }

    private void bookAnew(Turn turn, WorkSize size, double seconds) {
        bookings.remove(turn);
        turn.resize(size);
        bookings.of(turn).book(turn, seconds);
        bookings.add(turn);
    }

    /** Takes a permit for a helper if one is free and nobody waits for it; returns whether it has. */
    @Override
    public boolean tryTake() {
        lock.lock();
        try {
            if (isBusy()) {
                return false;
            }
            free--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isWanted() {
        lock.lock();
        try {
            return bookings.next() != null;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back the permit of a helper. */
    @Override
    public void giveBack() {
        lock.lock();
        try {
            handOn();
        } finally {
            lock.unlock();
        }
    }

    /** How many turns wait. */
    int waiting() {
        return read(bookings::waiting);
    }

    /** What {@code value} says of the share of a size. */
    double of(WorkSize size, ToDoubleFunction<SizeShare> value) {
        return read(() -> value.applyAsDouble(bookings.of(size)));
    }

    /** Records for how many nanoseconds a turn was in line. The thread of that turn calls this while it does not hold the lock. */
    void tellWait(Turn turn, long nanos) {
        bookings.of(turn).waits.accept(nanos);
    }

    /** Has somebody told the nanoseconds that work of a size is in line, each time. */
    void tellWaits(WorkSize size, LongConsumer waits) {
        read(() -> bookings.of(size).waits = waits);
    }

    int permits() {
        return permits;
    }

    /** The permits that are held, those of helpers included. */
    int held() {
        return read(() -> permits - free);
    }

    private <T> T read(Supplier<T> state) {
        lock.lock();
        try {
            return state.get();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody holds a permit. */
    boolean isIdle() {
        return held() == 0;
    }
}
