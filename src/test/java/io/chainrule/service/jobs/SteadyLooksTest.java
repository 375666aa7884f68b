package io.chainrule.service.jobs;

import static com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType.RAN_DETECT_DEAD;
import static com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType.RAN_EXECUTE_DUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By default a replica looks every six seconds, and living ones have told that they are alive within nine. */
class SteadyLooksTest {
    private long now = Long.MAX_VALUE - 5;
    private Instant day = Instant.EPOCH;
    private SteadyLooks looks = new SteadyLooks(Duration.ofSeconds(3), true, () -> now, () -> day);

    private boolean lookAfter(long seconds) {
        return lookAfter(Duration.ofSeconds(seconds));
    }

    private boolean lookAfter(Duration time) {
        now += time.toNanos();
        day = day.plus(time);
        boolean areSteady = looks.areSteady();
        looks.onSchedulerEvent(RAN_DETECT_DEAD);
        return areSteady;
    }

    @Test
    void aReplicaThatHasJustBegunAloneMayTakeLostJobsOver() {
        assertThat(lookAfter(0)).isTrue();
        assertThat(lookAfter(6)).isTrue();
        assertThat(lookAfter(10)).as("late on a busy machine").isTrue();
    }

    @Test
    void afterAGapReplicasHaveTimeToTellThatTheyAreAlive() {
        assertThat(lookAfter(6)).isTrue();
        now += TimeUnit.SECONDS.toNanos(20);
        looks.onSchedulerEvent(RAN_EXECUTE_DUE);
        assertThat(lookAfter(20)).as("the first look after the database was away").isFalse();
        assertThat(lookAfter(6)).isFalse();
        assertThat(lookAfter(6)).isTrue();
        assertThat(lookAfter(11)).isFalse();
    }

    /** {@link System#nanoTime} stands still meanwhile. By the clock of the day all signs of life are old afterwards. */
    @Test
    void afterTheMachineWasSuspendedReplicasHaveTimeToTellThatTheyAreAlive() {
        assertThat(lookAfter(6)).isTrue();
        day = day.plusSeconds(20);
        assertThat(lookAfter(1)).as("the first look after the machine was suspended").isFalse();
        assertThat(lookAfter(6)).isFalse();
        assertThat(lookAfter(6)).isTrue();
    }

    @Test
    void aClockOfTheDayThatIsSetBackHidesNoGap() {
        assertThat(lookAfter(6)).isTrue();
        day = day.minusSeconds(3600);
        assertThat(lookAfter(6)).as("no sign of life has grown older").isTrue();
        day = day.minusSeconds(3600);
        assertThat(lookAfter(20)).isFalse();
    }

    @Test
    void aReplicaThatHasJustBegunBesideOthersGivesThemTime() {
        looks = new SteadyLooks(Duration.ofSeconds(3), false, () -> now, () -> day);
        assertThat(lookAfter(0)).isFalse();
        assertThat(lookAfter(6)).isFalse();
        assertThat(lookAfter(6)).isTrue();
    }

    /**
     * All in milliseconds.
     *
     * @param longest the longest time between two looks that is no gap
     * @param untilTold how long others have time after a gap
     */
    @ParameterizedTest
    @CsvSource({"100, 400, 3100", "500, 2000, 3500", "1000, 4000, 4000", "3000, 10000, 9000", "10000, 31000, 30000",
            "300000, 901000, 900000"})
    void aGapAfterWhichLivingReplicasMayBeThoughtToHaveEndedIsNoticed(long heartbeat, long longest, long untilTold) {
        looks = new SteadyLooks(Duration.ofMillis(heartbeat), true, () -> now, () -> day);
        assertThat(heartbeat + longest).as("the age of the last sign of life").isLessThanOrEqualTo(SteadyLooks.MISSED * heartbeat);
        assertThat(lookAfter(Duration.ofMillis(longest))).isTrue();
        assertThat(lookAfter(Duration.ofMillis(longest + 1))).isFalse();
        for (long left = untilTold - 1; left > 0; left -= longest) {
            assertThat(lookAfter(Duration.ofMillis(Math.min(left, longest)))).isFalse();
        }
        assertThat(lookAfter(Duration.ofMillis(1))).isTrue();
    }
}
