package io.chainrule.service.jobs;

import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Knows whether this replica has looked for lost replicas, without a gap, for so long that living ones have told that they are alive. When
 * the database has been away, the last signs of life of all replicas are old, and must not be taken for those of lost ones. A replica that
 * begins does not know whether it was.
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
    private long last;
    private long steadySince;

    /**
     * @param isAlone whether there can be no other replica, so that this one need not give others time when it begins
     * @param clock nanoseconds, as of {@link System#nanoTime}
     */
    SteadyLooks(Duration heartbeat, boolean isAlone, LongSupplier clock) {
        // What a living replica has told last is a heartbeat old at most when a gap begins, and must not be too old when it ends.
        mostBetween = Collections.min(
                List.of(heartbeat.multipliedBy(HEARTBEATS_A_LOOK).plus(DELAY), heartbeat.multipliedBy(MISSED - 1L))).toNanos();
        enough = Collections.max(List.of(heartbeat.multipliedBy(UNTIL_TOLD), heartbeat.plus(UNTIL_CONNECTED))).toNanos();
        this.clock = clock;
        last = clock.getAsLong();
        steadySince = isAlone ? last - enough : last;
    }

    /** To be asked during a look. */
    synchronized boolean areSteady() {
        long now = clock.getAsLong();
        return now - last <= mostBetween && now - steadySince >= enough;
    }

    /** Notes each look that has reached the database. */
    @Override
    public synchronized void onSchedulerEvent(SchedulerEventType type) {
        if (type == SchedulerEventType.RAN_DETECT_DEAD) {
            long now = clock.getAsLong();
            steadySince = now - last > mostBetween ? now : steadySince;
            last = now;
        }
    }
}
