package io.chainrule.service.jobs;

import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Knows whether this replica has looked for lost replicas, without a gap, for as long as others have to tell that they are alive. When the
 * database has been away, the last signs of life of all replicas are old, and must not be taken for those of lost ones.
 */
final class SteadyLooks extends AbstractSchedulerListener {
    /** So many heartbeats lie between two looks of db-scheduler, and one more may. */
    private static final int HEARTBEATS_A_LOOK = 3;
    /** A busy machine may look so much later. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    private final long mostBetween;
    private final long enough;
    private final LongSupplier clock;
    private long last;
    private long steadySince;

    /**
     * @param patience for how long a replica may say nothing before it is thought to be lost
     * @param clock nanoseconds, as of {@link System#nanoTime}
     */
    SteadyLooks(Duration heartbeat, Duration patience, LongSupplier clock) {
        mostBetween = heartbeat.multipliedBy(HEARTBEATS_A_LOOK).plus(DELAY).toNanos();
        enough = patience.toNanos();
        this.clock = clock;
        last = clock.getAsLong();
        steadySince = last - enough;
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
