package io.chainrule.service.jobs;

import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Knows whether this replica has looked for lost replicas, without a gap, for so long that living ones have told that they are alive. When
 * the database has been away, or the machine was suspended, the last signs of life of all replicas are old, and must not be taken for those
 * of lost ones. A replica that begins does not know whether the database was away.
 */
final class SteadyLooks extends AbstractSchedulerListener {
    /** A replica that has missed so many heartbeats is thought to have ended. */
    static final int MISSED = 5;
    /** At most so many heartbeats pass from one look to the next: db-scheduler waits for two, and a look may take another. */
    private static final int HEARTBEATS_A_LOOK = 3;
    /** A busy machine may look so much later. */
    private static final Duration DELAY = Duration.ofSeconds(1);
    /** Within so many heartbeats living replicas have told that they are alive, also if the first one waits for a connection. */
    private static final int UNTIL_TOLD = 3;
    /** A replica may wait so long for a connection to the database, however short the heartbeat is. */
    private static final Duration UNTIL_CONNECTED = Duration.ofSeconds(3);

    private final long mostBetween;
    private final long enough;
    private final LongSupplier clock;
    private final InstantSource day;
    private long last;
    private long lastOfDay;
    private long steadySince;

    /**
     * @param isAlone whether there can be no other replica, so that this one need not give others time when it begins
     * @param clock nanoseconds, as of {@link System#nanoTime}
     * @param day the clock of the day, by which db-scheduler tells how old a sign of life is
     */
    SteadyLooks(Duration heartbeat, boolean isAlone, LongSupplier clock, InstantSource day) {
        // What a living replica has told last is a heartbeat old at most when a gap begins, and must not be too old when it ends.
        mostBetween = Collections.min(
                List.of(heartbeat.multipliedBy(HEARTBEATS_A_LOOK).plus(DELAY), heartbeat.multipliedBy(MISSED - 1L))).toNanos();
        enough = Collections.max(List.of(heartbeat.multipliedBy(UNTIL_TOLD), heartbeat.plus(UNTIL_CONNECTED))).toNanos();
        this.clock = clock;
        this.day = day;
        last = clock.getAsLong();
        lastOfDay = day.millis();
        steadySince = isAlone ? last - enough : last;
    }

    /** To be asked during a look. */
    synchronized boolean areSteady() {
        return sinceLast() <= mostBetween && clock.getAsLong() - steadySince >= enough;
    }

    /** The longer of two times: {@link System#nanoTime} stands still while the machine is suspended, and a clock may be set. */
    private long sinceLast() {
        return Math.max(clock.getAsLong() - last, TimeUnit.MILLISECONDS.toNanos(day.millis() - lastOfDay));
    }

    /** Notes each look that has reached the database. */
    @Override
    public synchronized void onSchedulerEvent(SchedulerEventType type) {
        if (type == SchedulerEventType.RAN_DETECT_DEAD) {
            long now = clock.getAsLong();
            steadySince = sinceLast() > mostBetween ? now : steadySince;
            last = now;
            lastOfDay = day.millis();
        }
    }
}
