package io.chainrule.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.access.Allowance.Quota;
import io.chainrule.service.access.Allowance.Refusal;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketExceptions;
import io.github.bucket4j.util.concurrent.batch.BatchHelper;
import io.github.bucket4j.TimeMeter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client has left, by a clock that stands until it is set. */
class AllowanceTest {
    private static final class Clock implements TimeMeter {
        private long nanos;

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }

        void pass(Duration time) {
            nanos += time.toNanos();
        }
    }

    private final Clock clock = new Clock();
    private final Allowance.Buckets buckets = (_, configuration) -> Bucket.builder().addLimit(configuration.getBandwidths()[0])
            .withCustomTimePrecision(clock).build();

    private Allowance of(long requests, long seconds, long bytes, int trainings) {
        return new Allowance(new Quotas(requests, seconds, bytes, trainings), buckets, new Allowance.Outage());
    }

    private static Quota quota(Allowance allowance, String name) {
        return allowance.quotas().stream().filter(quota -> quota.name().equals(name)).findFirst().orElseThrow();
    }

    private static void assertTaken(Allowance allowance) {
        assertThat(allowance.take(false)).isNull();
    }

    private static Refusal refusal(Allowance allowance, boolean isTraining) {
        return Objects.requireNonNull(allowance.take(isTraining));
    }

    @Test
    void soManyRequestsAMinuteAndEvenlyMore() {
        Allowance allowance = of(3, 0, 0, 0);
        for (int left = 2; left >= 0; left--) {
            assertTaken(allowance);
            assertThat(quota(allowance, "requests").left()).isEqualTo(left);
        }
        assertThat(refusal(allowance, false)).isEqualTo(
                new Refusal("this client has used its quota 'requests' of 3 requests in 60 s", Duration.ofSeconds(20)));
        clock.pass(Duration.ofSeconds(20));
        assertTaken(allowance);
        assertThat(allowance.take(false)).isNotNull();
        clock.pass(Duration.ofHours(1));
        assertThat(quota(allowance, "requests").left()).as("it fills no further").isEqualTo(3);
    }

    /** The cost of a request is known when it has been answered: it may be more than was left, and later ones wait for that too. */
    @Test
    void whatARequestCostIsChargedAfterwards() {
        Allowance allowance = of(0, 10, 1_000, 0);
        allowance.charge(9.999999, 999);
        assertTaken(allowance);
        allowance.charge(10.000001, 0);
        assertThat(quota(allowance, "compute").left()).isZero();
        assertThat(refusal(allowance, false)).isEqualTo(new Refusal(
                "this client has used its quota 'compute' of 10000000 microseconds in 3600 s",
                Duration.ofHours(1).plusNanos(360_000)));
        clock.pass(Duration.ofHours(1).plusNanos(360_000));
        assertTaken(allowance);
        allowance.charge(0, 5_000);
        assertThat(refusal(allowance, false).reason()).contains("'bytes' of 1000 content-bytes in 3600 s");
    }

    /** What was taken of bytes is given back if they are not sent; of a quota that cannot be asked nothing was. */
    @Test
    void bytesAreTakenBeforeTheyAreSent() {
        Allowance allowance = of(0, 0, 1_000, 0);
        assertThat(allowance.takeBytes(1_500)).isEqualTo(new Allowance.Taken(1_500, null));
        assertThat(allowance.takeBytes(1).refusal()).isNotNull();
        allowance.giveBack(1_500, Duration.ZERO);
        assertThat(quota(allowance, "bytes").left()).isEqualTo(1_000);
        Allowance free = of(1, 1, 0, 0);
        assertThat(free.takeBytes(1_500)).isEqualTo(new Allowance.Taken(0, null));
        free.giveBack(1_500, Duration.ZERO);
    }

    /** A client lets files wait, each of all its bytes, and breaks all of them off at once. */
    @Test
    void bytesAreNotSavedUp() {
        Allowance allowance = of(0, 0, 1_000, 0);
        for (int file = 0; file < 3; file++) {
            assertThat(allowance.takeBytes(1_000).refusal()).isNull();
            clock.pass(Duration.ofMinutes(file < 2 ? 60 : 30));
        }
        for (int minutes : new int[]{150, 90}) {
            allowance.giveBack(1_000, Duration.ofMinutes(minutes));
            assertThat(quota(allowance, "bytes").left()).isEqualTo(500);
        }
        allowance.giveBack(1_000, Duration.ofMinutes(30));
        assertThat(quota(allowance, "bytes").left()).isEqualTo(1_000);
    }

    @Test
    void nothingIsChargedForNothing() {
        Allowance allowance = of(0, 10, 1_000, 0);
        allowance.charge(0, 0);
        allowance.charge(1e-9, 0);
        allowance.giveBack(5, Duration.ZERO);
        assertThat(quota(allowance, "compute").left()).isEqualTo(10_000_000);
        assertThat(quota(allowance, "bytes").left()).isEqualTo(1_000);
    }

    /** A request that is refused for another quota is not counted. */
    @Test
    void aRefusedRequestIsNotTaken() {
        Allowance allowance = of(5, 0, 1_000, 0);
        allowance.charge(0, 1_000);
        assertThat(refusal(allowance, false).reason()).contains("'bytes'");
        assertThat(quota(allowance, "requests").left()).isEqualTo(5);
    }

    @Test
    void tellsWhenAllIsThereAgain() {
        Allowance allowance = of(60, 10, 0, 0);
        assertThat(quota(allowance, "requests").untilFull()).isZero();
        assertTaken(allowance);
        assertTaken(allowance);
        assertThat(quota(allowance, "requests").untilFull()).isEqualTo(Duration.ofSeconds(2));
        allowance.charge(20, 0);
        assertThat(quota(allowance, "compute").untilFull()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void zeroIsNoLimit() {
        Allowance allowance = of(0, 0, 0, 0);
        allowance.charge(1e6, 1_000_000_000_000L);
        for (int i = 0; i < 100; i++) {
            assertThat(allowance.take(true)).isNull();
        }
        assertThat(allowance.quotas()).isEmpty();
        assertThat(of(1, 1, 1, 1).quotas()).extracting(Quota::name).containsExactly("requests", "compute", "bytes");
    }

    @Test
    void soManyTrainingsAtOnce() {
        Allowance allowance = of(4, 0, 0, 2);
        assertThat(allowance.take(true)).isNull();
        assertThat(allowance.take(true)).isNull();
        Refusal refused = refusal(allowance, true);
        assertThat(refused.reason()).isEqualTo("this client has as many trainings at work as it may have at once, which is 2");
        assertThat(refused.delay()).isEqualTo(Duration.ofSeconds(1));
        allowance.endTraining();
        assertThat(allowance.take(true)).isNull();
        assertThat(refusal(allowance, true).reason()).as("its requests are used up").contains("'requests'");
        allowance.endTraining();
        clock.pass(Duration.ofMinutes(1));
        assertThat(allowance.take(true)).as("one that was refused for another quota is not at work").isNull();
    }

    /** Quotas are there to be fair, not to stop the service; and not every request waits for a database that is away. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileTheDatabaseIsAwayClientsAreLetIn(boolean isSentTogether) {
        AtomicInteger asked = new AtomicInteger();
        Bucket away = (Bucket) Proxy.newProxyInstance(Bucket.class.getClassLoader(), new Class<?>[]{Bucket.class},
                (_, _, _) -> {
                    asked.incrementAndGet();
                    RuntimeException failure = new BucketExceptions.BucketExecutionException(new IllegalStateException("away"));
                    throw isSentTogether ? new BatchHelper.BatchFailedException(failure) : failure;
                });
        Allowance allowance = new Allowance(new Quotas(3, 0, 5, 0), (_, _) -> away, new Allowance.Outage());
        for (int i = 0; i < 10; i++) {
            assertTaken(allowance);
            allowance.charge(1, 100);
            assertThat(allowance.takeBytes(100)).as("nothing is to be given back").isEqualTo(new Allowance.Taken(0, null));
            assertThat(quota(allowance, "requests").left()).isEqualTo(3);
            assertThat(quota(allowance, "requests").untilFull()).isZero();
            assertThat(quota(allowance, "requests").untilSomeIsLeft()).isZero();
        }
        assertThat(asked).as("once a second").hasValueBetween(1, 5);
    }

    @Test
    void nobodyWaitsForNoTime() {
        assertThat(of(0, 60, 0, 0).untilTimeIsLeft(Duration.ZERO)).isZero();
    }

    /** Of the requests that come meanwhile few wait for it, then. */
    @Test
    void aDatabaseThatTakesLongToFailIsLeftAloneForLonger() throws InterruptedException {
        Allowance.Outage soon = new Allowance.Outage();
        Allowance.Outage late = new Allowance.Outage();
        assertThat(soon.isOver()).isTrue();
        soon.begin(1_000_000, new IllegalStateException("refused"));
        late.begin(5_000_000_000L, new IllegalStateException("timeout"));
        assertThat(soon.isOver()).isFalse();
        Thread.sleep(1_100);
        assertThat(soon.isOver()).isTrue();
        assertThat(late.isOver()).isFalse();
    }

    @Test
    void thatAClientIsRefusedIsToldOnceAMinute() {
        Allowance allowance = of(1, 0, 0, 0);
        assertThat(allowance.isToBeTold()).isTrue();
        assertThat(allowance.isToBeTold()).isFalse();
    }
}
