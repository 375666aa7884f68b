package io.chainrule.service.run;

import io.chainrule.core.execution.ComputePool;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Permits to compute at the same time, and the lines of those who wait for one. The next permit goes to the size of work that has had the
 * least time for its weight (stride scheduling: Waldspurger and Weihl 1995), and within a size to the client that has had the least
 * (start-time fair queueing: Goyal, Vin and Cheng 1996). So short work comes first, and nobody waits forever.
 */
final class Lane implements ComputePool.Permits {
    private static final double WEIGHT_OF_LATEST = 0.05;

    private final ReentrantLock lock = new ReentrantLock();
    private final int permits;
    private final Lines lines;
    private int free;

    Lane(int permits) {
        this.permits = permits;
        free = permits;
        lines = new Lines(permits);
    }

    /**
     * Gives a permit to a turn, or puts it in line; it then has to wait until it is granted. Throws {@link OverloadedException} if it would
     * wait too long and {@code mayRefuse}.
     */
    void enter(Turn turn, boolean mayRefuse) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            lines.awake(line);
            turn.left.seconds = line.estimate(turn);
            line.place(turn);
            if (mayRefuse && isBusy()) {
                lines.refuse(turn);
            }
            line.book(turn);
            grantOrWait(line, turn);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a permit to a turn that had one before, or puts it in line at its old place. */
    void enterAgain(Turn turn) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            lines.awake(line);
            turn.tag = Math.max(line.virtualTime, turn.tag);
            grantOrWait(line, turn);
        } finally {
            lock.unlock();
        }
    }

    private void grantOrWait(Line line, Turn turn) {
        if (isBusy()) {
            line.waiting.add(turn);
        } else {
            free--;
            grant(turn);
        }
    }

    /** Throws {@link OverloadedException} if a turn that came now would be refused. */
    void check(Turn turn) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            line.place(turn);
            if (isBusy()) {
                lines.refuse(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isBusy() {
        return free == 0 || lines.next() != null;
    }

    private void grant(Turn turn) {
        Line line = lines.of(turn);
        line.waiting.remove(turn);
        line.virtualTime = Math.max(line.virtualTime, turn.tag);
        line.running.add(turn);
        turn.grant();
    }

    /** Ends a turn, and hands its permit on. */
    void leave(Turn turn) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            charge(line, turn);
            line.mean += WEIGHT_OF_LATEST * (turn.used.ofSize - line.mean);
            line.end(turn);
            handOn();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a turn that gave up out of its line; if it has just been granted, its permit is handed on. */
    void cancel(Turn turn) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            boolean wasWaiting = line.waiting.remove(turn);
            line.end(turn);
            if (!wasWaiting) {
                handOn();
            }
        } finally {
            lock.unlock();
        }
    }

    private void handOn() {
        Turn next = lines.next();
        if (next == null) {
            free++;
        } else {
            grant(next);
        }
    }

    /** Books what a turn has used since it was granted or charged. */
    private static void charge(Line line, Turn turn) {
        double seconds = turn.used.charge();
        line.use(seconds);
        turn.left.computed(seconds, turn.used.ofSize);
        turn.sinceTag += seconds;
        if (turn.sinceTag >= line.size.slice) {
            turn.tag += turn.sinceTag;
            turn.sinceTag = 0;
        }
        line.tags.computeIfPresent(turn.client, (_, tag) -> Math.max(tag, turn.tag + turn.sinceTag));
    }

    /**
     * Lets another turn go on if it has had less than this one, which is then in line again and has to wait; returns whether it has.
     */
    boolean isPassedOn(Turn turn) {
        lock.lock();
        try {
            Line own = lines.of(turn);
            charge(own, turn);
            Turn next = turn.left.isUrgent() ? null : lines.next();
            if (next == null || !next.left.isUrgent()
                    && (next.size == turn.size ? next.tag >= turn.tag : lines.of(next).served >= own.served)) {
                return false;
            }
            own.running.remove(turn);
            turn.isGranted = false;
            turn.waitingFrom = System.nanoTime();
            own.waiting.add(turn);
            grant(next);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Books a turn as work of the next size, since it takes longer than was thought. It keeps its permit. */
    void demote(Turn turn, WorkSize size) {
        lock.lock();
        try {
            Line line = lines.of(turn);
            charge(line, turn);
            line.end(turn);
            turn.resize(size, size.least);
            Line larger = lines.of(turn);
            lines.awake(larger);
            larger.running.add(turn);
            larger.place(turn);
            larger.book(turn);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit for a helper if one is free and nobody waits for it; returns whether it has. */
    @Override
    public boolean isTaken() {
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
            return lines.next() != null;
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
        return read(lines::waiting);
    }

    /** What {@code value} says of the line of a size. */
    double of(WorkSize size, ToDoubleFunction<Line> value) {
        return read(() -> value.applyAsDouble(lines.of(size)));
    }

    /** Records for how many nanoseconds a turn was in line. The thread of that turn calls this while it does not hold the lock. */
    void tellWait(Turn turn, long nanos) {
        lines.of(turn).waits.accept(nanos);
    }

    /** Has somebody told the nanoseconds that work of a size is in line, each time. */
    void tellWaits(WorkSize size, LongConsumer waits) {
        read(() -> lines.of(size).waits = waits);
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
