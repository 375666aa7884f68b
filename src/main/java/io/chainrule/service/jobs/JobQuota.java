package io.chainrule.service.jobs;

import io.chainrule.service.access.Allowance;
import io.chainrule.service.run.Turn;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Charges an attempt at a job to its client's quota of computing. */
final class JobQuota {
    /** A job goes on once this much of the quota is there; less would be spent on beginning. */
    private static final Duration WORTHWHILE = Duration.ofSeconds(10);
    /** The next attempt shall compute for so many times as long as this one took to begin. */
    private static final double TIMES_BEGINNING = 3;
    private static final double NANOS = 1e9;
    /** The time between two looks at the quota of a waiting job: it may be raised or given back before {@code at}. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

    private final @Nullable Supplier<Allowance> allowance;
    private final Turn turn;
    private double charged;
    private volatile boolean isUsedUp;
    /** The core time in seconds until the attempt did something of its work. */
    private volatile double beginning;

    /**
     * Asks for the allowance again each time, since a client is forgotten that sends nothing for some hours.
     *
     * @param allowance null for a client without quotas
     */
    JobQuota(@Nullable Supplier<Allowance> allowance, Turn turn) {
        this.allowance = allowance;
        this.turn = turn;
    }

    /**
     * Until when a job waits whose client has used its quota.
     *
     * @param at an estimate, in whole milliseconds as it is stored, so that the event tells the same time as the job
     * @param with if the quota has this many seconds before {@code at}, the job goes on then
     */
    record Wait(Instant at, double with) {
        Wait {
            at = at.truncatedTo(ChronoUnit.MILLIS);
        }

        private static Wait of(Allowance allowance, Duration time) {
            return new Wait(Instant.now().plus(allowance.untilTimeIsLeft(time)), time.toNanos() / NANOS);
        }

        /** After how long the job is looked at again. */
        Duration untilLook() {
            Duration left = Duration.between(Instant.now(), at);
            return left.isNegative() ? Duration.ZERO : left.compareTo(BETWEEN_LOOKS) < 0 ? left : BETWEEN_LOOKS;
        }
    }

    /** Until when a queued job waits; null if it may begin, or go on. */
    static @Nullable Wait of(Job job, Allowance allowance) {
        Instant at = job.resumesAt();
        if (at != null && Instant.now().isBefore(at)) {
            boolean isEnough = allowance.untilTimeIsLeft(Duration.ofNanos((long) (job.resumesWith() * NANOS))).isZero();
            return isEnough ? null : new Wait(at, job.resumesWith());
        }
        return allowance.hasNoTimeLeft() ? Wait.of(allowance, WORTHWHILE) : null;
    }

    /** Charges the core time since the last call. */
    synchronized void charge() {
        if (allowance != null) {
            double used = turn.used();
            Allowance now = allowance.get();
            now.charge(Math.max(0, used - charged), 0);
            charged = Math.max(used, charged);
            isUsedUp = now.hasNoTimeLeft();
        }
    }

    boolean isUsedUp() {
        return isUsedUp;
    }

    /** Notes that the attempt has begun its own work. */
    void hasBegun() {
        beginning = turn.used();
    }

    /** Until when the job waits for another attempt. */
    Wait untilLeft() {
        charge();
        Duration worthwhile = Duration.ofNanos((long) (TIMES_BEGINNING * beginning * NANOS));
        return allowance == null
                ? new Wait(Instant.now(), 0)
                : Wait.of(allowance.get(), worthwhile.compareTo(WORTHWHILE) > 0 ? worthwhile : WORTHWHILE);
    }
}
