package io.chainrule.service.jobs;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.run.Turn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Charges an attempt at a job to its client's quota of computing. */
final class JobQuota {
    /** A job whose client has used the quota goes on when so much of it is there again: its beginning takes time too. */
    private static final Duration WORTHWHILE = Duration.ofSeconds(10);
    /** The next attempt shall compute for so many times as long as this one took to begin. */
    private static final double TIMES_BEGINNING = 3;
    private static final double NANOS = 1e9;

    private final @Nullable Allowance allowance;
    private final Turn turn;
    private double charged;
    private volatile boolean isUsedUp;
    /** The core time in seconds until the attempt did something of its work. */
    private volatile double beginning;

    /** {@code allowance} is null for a client without quotas. */
    JobQuota(@Nullable Allowance allowance, Turn turn) {
        this.allowance = allowance;
        this.turn = turn;
    }

    /** How long it takes until this quota allows an attempt. */
    static Duration untilLeft(Allowance allowance) {
        return allowance.untilTimeIsLeft(WORTHWHILE);
    }

    /** Charges the core time since the last call. */
    synchronized void charge() {
        if (allowance != null) {
            double used = turn.used();
            allowance.charge(Math.max(0, used - charged), 0);
            charged = Math.max(used, charged);
            isUsedUp = allowance.hasNoTimeLeft();
        }
    }

    boolean isUsedUp() {
        return isUsedUp;
    }

    /** Notes that the attempt has begun its own work. */
    void hasBegun() {
        beginning = turn.used();
    }

    /** How long it takes until the quota allows another attempt. */
    Duration untilLeft() {
        charge();
        Duration worthwhile = Duration.ofNanos((long) (TIMES_BEGINNING * beginning * NANOS));
        return allowance == null
                ? Duration.ZERO
                : allowance.untilTimeIsLeft(worthwhile.compareTo(WORTHWHILE) > 0 ? worthwhile : WORTHWHILE);
    }
}
