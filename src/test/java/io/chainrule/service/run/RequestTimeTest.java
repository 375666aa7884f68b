package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.tensor.DeadlineExceededException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a request may take, and has taken, and by when its work is due. */
class RequestTimeTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aRequestIsOverTimeOnceItHasTakenLongerThanItMay() {
        RequestTime time = new RequestTime(Duration.ofSeconds(10));
        assertThat(time.left(time.begin)).isEqualTo(10 * SECOND);
        assertThatCode(() -> time.check(time.begin + 10 * SECOND)).doesNotThrowAnyException();
        assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(() -> time.check(time.begin + 10 * SECOND + 1))
                .withMessageContaining("10");
        assertThat(time.secondsLeft()).isBetween(5.0, 10.0);
        time.allow(Duration.ZERO);
        assertThat(time.secondsLeft()).isZero();
        assertThat(time.left(time.begin)).isZero();
    }

    /** Sending the answer afterwards takes as long as its client likes. */
    @Test
    void whatARequestHasTakenEndsWithItsAnswer() {
        RequestTime time = new RequestTime(Duration.ofSeconds(10));
        long before = time.takenNanos();
        while (time.takenNanos() == before) {
            Thread.onSpinWait();
        }
        time.end();
        long taken = time.takenNanos();
        assertThat(taken).isBetween(1L, System.nanoTime() - time.begin);
        LockSupport.parkNanos(1_000_000);
        assertThat(time.takenNanos()).isEqualTo(taken);
    }

    /** Whatever the endpoint allows later, the client waits no longer than it said. */
    @ParameterizedTest
    @CsvSource({"3, true, 3, 3", "10, false, 10, 10", "20, false, 10, 20"})
    void aClientMayWishForLess(long wish, boolean isShorter, long now, long later) {
        RequestTime time = new RequestTime(Duration.ofSeconds(10));
        assertThat(time.shorten(Duration.ofSeconds(wish))).isEqualTo(isShorter);
        assertThat(time.left(time.begin)).isEqualTo(now * SECOND);
        time.allow(Duration.ofSeconds(60));
        assertThat(time.left(time.begin)).isEqualTo(later * SECOND);
    }

    @Test
    void waitsAndEstimatesAddUp() {
        RequestTime time = new RequestTime(Duration.ofSeconds(10));
        time.addWait(SECOND);
        time.addWait(SECOND / 2);
        time.expect(0.5);
        time.expect(0.25);
        assertThat(time.waitedNanos()).isEqualTo(3 * SECOND / 2);
        assertThat(time.waited()).isEqualTo(1.5);
        assertThat(time.expected()).isEqualTo(0.75);
    }

    @Test
    void whatIsUsedIsChargedOnceThatOfHelpersIncluded() {
        UsedTime used = new UsedTime();
        used.begin();
        used.add(3 * SECOND);
        used.add(2 * SECOND);
        assertThat(used.notCharged()).isBetween(5.0, 10.0);
        double first = used.charge();
        assertThat(first).isBetween(5.0, 10.0).isEqualTo(used.ofSize).isEqualTo(used.inAll);
        assertThat(used.notCharged()).as("from now on").isLessThan(5);
        used.restart();
        assertThat(used.ofSize).isZero();
        used.add(7 * SECOND);
        double second = used.charge();
        assertThat(used.ofSize).isEqualTo(second);
        assertThat(used.inAll).isCloseTo(first + second, within(1e-12));
    }

    /** Between two looks the thread of tiny work may have stood still. */
    @Test
    void tinyWorkExceedsItsTimeOnlyIfItWasSeenRunning() {
        UsedTime used = new UsedTime();
        used.begin();
        used.add(3 * SECOND);
        for (int look = 1; look <= UsedTime.LOOKS; look++) {
            assertThat(used.exceeds(WorkSize.TINY, 1)).as("look " + look).isFalse();
        }
        assertThat(used.exceeds(WorkSize.TINY, 1)).isTrue();
        assertThat(used.exceeds(WorkSize.TINY, 1_000)).as("within its time").isFalse();
        used.charge();
        assertThat(used.exceeds(WorkSize.TINY, 1)).as("what was charged counts").isTrue();
        used.restart();
        used.add(3 * SECOND);
        assertThat(used.exceeds(WorkSize.TINY, 1)).as("as work of another size").isFalse();
        assertThat(used.exceeds(WorkSize.SHORT, 1)).as("larger work").isTrue();
    }

    /** Of a request of 10 s: after how many seconds its work is due, and its rank, where its client has asked for some seconds more. */
    @ParameterizedTest
    @CsvSource({"TINY, 0, 0, 1, 0", "TINY, 0.0025, 0, 1.005, 0.5", "TINY, 0.02, 0, 1.04, 1", "SHORT, 0.02, 0, 1.04, 1.04",
            "MEDIUM, 0.1, 0, 2.2, 2.2", "LONG, 1, 0, 5, 5", "LONG, 1, 2, 5, 7", "HUGE, 2.25, 0, 9.5, 9.5"})
    void workIsDueTheSoonerTheShorterItIs(WorkSize size, double thought, double before, double due, double rank) {
        WorkLeft left = new WorkLeft(new RequestTime(Duration.ofSeconds(10)));
        long start = System.nanoTime();
        left.book(size, thought, before);
        long end = System.nanoTime();
        assertThat(left.booking.due()).isBetween(start + nanos(due), end + nanos(due));
        assertThat(left.booking.rank()).isBetween(start + nanos(rank), end + nanos(rank));
        assertThat(left.booking.seconds()).isEqualTo(thought);
        assertThat(left.seconds).isEqualTo(thought);
    }

    private static long nanos(double seconds) {
        return Math.round(seconds * SECOND);
    }

    /** Some time is for what comes after the work. */
    @ParameterizedTest
    @CsvSource({"10, 9.7", "2, 1.8"})
    void workIsDueBeforeTheTimeOfItsRequestIsOver(long allowed, double due) {
        RequestTime time = new RequestTime(Duration.ofSeconds(allowed));
        WorkLeft left = new WorkLeft(time);
        left.book(WorkSize.HUGE, 5, 0);
        assertThat(left.booking.due()).isBetween(time.begin + nanos(due) - 1_000, System.nanoTime() + nanos(due));
    }

    @Test
    void workThatEndsWithWhatItHasIsBookedForAQuarterOfItsTime() {
        WorkLeft left = new WorkLeft(new RequestTime(Duration.ofSeconds(60)));
        left.endsEarly = true;
        left.book(WorkSize.HUGE, 100, 0);
        assertThat(left.seconds).isBetween(10.0, 15.0).isEqualTo(left.booking.seconds());
        left.book(WorkSize.HUGE, 3, 0);
        assertThat(left.seconds).isEqualTo(3);
    }

    /** Work that takes longer than was thought is thought to need a tenth of that more. */
    @Test
    void whatIsLeftOfTheWorkGrowsLess() {
        WorkLeft left = new WorkLeft(new RequestTime(Duration.ofSeconds(10)));
        left.book(WorkSize.HUGE, 4, 0);
        left.computed(1);
        assertThat(left.seconds).isEqualTo(3);
        left.computed(10);
        assertThat(left.seconds).isEqualTo(0.4);
    }
}
