package io.chainrule.service.run;

import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * Decides which requests compute at the same time. At most as many large pieces of work run as there are cores, since more would only
 * delay each other; as many tiny ones run beside them, so that these never wait for large ones.
 */
@Component
public final class Turns {
    private final int permits;
    private final Lane tiny;
    private final Lane large;
    private final AtomicLong numbers = new AtomicLong();
    private final Duration time;

    public Turns(Limits limits) {
        permits = limits.threads() == 0 ? Runtime.getRuntime().availableProcessors() : limits.threads();
        tiny = new Lane(permits, EnumSet.of(WorkSize.TINY));
        large = new Lane(permits, EnumSet.complementOf(EnumSet.of(WorkSize.TINY)));
        time = limits.time();
    }

    /** The turn of the request that this thread handles from now on, until it is closed. Nothing is held yet. */
    public Turn begin(String client, BooleanSupplier isGone) {
        return turn(client, isGone).bind();
    }

    private Turn turn(String client, BooleanSupplier isGone) {
        return new Turn(this, numbers.incrementAndGet(), client, time, isGone);
    }

    /** Throws {@link OverloadedException}, as {@link Turn#take} would, for work of about so many seconds. Nothing is held or booked. */
    public void check(String client, double seconds) {
        WorkSize size = WorkSize.of(seconds);
        Turn turn = turn(client, () -> false);
        turn.resize(size);
        lane(size).check(turn, Math.min(seconds, turn.time.secondsLeft()));
    }

    /** The turn of this thread's request; outside of requests a new one, which computes as long as it runs something. */
    Turn current() {
        Turn bound = Turn.bound();
        return bound == null ? turn("", () -> false) : bound;
    }

    Lane lane(WorkSize size) {
        return size == WorkSize.TINY ? tiny : large;
    }

    /** Whether nobody computes. */
    boolean isIdle() {
        return tiny.isIdle() && large.isIdle();
    }

    int permits() {
        return permits;
    }

    /** The permits of large work, of which helpers may take those that are free. */
    Lane large() {
        return large;
    }
}
