package io.chainrule.service.access;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions;
import io.github.bucket4j.util.concurrent.batch.BatchHelper;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/** What a client has left of its quotas. */
public final class Allowance {
    private static final Logger LOG = LoggerFactory.getLogger(Allowance.class);
    private static final Duration UNTIL_ANOTHER_ENDS = Duration.ofSeconds(1);
    private static final long BETWEEN_TELLINGS = TimeUnit.MINUTES.toNanos(1);
    private static final long MICROS = 1_000_000;

    private final List<Quota> quotas = new ArrayList<>();
    private final @Nullable Quota requests;
    private final @Nullable Quota compute;
    private final @Nullable Quota bytes;
    private final int mostTrainings;
    private final AtomicInteger trainings = new AtomicInteger();
    private final AtomicLong nextTelling = new AtomicLong(System.nanoTime());

    /** Makes, or finds, the bucket of a quota. */
    interface Buckets {
        Bucket bucket(String quota, BucketConfiguration configuration);
    }

    /** Says for a while after a failure that the database is away, so that not every request waits for it. */
    static final class Outage {
        private static final long LEAST = TimeUnit.SECONDS.toNanos(1);
        /** It lasts so many times as long as the attempt that failed: where each takes seconds, few requests make one. */
        private static final int ATTEMPTS = 2;
        private volatile long end = System.nanoTime();

        boolean isOver() {
            return System.nanoTime() - end >= 0;
        }

        /** Begins after an attempt that took so many nanoseconds. */
        void begin(long attempt, Exception cause) {
            end = System.nanoTime() + Math.max(LEAST, ATTEMPTS * attempt);
            LOG.warn("Quotas cannot be read from the database now, and are not enforced: {}",
                    NestedExceptionUtils.getMostSpecificCause(cause).getMessage());
        }
    }

    /**
     * One of the quotas of a client. It fills evenly, and is full after {@code window}.
     *
     * @param name as clients see it
     * @param unit of the numbers, as the draft on RateLimit headers calls it
     */
    public record Quota(String name, String unit, long most, Duration window, Bucket bucket, Outage outage) {
        /** While the database that replicas share is away, clients are let in: quotas are there to be fair, not to stop the service. */
        private <T extends @Nullable Object> T orElse(T fallback, Function<Bucket, T> work) {
            if (!outage.isOver()) {
                return fallback;
            }
            long start = System.nanoTime();
            try {
                return work.apply(bucket);
            } catch (BucketExceptions.BucketExecutionException | BatchHelper.BatchFailedException e) {
                // Bucket4j sends several commands as one batch. If that fails, the other callers get a BatchFailedException.
                outage.begin(System.nanoTime() - start, e);
                return fallback;
            }
        }

        private long available() {
            return orElse(most, Bucket::getAvailableTokens);
        }

        public long left() {
            return Math.max(0, available());
        }

        /** How long it takes until everything is there again, if nothing is taken meanwhile. */
        public Duration untilFull() {
            return Duration.ofMillis((long) ((double) (most - available()) / most * window.toMillis()));
        }

        /** How long it takes until something is left. */
        Duration untilSomeIsLeft() {
            return orElse(Duration.ZERO, tokens -> Duration.ofNanos(tokens.estimateAbilityToConsume(1).getNanosToWaitForRefill()));
        }
    }

    /** Why a request has to wait, and how long. */
    public record Refusal(String reason, Duration delay) {}

    Allowance(Quotas sizes, Buckets buckets, Outage outage) {
        requests = add("requests", "requests", sizes.requests(), Duration.ofMinutes(1), buckets, outage);
        compute = add("compute", "microseconds", sizes.computeSeconds() * MICROS, Duration.ofHours(1), buckets, outage);
        bytes = add("bytes", "content-bytes", sizes.bytes(), Duration.ofHours(1), buckets, outage);
        mostTrainings = sizes.trainings();
    }

    private @Nullable Quota add(String name, String unit, long most, Duration window, Buckets buckets, Outage outage) {
        if (most == 0) {
            return null;
        }
        Bandwidth bandwidth = Bandwidth.builder().capacity(most).refillGreedy(most, window).build();
        Quota quota = new Quota(name, unit, most, window, buckets.bucket(name, BucketConfiguration.builder().addLimit(bandwidth).build()),
                outage);
        quotas.add(quota);
        return quota;
    }

    /** The quotas that are limited. */
    public List<Quota> quotas() {
        return quotas;
    }

    /**
     * Takes a request from the quotas, or says why it has to wait. What it costs is charged when that is known; a training is to be ended.
     */
    public @Nullable Refusal take(boolean isTraining) {
        Refusal refusal = takeRequest(true);
        if (refusal == null && isTraining && trainings.incrementAndGet() > mostTrainings && mostTrainings > 0) {
            trainings.decrementAndGet();
            return new Refusal("this client has as many trainings at work as it may have at once, which is " + mostTrainings,
                    UNTIL_ANOTHER_ENDS);
        }
        return refusal;
    }

    /** The same for a request that does not have to wait while the quota of computing is used up. */
    public @Nullable Refusal takeWithoutComputing() {
        return takeRequest(false);
    }

    private @Nullable Refusal takeRequest(boolean computes) {
        for (Quota quota : quotas) {
            if (!quota.equals(requests) && (computes || !quota.equals(compute)) && quota.left() == 0) {
                return refused(quota, quota.untilSomeIsLeft());
            }
        }
        if (requests == null) {
            return null;
        }
        Quota quota = requests;
        return quota.orElse(null, bucket -> {
            ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
            return probe.isConsumed() ? null : refused(quota, Duration.ofNanos(probe.getNanosToWaitForRefill()));
        });
    }

    private static Refusal refused(Quota quota, Duration delay) {
        return new Refusal("this client has used its quota '" + quota.name + "' of " + quota.most + " " + quota.unit + " in "
                + quota.window.toSeconds() + " s", delay);
    }

    /** Whether the client has used its quota of computing. */
    public boolean hasNoTimeLeft() {
        return compute != null && compute.left() == 0;
    }

    /** How long it takes until so much of the quota of computing is there, or all of it if that is less. */
    public Duration untilTimeIsLeft(Duration time) {
        Quota quota = compute;
        return quota == null
                ? Duration.ZERO
                : quota.orElse(Duration.ZERO, bucket -> Duration.ofNanos(
                        bucket.estimateAbilityToConsume(Math.clamp(TimeUnit.MICROSECONDS.convert(time), 1, quota.most))
                                .getNanosToWaitForRefill()));
    }

    /**
     * What was charged of bytes that are about to be sent.
     *
     * @param bytes 0 also where there is no such quota, or where it cannot be asked
     */
    public record Taken(long bytes, @Nullable Refusal refusal) {}

    /**
     * Charges bytes that are about to be sent, which may be more than is left, or says how long they have to wait because nothing is.
     * Requests that are answered at the same time see what the others have taken.
     */
    public synchronized Taken takeBytes(long transferred) {
        if (bytes != null && bytes.left() == 0) {
            return new Taken(0, refused(bytes, bytes.untilSomeIsLeft()));
        }
        return new Taken(charge(bytes, transferred) ? transferred : 0, null);
    }

    /** Charges what a request has cost, which may be more than is left. */
    public void charge(double seconds, long transferred) {
        charge(compute, Math.round(seconds * MICROS));
        charge(bytes, transferred);
    }

    /**
     * Gives bytes back that were taken and have not been sent, less what the quota has been refilled with since. Otherwise a client could
     * let files wait while its quota fills again and again, and have the bytes of all of them at once.
     *
     * @param since how long ago they were taken
     */
    public void giveBack(long unsent, Duration since) {
        if (bytes != null) {
            long refilled = (long) ((double) bytes.most * since.toNanos() / bytes.window.toNanos());
            charge(bytes, Math.min(0, refilled - unsent));
        }
    }

    /** Returns whether the amount was charged. */
    private static boolean charge(@Nullable Quota quota, long amount) {
        return quota != null && amount != 0 && quota.orElse(false, bucket -> {
            if (amount > 0) {
                bucket.consumeIgnoringRateLimits(amount);
            } else {
                bucket.addTokens(-amount);
            }
            return true;
        });
    }

    /** Whether it was not told within the last minute that this client is refused. */
    public boolean isToBeTold() {
        long now = System.nanoTime();
        long next = nextTelling.get();
        return now - next >= 0 && nextTelling.compareAndSet(next, now + BETWEEN_TELLINGS);
    }

    public void endTraining() {
        trainings.decrementAndGet();
    }
}
