package io.chainrule.service.run;

import io.chainrule.core.execution.ComputePool;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Permits to compute at the same time, and the lines of those who wait for one. The next permit goes to the size of work that has had the
 * least time for its weight (stride scheduling: Waldspurger and Weihl 1995), and within a size to the client that has had the least
 * (start-time fair queueing: Goyal, Vin and Cheng 1996). So short work comes first, and nobody waits forever.
 */
final class Lane implements ComputePool.Permits {
    /** A bound on what all who wait hold, whatever their work was thought to take. */
    private static final int MOST_WAITING = 1_000;

    /** All who wait in a line may take so many times as long as one who comes may wait. */
    private static final double PATIENCES_IN_LINE = 1.5;

    private static final double WEIGHT_OF_LATEST = 0.05;
    private static final double NANOS = 1e9;
    /** Nobody is told to come back later than after so many seconds. */
    private static final double LONGEST_RETRY = 60;

    private final ReentrantLock lock = new ReentrantLock();
    private final int permits;
    private final Map<WorkSize, Line> lines = new EnumMap<>(WorkSize.class);
    private int free;

    Lane(int permits) {
        this.permits = permits;
        free = permits;
        for (WorkSize size : WorkSize.values()) {
            lines.put(size, new Line(size));
        }
    }

    /**
     * Gives a permit to a turn, or puts it in line; it then has to wait until it is granted. Throws {@link OverloadedException} if it would
     * wait too long and {@code mayRefuse}.
     */
    void enter(Turn turn, boolean mayRefuse) {
        lock.lock();
        try {
            Line line = line(turn);
            if (!line.isActive()) {
                // A size that had nothing to do has not saved up time.
                line.served = Math.max(line.served, leastServed());
            }
            turn.remaining = line.estimate(turn);
            line.place(turn);
            if (isBusy()) {
                if (mayRefuse) {
                    refuse(line, turn);
                }
                line.book(turn);
                line.waiting.add(turn);
            } else {
                free--;
                line.book(turn);
                grant(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Throws {@link OverloadedException} if a turn that came now would be refused. */
    void check(Turn turn) {
        lock.lock();
        try {
            Line line = line(turn);
            line.place(turn);
            if (isBusy()) {
                refuse(line, turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isBusy() {
        return free == 0 || next() != null;
    }

    private void refuse(Line line, Turn turn) {
        double wait = wait(line, turn);
        if (wait > Math.min(line.patience(), turn.time.secondsLeft()) || isFull(line) || isAtCostOfOthers(line, turn, wait)) {
            line.refusedAt = System.nanoTime();
            throw OverloadedException.queued(waiting(), Duration.ofNanos((long) (Math.min(wait, LONGEST_RETRY) * NANOS)));
        }
    }

    private Line line(Turn turn) {
        return Objects.requireNonNull(lines.get(turn.size));
    }

    private double leastServed() {
        return lines.values().stream().filter(Line::isActive).mapToDouble(line -> line.served).min().orElse(0);
    }

    /** The seconds that new work would be delayed if all lines that have work keep having it. */
    private double wait(Line line, Turn turn) {
        double wait = line.ahead(turn) / share(line);
        double untilDone = wait + turn.remaining / share(line);
        for (Line other : lines.values()) {
            wait += other == line ? 0 : other.urgentWithin(untilDone) / permits;
        }
        return wait;
    }

    /** How many seconds of a core work of this size gets in each second if all lines that have work keep having it. */
    private double share(Line line) {
        double weights = line.isActive() ? 0 : line.size.weight;
        for (Line other : lines.values()) {
            weights += other.isActive() ? other.size.weight : 0;
        }
        return permits * line.size.weight / weights;
    }

    /**
     * Whether new work could not be done in time by what its size gets, but only as urgent work, while work of another size is refused that
     * has had less lately.
     */
    private boolean isAtCostOfOthers(Line line, Turn turn, double wait) {
        if (turn.isDoneWithin(wait + turn.remaining / share(line))) {
            return false;
        }
        long now = System.nanoTime();
        return lines.values().stream().anyMatch(other -> other != line && other.hasRefused(now) && other.lately(now) < line.lately(now));
    }

    /** Whether a line is so long that its last would wait in vain if others came who have asked for less. */
    private boolean isFull(Line line) {
        return line.waiting.size() >= MOST_WAITING || line.backlog() / share(line) > PATIENCES_IN_LINE * line.size.patience;
    }

    /** Returns the turn that gets the next permit; null if none waits. Urgent work goes first. */
    private @Nullable Turn next() {
        Line best = null;
        for (Line line : lines.values()) {
            if (line.waiting.isEmpty()) {
                continue;
            }
            Turn urgent = line.urgent();
            if (urgent != null) {
                return urgent;
            }
            if (best == null || line.served < best.served) {
                best = line;
            }
        }
        return best == null ? null : best.waiting.element();
    }

    private void grant(Turn turn) {
        Line line = line(turn);
        line.waiting.remove(turn);
        line.virtualTime = Math.max(line.virtualTime, turn.tag);
        line.running.add(turn);
        turn.grant();
    }

    /** Ends a turn, and hands its permit on. */
    void leave(Turn turn) {
        lock.lock();
        try {
            Line line = line(turn);
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
            Line line = line(turn);
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
        Turn next = next();
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
        turn.computed(seconds);
        turn.sinceTag += seconds;
        if (turn.sinceTag >= line.size.slice) {
            turn.tag += turn.sinceTag;
            turn.sinceTag = 0;
        }
        line.tags.computeIfPresent(turn.client, (_, tag) -> Math.max(tag, turn.tag));
    }

    /**
     * Lets another turn go on if it has had less than this one, which is then in line again and has to wait; returns whether it has.
     */
    boolean isPassedOn(Turn turn) {
        lock.lock();
        try {
            Line own = line(turn);
            charge(own, turn);
            Turn next = turn.isUrgent() ? null : next();
            if (next == null || !next.isUrgent()
                    && (next.size == turn.size ? next.tag >= turn.tag : line(next).served >= own.served)) {
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
            Line line = line(turn);
            charge(line, turn);
            line.end(turn);
            turn.resize(size, size.least);
            Line larger = line(turn);
            if (!larger.isActive()) {
                larger.served = Math.max(larger.served, leastServed());
            }
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
            return next() != null;
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
        return read(() -> lines.values().stream().mapToInt(line -> line.waiting.size()).sum());
    }

    /** What {@code value} says of the line of a size. */
    double of(WorkSize size, ToDoubleFunction<Line> value) {
        return read(() -> value.applyAsDouble(Objects.requireNonNull(lines.get(size))));
    }

    /** Records how long a turn waited for its first permit. The thread of that turn calls this, so that no lock is held. */
    void tellWait(Turn turn) {
        if (turn.time.isFirstWait()) {
            line(turn).waits.accept(turn.time.waitedNanos());
        }
    }

    /** Has somebody told the nanoseconds that work of a size is in line, each time. */
    void tellWaits(WorkSize size, LongConsumer waits) {
        read(() -> Objects.requireNonNull(lines.get(size)).waits = waits);
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
