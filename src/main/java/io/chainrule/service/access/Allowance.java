package io.chainrule.service.access;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What a client has left of its quotas. */
public final class Allowance {
    private static final Duration UNTIL_ANOTHER_ENDS = Duration.ofSeconds(1);
    private static final long MICROS = 1_000_000;

    private final List<Quota> quotas = new ArrayList<>();
    private final @Nullable Quota requests;
    private final @Nullable Quota compute;
    private final @Nullable Quota bytes;
    private final int mostTrainings;
    private final AtomicInteger trainings = new AtomicInteger();

    /** Makes, or finds, the bucket of a quota. */
    interface Buckets {
        Bucket bucket(String quota, BucketConfiguration configuration);
    }

    /**
     * One of the quotas of a client. It fills evenly, and is full after {@code window}.
     *
     * @param name as clients see it
     * @param unit of the numbers, as the draft on RateLimit headers calls it
     */
    public record Quota(String name, String unit, long most, Duration window, Bucket bucket) {
        public long left() {
            return Math.max(0, bucket.getAvailableTokens());
        }

        /** How long it takes until everything is there again, if nothing is taken meanwhile. */
        public Duration untilFull() {
            return Duration.ofMillis((long) ((double) (most - bucket.getAvailableTokens()) / most * window.toMillis()));
        }

        /** How long it takes until something is left. */
        Duration untilSomeIsLeft() {
            return Duration.ofNanos(bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill());
        }
    }

    /** Why a request has to wait, and how long. */
    public record Refusal(String reason, Duration delay) {}

    Allowance(Quotas of, Buckets buckets) {
        requests = add("requests", "requests", of.requests(), Duration.ofMinutes(1), buckets);
        compute = add("compute", "microseconds", of.computeSeconds() * MICROS, Duration.ofHours(1), buckets);
        bytes = add("bytes", "content-bytes", of.bytes(), Duration.ofHours(1), buckets);
        mostTrainings = of.trainings();
    }

    private @Nullable Quota add(String name, String unit, long most, Duration window, Buckets buckets) {
        if (most == 0) {
            return null;
        }
        Bandwidth bandwidth = Bandwidth.builder().capacity(most).refillGreedy(most, window).build();
        Quota quota = new Quota(name, unit, most, window, buckets.bucket(name, BucketConfiguration.builder().addLimit(bandwidth).build()));
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
        for (Quota quota : quotas) {
            if (!quota.equals(requests) && quota.left() == 0) {
                return refused(quota, quota.untilSomeIsLeft());
            }
        }
        if (requests != null) {
            ConsumptionProbe probe = requests.bucket.tryConsumeAndReturnRemaining(1);
            if (!probe.isConsumed()) {
                return refused(requests, Duration.ofNanos(probe.getNanosToWaitForRefill()));
            }
        }
        if (isTraining && trainings.incrementAndGet() > mostTrainings && mostTrainings > 0) {
            trainings.decrementAndGet();
            return new Refusal("this client has as many trainings at work as it may have at once, which is " + mostTrainings,
                    UNTIL_ANOTHER_ENDS);
        }
        return null;
    }

    private static Refusal refused(Quota quota, Duration delay) {
        return new Refusal("this client has used its quota '" + quota.name + "' of " + quota.most + " " + quota.unit + " in "
                + quota.window.toSeconds() + " s", delay);
    }

    /** Charges what a request has cost, which may be more than is left. */
    public void charge(double seconds, long transferred) {
        charge(compute, Math.round(seconds * MICROS));
        charge(bytes, transferred);
    }

    private static void charge(@Nullable Quota quota, long amount) {
        if (quota != null && amount > 0) {
            quota.bucket.consumeIgnoringRateLimits(amount);
        }
    }

    public void endTraining() {
        trainings.decrementAndGet();
    }
}
