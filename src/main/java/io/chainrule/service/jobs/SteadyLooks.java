package io.chainrule.service.jobs;

import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Knows whether this replica has looked for lost replicas, without a gap, for so long that living ones have told that they are alive. When
 * the database has been away, the last signs of life of all replicas are old, and must not be taken for those of lost ones.
 */
final class SteadyLooks extends AbstractSchedulerListener {
    /** At most so many heartbeats pass from one look to the next: db-scheduler waits for two, and a look may take another. */
    private static final int HEARTBEATS_A_LOOK = 3;
    /** A busy machine may look so much later. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    private final long mostBetween;
    private final long enough;
    private final LongSupplier clock;
    private long last;
    private long steadySince;

    /**
     * @param patience within which living replicas tell that they are alive once the database is back
     * @param clock nanoseconds, as of {@link System#nanoTime}
     */
    SteadyLooks(Duration heartbeat, Duration patience, LongSupplier clock) {
        mostBetween = heartbeat.multipliedBy(HEARTBEATS_A_LOOK).plus(DELAY).toNanos();
        enough = patience.toNanos();
        this.clock = clock;
        last = clock.getAsLong();
        steadySince = last - enough;
    }

    /** Notes that the database was away until now. */
    synchronized void wasAway() {
        steadySince = clock.getAsLong();
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
