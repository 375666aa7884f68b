package io.chainrule.service.jobs;

import static com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType.RAN_DETECT_DEAD;
import static com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType.RAN_EXECUTE_DUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** By default a replica looks every six seconds, and living ones have told that they are alive within nine. */
class SteadyLooksTest {
    private long now = Long.MAX_VALUE - 5;
    private final SteadyLooks looks = new SteadyLooks(Duration.ofSeconds(3), Duration.ofSeconds(9), () -> now);

    private boolean lookAfter(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
        boolean areSteady = looks.areSteady();
        looks.onSchedulerEvent(RAN_DETECT_DEAD);
        return areSteady;
    }

    @Test
    void aReplicaThatHasJustBegunMayTakeLostJobsOver() {
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

    @Test
    void aReplicaThatHasBegunWithoutADatabaseGivesOthersTime() {
        looks.wasAway();
        assertThat(lookAfter(0)).isFalse();
        assertThat(lookAfter(6)).isFalse();
        assertThat(lookAfter(6)).isTrue();
    }
}
