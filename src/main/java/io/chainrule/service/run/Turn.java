package io.chainrule.service.run;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request's part of the cores' time, and the time by which it must have its answer. The thread of the request computes only while it
 * holds a permit. As a checkpoint it ends the work when the time is over or the client has gone, and lets others go on who are due before
 * it. Threads that help with loops may ask it too.
 */
public final class Turn implements Checkpoint, AutoCloseable {
    private static final ThreadLocal<@Nullable Turn> BOUND = new ThreadLocal<>();

    /** Of two turns with equal ranks the one with the smaller number comes first. */
    final long number;
    WorkSize size = WorkSize.TINY;

    private final Turns turns;
    final String client;
    private final ClientLook look;
    private final Thread owner = Thread.currentThread();
    final RequestTime time;
    /** The lane whose permit is held, or waited for. */
    private @Nullable Lane lane;
    /** Whether its work has been accepted, so that it is not refused any more. */
    private boolean isAccepted;
    long waitingFrom;
    volatile boolean isGranted;
    private long nextCheck;
    final UsedTime used = new UsedTime();
    final WorkLeft left;
    final KeptInUse kept = new KeptInUse();

    Turn(Turns turns, long number, String client, Duration allowed, BooleanSupplier isGone) {
        this.turns = turns;
        this.number = number;
        this.client = client;
        time = new RequestTime(allowed);
        left = new WorkLeft(time);
        look = new ClientLook(isGone, time.begin);
        nextCheck = time.begin;
    }

    /** The turn of the request that this thread is handling; null if it handles none. */
    static @Nullable Turn bound() {
        return BOUND.get();
    }

    Turn bind() {
        BOUND.set(this);
        return this;
    }

    /** Sets how long the request may take from when its turn began, unless the client wishes it to take less. */
    Turn within(Duration allowed) {
        time.allow(allowed);
        nextCheck = System.nanoTime();
        return this;
    }

    /** Notes that the work ends with what it has once its time is over, as trainings do. */
    Turn endingEarly() {
        left.endsEarly = true;
        return this;
    }

    /** Notes that the client does not wait longer than this; returns whether that is less than it may wait. */
    public boolean shorten(Duration wish) {
        nextCheck = System.nanoTime();
        return time.shorten(wish);
    }

    /** How long the request may take, and for how long of that it was in line. */
    public RequestTime time() {
        return time;
    }

    /** The seconds for which a permit has been held, by this thread or by those that helped it. */
    public double used() {
        return used.inAll + (isGranted ? used.notCharged() : 0);
    }

    /**
     * Returns once this thread may compute for about so many seconds. Throws {@link OverloadedException} if there is no room for that, and
     * {@link DeadlineExceededException} or {@link CancellationException} if time is over or the client has gone meanwhile.
     */
    public void take(double seconds) {
        prepare(seconds);
        isAccepted = true;
    }

    /**
     * Does the same for what comes before the work itself, as reading and compiling: if that takes longer than was thought, the request may
     * still be refused.
     */
    public void prepare(double seconds) {
        WorkSize wanted = WorkSize.of(seconds);
        Lane held = lane;
        if (held == null || !isGranted) {
            enter(wanted, Math.min(seconds, time.secondsLeft()), true);
        } else if (wanted.compareTo(size) > 0) {
            release();
            enterOrTell(wanted, Math.min(seconds, time.secondsLeft()), true);
        } else if (size != WorkSize.TINY || seconds > left.booking.seconds()) {
            held.extend(this, seconds);
        }
    }

    /** If it is refused, it has a permit to tell so. */
    private void enterOrTell(WorkSize wanted, double seconds, boolean mayRefuse) {
        try {
            enter(wanted, seconds, mayRefuse);
        } catch (OverloadedException e) {
            enter(WorkSize.TINY, 0, false);
            throw e;
        }
    }

    private void enter(WorkSize wanted, double seconds, boolean mayRefuse) {
        resize(wanted);
        enter(entered -> entered.enter(this, seconds, mayRefuse));
    }

    private void enter(Consumer<Lane> entering) {
        Lane entered = turns.lane(size);
        waitingFrom = System.nanoTime();
        entering.accept(entered);
        lane = entered;
        await(entered);
    }

    private void await(Lane entered) {
        boolean isInterrupted = false;
        long before = time.waitedNanos();
        try {
            while (!isGranted) {
                LockSupport.parkNanos(this, Math.min(ClientLook.BETWEEN, Math.max(1, time.left(System.nanoTime()))));
                isInterrupted |= Thread.interrupted();
                if (!isGranted) {
                    long now = System.nanoTime();
                    time.check(now);
                    look.check(now);
                }
            }
        } catch (RuntimeException | Error e) {
            lane = null;
            if (entered.cancel(this)) {
                time.addWait(System.nanoTime() - waitingFrom);
            }
            throw e;
        } finally {
            entered.tellWait(this, time.waitedNanos() - before);
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Computes within a permit for about so many seconds; one that was not held before is given back afterwards. */
    <T> T compute(double seconds, Supplier<T> work) {
        boolean wasHeld = isGranted;
        take(seconds);
        try {
            return work.get();
        } finally {
            if (!wasHeld) {
                release();
            }
        }
    }

    /** Does what only waits without a permit, and then waits for one again, unless the request is to end. */
    public <T extends @Nullable Object> T aside(Supplier<T> work) {
        if (!isGranted || Thread.currentThread() != owner) {
            return work.get();
        }
        release();
        try {
            T result = work.get();
            enter(entered -> entered.enterAgain(this));
            return result;
        } catch (OverloadedException | LimitException | ProblemException e) {
            // Some callers go on without what could not be had, and most do not: they shall not wait long to tell so.
            enter(WorkSize.TINY, 0, false);
            throw e;
        }
    }

    /** Does the same for the thread that handles a request, if there is one. */
    public static <T extends @Nullable Object> T asideOfBound(Supplier<T> work) {
        Turn bound = BOUND.get();
        return bound == null ? work.get() : bound.aside(work);
    }

    /** Does the same with what returns nothing. */
    public static void whileClientIsWaitedFor(Runnable work) {
        asideOfBound(() -> {
            work.run();
            return true;
        });
    }

    @Override
    public void check() {
        long now = System.nanoTime();
        if (now - nextCheck > 0) {
            time.check(now);
            if (Thread.currentThread() == owner) {
                share(now);
            }
        }
    }

    /** For work on a result that stands: lets others go on, and ends it if the client has gone, but not because of the time. */
    public void pause() {
        long now = System.nanoTime();
        if (now - nextCheck > 0 && Thread.currentThread() == owner) {
            time.ignored(() -> {
                share(now);
                return true;
            });
        }
    }

    private void setNextCheck(long now) {
        long next = Math.min(look.next(), now + UsedTime.quantum(size));
        long left = time.left(now);
        nextCheck = left > 0 ? Math.min(next, now + left) : next;
    }

    /** Lets others go on who are due before. What takes longer than was thought is booked as larger work, or refused if it may be. */
    private void share(long now) {
        look.check(now);
        setNextCheck(now);
        Lane held = lane;
        if (held == null || !isGranted) {
            return;
        }
        if (used.exceeds(size, size.mostTaken(left.booking.seconds()))) {
            WorkSize larger = size.next();
            double seconds = isAccepted || larger == WorkSize.HUGE ? Math.max(larger.least, used.ofSize) : larger.most;
            if (!isAccepted || turns.lane(larger) != held) {
                release();
                enterOrTell(larger, seconds, !isAccepted);
                return;
            }
            held.demote(this, larger, seconds);
        }
        if (held.passOn(this)) {
            await(held);
        }
    }

    /** Gives the permit back, if one is held. */
    public void release() {
        Lane held = lane;
        lane = null;
        if (held != null && isGranted) {
            held.leave(this);
        }
    }

    @Override
    public void close() {
        release();
        kept.end();
        time.end();
        if (used.ofSize > 0) {
            turns.lane(size).ended(this);
        }
        if (BOUND.get() == this) {
            BOUND.remove();
        }
    }

    // --- For the lane, which holds its lock.

    void grant() {
        long now = used.begin();
        time.addWait(now - waitingFrom);
        setNextCheck(now);
        isGranted = true;
        LockSupport.unpark(owner);
    }

    void resize(WorkSize other) {
        size = other;
        used.restart();
    }
}
