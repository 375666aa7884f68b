package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.service.run.OverloadedException.Resource;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What work is booked as, when it can be done in time, and what is said where it cannot. */
class BookingTest {
    private static final long SECOND = 1_000_000_000L;

    /** A minute that began long ago, as the counter of nanoseconds does. */
    private static final long NOW = -60 * SECOND;

    @ParameterizedTest
    @CsvSource({"0, TINY", "0.005, TINY", "0.006, SHORT", "0.05, SHORT", "0.051, MEDIUM", "0.4, MEDIUM", "0.41, LONG", "2, LONG",
            "2.1, HUGE", "1e300, HUGE"})
    void workHasASizeByItsSeconds(double seconds, WorkSize size) {
        assertThat(WorkSize.of(seconds)).isEqualTo(size);
    }

    /** Not sooner than that, lest it be put behind all others just before it is done. */
    @ParameterizedTest
    @CsvSource({"TINY, 0.001, 0.0075, SHORT", "SHORT, 0.01, 0.075, MEDIUM", "MEDIUM, 0.1, 0.6, LONG", "LONG, 1, 3, HUGE",
            "HUGE, 10, 15, HUGE"})
    void workThatTakesHalfAsLongAgainAsItsSizeMayIsOfTheNextSize(WorkSize size, double thought, double most, WorkSize next) {
        assertThat(size.mostTaken(thought)).isCloseTo(most, within(1e-12));
        assertThat(size.next()).isEqualTo(next);
    }

    private static Booking due(double seconds, double due) {
        return Booking.at(NOW, seconds, NOW + (long) (due * SECOND), 0);
    }

    /** Work of 2 s may take 2.8 s, and what goes before it takes longer as well. */
    @ParameterizedTest
    @CsvSource({"10, 0, 2, 7.2", "10, 3, 2, 3", "10, 0, 0.5, 8.7", "4, 0, 2, 1.2"})
    void whatIsToSpareIsTheTimeWithoutTheWork(double due, double before, double left, double room) {
        assertThat(due(2, due).room(NOW, before, left)).isCloseTo(room, within(1e-9));
    }

    /** As time goes by there is less to spare, and never less reserved. */
    @Test
    void whatIsReservedStaysSoUntilTheWorkIsDone() {
        Booking booking = due(5, 10);
        assertThat(booking.room(NOW, 0, 5)).isCloseTo(3, within(1e-9));
        assertThat(booking.room(NOW + 5 * SECOND, 0, 0.5)).isCloseTo(2.5, within(1e-9));
        assertThat(booking.room(NOW + 9 * SECOND, 0, 0.5)).isCloseTo(-1.5, within(1e-9));
    }

    /** Work that takes most of the time that it has may begin where nothing else does. */
    @ParameterizedTest
    @CsvSource({"5, 2", "6, 2.4", "7, 2.1", "8, 1.4", "8.6, 1.29", "9, 1.35"})
    void largeWorkHasLessOfAReserve(double seconds, double reserve) {
        assertThat(due(seconds, 10).reserve()).isCloseTo(reserve, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"5, true", "2.4, true", "2.2, false", "-1, false"})
    void workIsPossibleThatWouldBeDoneIfItBeganNow(double due, boolean isPossible) {
        assertThat(due(2, due).isPossible(NOW)).isEqualTo(isPossible);
    }

    /** A client that was told too little would come in vain. */
    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1000, 1", "1001, 2", "1999, 2", "59001, 60"})
    void secondsToWaitAreRoundedUp(long millis, long seconds) {
        OverloadedException refusal = new OverloadedException(Resource.TRAININGS, "two are at work", Duration.ofMillis(millis));
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(refusal).hasMessage("two are at work; try again in " + seconds + " s");
        assertThat(refusal.resource()).isEqualTo(Resource.TRAININGS);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 requests wait", "1, 1 request waits", "7, 7 requests wait"})
    void aRefusalSaysHowManyWait(int waiting, String text) {
        assertThat(OverloadedException.queued(waiting, Duration.ofSeconds(3)))
                .hasMessage("all cores are at work, and " + text + " for one; try again in 3 s");
        OverloadedException ofMemory = OverloadedException.ofMemory(waiting, Duration.ofSeconds(3));
        assertThat(ofMemory).hasMessage("the requests at work leave no memory for this one, and " + text + " for some; try again in 3 s");
        assertThat(ofMemory.resource()).isEqualTo(Resource.MEMORY);
    }

    @Test
    void theConnectionIsLookedAtEvery200Milliseconds() {
        AtomicInteger looks = new AtomicInteger();
        AtomicBoolean isGone = new AtomicBoolean();
        ClientLook look = new ClientLook(() -> {
            looks.incrementAndGet();
            return isGone.get();
        }, NOW);
        long millisecond = SECOND / 1000;
        assertThat(look.next()).isEqualTo(NOW + 200 * millisecond);
        look.check(NOW + 199 * millisecond);
        assertThat(looks).hasValue(0);
        look.check(NOW + 201 * millisecond);
        assertThat(looks).hasValue(1);
        assertThat(look.next()).isEqualTo(NOW + 401 * millisecond);
        isGone.set(true);
        assertThatCode(() -> look.check(NOW + 300 * millisecond)).as("not looked at").doesNotThrowAnyException();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> look.check(NOW + 402 * millisecond))
                .withMessage("the client has gone");
    }
}
